"""`[calendars.NAME]` → compiled business time. A calendar may build on another."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from pydantic import ValidationError

from bot.configuration.problems import Found, Problem, shown
from bot.configuration.source import Source
from bot.settings import CalendarSettings
from sla_rules.calendar import ALWAYS, BusinessCalendar, Calendar
from sla_rules.hours import WEEKDAYS, OpeningHours, read_hours, read_span
from sla_rules.refusals import did_you_mean

_TAKEN: Final = "always"
_BASE: Final = "based_on"
_ZONE: Final = "timezone"
_ADDED: Final = ("closures", "hours")
_HOLIDAYS: Final = "holidays"

Tables = Mapping[str, Mapping[str, Any]]


def check_calendars(source: Source, problems: Found) -> None:
    """What `CalendarSettings` cannot see: names that are taken, bases that are not there."""
    tables = written(source)
    for name, table in tables.items():
        problems.extend(_wrong_base(name, table, tables))
        if name == _TAKEN:
            problems.append(_problem(name, (), "the name is taken.", "Choose another name."))
        elif _BASE not in table and _ZONE not in table:
            remedy = 'Write a zone such as "Europe/Rome", or based_on.'
            problems.append(_problem(name, (_ZONE,), "is missing.", remedy))


def written(source: Source) -> Tables:
    """The calendars of the file by name, as they are written."""
    return {str(place[1]): table for place, table in source.tables("calendars")}


def resolved(tables: Tables) -> dict[str, dict[str, Any]]:
    """Every calendar with all that it takes over from the one it builds on.

    One whose base is missing, or leads back to it, keeps what it says itself.
    """
    return {name: _merged(_chain(name, tables), tables) for name in tables}


def compile_written(source: Source, problems: Found) -> dict[str, Calendar]:
    """Every calendar of the file that can be compiled, and `always`.

    What a calendar as a whole cannot be becomes a problem; what is wrong with a key of it is told
    where the key is checked.
    """
    usable: dict[str, CalendarSettings] = {}
    tables = written(source)
    for name, table in resolved(tables).items():
        if any(_wrong_base(link, tables[link], tables) for link in _chain(name, tables)):
            continue
        try:
            usable[name] = CalendarSettings.model_validate(table)
        except ValidationError:
            continue
    return compile_all(usable, problems)


def compile_all(tables: Mapping[str, CalendarSettings], problems: Found) -> dict[str, Calendar]:
    """Every calendar that is open in some week, and `always`. The others become problems."""
    compiled: dict[str, Calendar] = {_TAKEN: ALWAYS}
    for name, table in tables.items():
        if any(getattr(table, day) for day in WEEKDAYS):
            compiled[name] = compiled_calendar(table)
        else:
            # Dates of their own end; a clock that runs on after them would never be due.
            remedy = 'Give at least one weekday hours, such as mon = ["09:00-18:00"].'
            problems.append(_problem(name, (), "is closed all week.", remedy))
    return {**compiled, _TAKEN: ALWAYS}


def weekly(source: Source) -> dict[str, timedelta]:
    """How long each calendar is open in a week without closed days; those that can be told."""
    found: dict[str, timedelta] = {}
    for name, table in resolved(written(source)).items():
        try:
            settings = CalendarSettings.model_validate(table)
        except ValidationError:
            continue
        if any(getattr(settings, day) for day in WEEKDAYS):
            week = opening_hours(settings).week
            minutes = sum(closes - opens for day in week for opens, closes in day)
            found[name] = timedelta(minutes=minutes)
    return found


def compiled_calendar(table: CalendarSettings) -> BusinessCalendar:
    """The business time of a calendar that is open on some weekday."""
    return BusinessCalendar(
        table.timezone,
        {day: _spans(getattr(table, day)) for day in WEEKDAYS},
        table.holidays,
        {day: _spans(spans) for day, spans in table.closures.items()},
        hours={day: _spans(spans) for day, spans in table.hours.items()},
    )


def opening_hours(table: CalendarSettings) -> OpeningHours:
    """The hours of each local date of a calendar that `compile_all` accepts."""
    return read_hours(
        {day: _spans(getattr(table, day)) for day in WEEKDAYS},
        table.holidays,
        {day: _spans(spans) for day, spans in table.closures.items()},
        {day: _spans(spans) for day, spans in table.hours.items()},
    )


def _spans(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [read_span(text).texts for text in texts]


def _chain(name: str, tables: Tables) -> list[str]:
    """The calendar, the one it builds on, and so on; each once."""
    links = [name]
    while True:
        base = tables[links[-1]].get(_BASE)
        if not isinstance(base, str) or base not in tables or base in links:
            return links
        links.append(base)


def _wrong_base(name: str, table: Mapping[str, Any], tables: Tables) -> list[Problem]:
    base = table.get(_BASE)
    if not isinstance(base, str):
        return []
    if base not in tables:
        near = did_you_mean(base, tables) or f"Add a [calendars.{base}] table."
        wrong = f"{shown(_BASE, base)} is no calendar of this file."
        return [_problem(name, (_BASE,), wrong, near)]
    links = _chain(name, tables)
    if tables[links[-1]].get(_BASE) != name:
        return []
    circle = " → ".join((*links, name))
    wrong = f"{shown(_BASE, base)} leads back to it: {circle}."
    return [_problem(name, (_BASE,), wrong, "Take based_on out of one of them.")]


def _merged(chain: Sequence[str], tables: Tables) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in reversed(chain):
        own = {key: value for key, value in tables[name].items() if key != _BASE}
        for key in _ADDED:
            if isinstance(own.get(key), dict) and isinstance(found.get(key), dict):
                own[key] = {**found[key], **own[key]}
        if isinstance(own.get(_HOLIDAYS), list) and isinstance(found.get(_HOLIDAYS), list):
            own[_HOLIDAYS] = list(dict.fromkeys(_plain((*found[_HOLIDAYS], *own[_HOLIDAYS]))))
        found |= own
    return found


def _plain(days: Sequence[Any]) -> Iterator[Any]:
    for day in days:
        yield day if isinstance(day, date) else str(day)


def _problem(name: str, key: tuple[str, ...], wrong: str, remedy: str) -> Problem:
    where = " → ".join((f'calendars "{name}"', *key))
    return Problem(where=where, wrong=wrong, remedy=remedy, place=("calendars", name, *key))
