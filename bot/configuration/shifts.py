"""`[shifts.NAME]`: who works when, against the calendars and inboxes there are."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from bot.configuration.problems import Found, Problem, from_validation, refuse
from bot.configuration.source import read_source
from bot.settings import AgentSettings, Settings, ShiftSettings
from sla_rules.calendar import Calendar
from sla_rules.refusals import did_you_mean
from sla_rules.staffing import Shift


def check_shifts(
    tables: Mapping[str, ShiftSettings],
    calendars: Collection[str],
    inboxes: Collection[str],
    problems: Found,
) -> None:
    """Names in shifts lead somewhere, and each shift has people."""
    for name, table in tables.items():
        problems.extend(_wrong(name, table, calendars, inboxes))


def check_shift_names(
    agents: Sequence[AgentSettings], shifts: Collection[str], problems: Found
) -> None:
    """The shifts that people name are there."""
    for at, agent in enumerate(agents):
        for index, name in enumerate(agent.shifts):
            if name not in shifts:
                known = sorted(shifts)
                remedy = did_you_mean(name, known) or f"Add a [shifts.{name}] table."
                problems.append(
                    Problem(
                        where=f'agents "{agent.name}" → shifts',
                        value=f'"{name}"',
                        wrong="is no shift of this file.",
                        remedy=remedy,
                        place=("agents", at, "shifts", index),
                    )
                )


def joined_shifts(settings: Settings) -> dict[str, ShiftSettings]:
    """The shifts, each with the people who name it in their own table."""
    return {
        name: table.model_copy(
            update={
                "agents": tuple(
                    dict.fromkeys(
                        (
                            *table.agents,
                            *(one.slack for one in settings.agents if name in one.shifts),
                        )
                    )
                )
            }
        )
        for name, table in settings.shifts.items()
    }


def shifts_of(
    tables: Mapping[str, ShiftSettings], calendars: Mapping[str, Calendar]
) -> Sequence[Shift]:
    """The shifts of tables that `check_shifts` has nothing against."""
    return [
        Shift(
            name=name,
            calendar=calendars[table.calendar],
            people=table.heads,
            inboxes=frozenset(table.inboxes),
        )
        for name, table in tables.items()
    ]


def load_shifts(
    file: Path, calendars: Mapping[str, Calendar], inboxes: Collection[str]
) -> Sequence[Shift]:
    """The shifts of a file, whatever else is in it. `calendars` are all that they may name.

    Raises:
        SettingsError: naming file and line, also where there are none.
    """
    source = read_source(file)
    table = {"shifts": source.table.get("shifts", {})}
    problems: Found = []
    found: Mapping[str, ShiftSettings] = {}
    try:
        found = Settings.model_validate(table).shifts
    except ValidationError as exc:
        problems.extend(from_validation(exc, Settings, table))
    if not found and not problems:
        remedy = "Write [shifts.NAME] tables."
        problems.append(
            Problem(where="shifts", wrong="is missing.", remedy=remedy, place=("shifts",))
        )
    check_shifts(found, calendars, inboxes, problems)
    refuse(problems, source)
    return shifts_of(found, calendars)


def _wrong(
    name: str, table: ShiftSettings, calendars: Collection[str], inboxes: Collection[str]
) -> Iterator[Problem]:
    where = f'shifts "{name}"'
    if bool(table.agents) is (table.people is not None):
        yield Problem(
            where=where,
            wrong="does not say how many people work it, or says it twice.",
            remedy='Write people = 3, or agents = ["anna@shop.example"], '
            "or name the shift in the tables of people.",
            place=("shifts", name),
        )
    if table.user_group is not None and not table.agents:
        yield Problem(
            where=f"{where} → user_group",
            value=f'"{table.user_group}"',
            wrong="cannot be kept equal to a shift that does not say who works it.",
            remedy='Write agents = ["anna@shop.example"], or take user_group away.',
            place=("shifts", name, "user_group"),
        )
    if table.calendar not in calendars:
        known = sorted(calendars)
        yield Problem(
            where=f"{where} → calendar",
            value=f'"{table.calendar}"',
            wrong="is no calendar of this file.",
            remedy=did_you_mean(table.calendar, known) or f"Known: {', '.join(known)}.",
            place=("shifts", name, "calendar"),
        )
    for inbox in table.inboxes:
        if inbox not in inboxes:
            yield Problem(
                where=f"{where} → inboxes",
                value=f'"{inbox}"',
                wrong="is no inbox of this file.",
                remedy=did_you_mean(inbox, sorted(inboxes))
                or f"Known: {', '.join(sorted(inboxes)) or 'none'}.",
                place=("shifts", name, "inboxes"),
            )
