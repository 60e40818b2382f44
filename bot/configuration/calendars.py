"""`[calendars.NAME]` → compiled business time."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from bot.configuration.problems import Problem, shown
from bot.settings import CalendarSettings
from sla_rules.calendar import ALWAYS, BusinessCalendar, Calendar, CalendarError
from sla_rules.hours import OpeningHours, read_hours

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_RANGE: Final = re.compile(r"^\s*(\d{1,2}:\d{2})\s*-\s*(\d{1,2}:\d{2})\s*$")
_REMEDY: Final = 'Write opening hours such as ["09:00-13:00", "14:00-18:00"].'
_TAKEN: Final = "always"

Hours = list[tuple[str, str]]


def compile_all(
    tables: Mapping[str, CalendarSettings], problems: list[Problem]
) -> dict[str, Calendar]:
    """Every calendar that can be compiled, and `always`. The others become problems."""
    compiled: dict[str, Calendar] = {_TAKEN: ALWAYS}
    for name, table in tables.items():
        where = f'calendars "{name}"'
        if name == _TAKEN:
            problems.append(
                Problem(where=where, wrong="the name is taken.", remedy="Choose another name.")
            )
            continue
        calendar = _compile(where, table, problems)
        if calendar is not None:
            compiled[name] = calendar
    return compiled


def opening_hours(table: CalendarSettings) -> OpeningHours:
    """The hours of each local date of a calendar that `compile_all` accepts."""
    return read_hours(
        {day: _hours(day, getattr(table, day), []) for day in DAYS},
        table.holidays,
        _by_date("closures", table.closures, []),
        _by_date("hours", table.hours, []),
    )


def _compile(where: str, table: CalendarSettings, problems: list[Problem]) -> Calendar | None:
    before = len(problems)
    week = {day: _hours(f"{where} → {day}", getattr(table, day), problems) for day in DAYS}
    closures = _by_date(f"{where} → closures", table.closures, problems)
    hours = _by_date(f"{where} → hours", table.hours, problems)
    if len(problems) > before:
        return None
    try:
        return BusinessCalendar(table.timezone, week, table.holidays, closures, hours=hours)
    except CalendarError as exc:
        problems.append(Problem(where=where, wrong=f"{exc}.", remedy=""))
        return None


def _by_date(
    where: str, table: Mapping[date, tuple[str, ...]], problems: list[Problem]
) -> dict[date, Hours]:
    return {day: _hours(f"{where} → {day}", spans, problems) for day, spans in table.items()}


def _hours(where: str, spans: tuple[str, ...], problems: list[Problem]) -> Hours:
    found: Hours = []
    for span in spans:
        match = _RANGE.match(span)
        if match is None:
            problems.append(
                Problem(
                    where=where,
                    value=shown("hours", span),
                    wrong="is no span of hours.",
                    remedy=_REMEDY,
                )
            )
        else:
            found.append((match[1].zfill(5), match[2].zfill(5)))
    return found
