"""Whole closed days from an iCalendar file. What cannot be read for sure is refused, by line.

A repetition other than "every year on this date" is refused rather than guessed: an import that
is wrong by a day closes a desk on the wrong one.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from bot.calendars.days_off import DayOff, ImportRefused, Source
from bot.calendars.ics_lines import Event, Property, read_events
from bot.errors import SettingsError

LONGEST_EVENT: Final = timedelta(days=92)
"""No shop imports a longer holiday; a wrong year in DTEND would close it for good."""

_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{6})(Z?))?", re.ASCII)
_DURATION: Final = re.compile(r"P(?:(\d{1,3})W|(\d{1,3})D)", re.ASCII)
_ONE_DAY: Final = timedelta(days=1)
_MIDNIGHT: Final = "000000"


def days_of(content: bytes, title: str, years: range) -> Source:
    """The closed days of `years` in the iCalendar file `content`; `title` is its name.

    Events that do not last whole days are suggestions.

    Raises:
        ImportRefused: no iCalendar file, or too large a one.
        SettingsError: with a sentence for each event that cannot be taken.
    """
    days: list[DayOff] = []
    suggestions: list[DayOff] = []
    problems: list[str] = []
    try:
        for event in read_events(content):
            if _cancelled(event):
                continue
            try:
                found = list(_days(event, years))
            except ValueError as exc:
                problems.append(f"{title}:{event.line}: {event.summary}: {exc}")
            else:
                (days if _is_whole(event) else suggestions).extend(found)
    except ImportRefused as exc:
        raise ImportRefused(f"{title}: {exc}") from None
    if problems:
        raise SettingsError(problems)
    return Source(title=title, years=years, days=days, suggestions=suggestions)


def _cancelled(event: Event) -> bool:
    status = event.first("STATUS")
    return status is not None and status.value.strip().upper() == "CANCELLED"


def _days(event: Event, years: range) -> Iterator[DayOff]:
    for name in ("RDATE", "RECURRENCE-ID", "EXRULE"):
        if event.first(name):
            raise ValueError(f"{name} is not read; write its dates as events of their own.")
    start = _start(event)
    length = _length(event, start) if _is_whole(event) else _ONE_DAY
    left_out = set(_excluded(event))
    for first in _occurrences(event, start, years, length):
        if first in left_out or first.year >= years.stop:
            continue
        for offset in range(length.days):
            day = first + timedelta(days=offset)
            if day.year in years:
                yield DayOff(day=day, name=event.summary)


def _start(event: Event) -> date:
    found = event.first("DTSTART")
    if found is None:
        raise ValueError("DTSTART is missing.")
    return _date(found)


def _date(given: Property) -> date:
    return _day_of(given.name, given.value)


def _day_of(name: str, text: str) -> date:
    found = _DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{name} is no date such as 20261225.")
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise ValueError(f"{name} {text.strip()} is no day of the calendar.") from None


def _is_whole(event: Event) -> bool:
    """A date, or from one local midnight to another; a midnight in UTC is no day of a shop's."""
    start, end = event.first("DTSTART"), event.first("DTEND")
    times = [_time(each) for each in (start, end) if each is not None]
    if not any(times):
        return True
    zones = {each.parameters.get("TZID") for each in (start, end) if each is not None}
    return times == [_MIDNIGHT, _MIDNIGHT] and len(zones) == 1


def _time(given: Property) -> str | None:
    """Nothing for a date; else the time of day as written, with its Z."""
    found = _DATE.fullmatch(given.value.strip())
    return f"{found[4]}{found[5]}" if found and found[4] else None


def _length(event: Event, start: date) -> timedelta:
    end, duration = event.first("DTEND"), event.first("DURATION")
    length = _ONE_DAY
    if end is not None:
        # The end is exclusive; some programs write the same date twice for a single day.
        length = max(_date(end) - start, _ONE_DAY if _date(end) == start else timedelta(0))
    elif duration is not None:
        found = _DURATION.fullmatch(duration.value.strip())
        if found is None:
            raise ValueError("DURATION is read in whole days or weeks only, such as P1D.")
        length = timedelta(weeks=int(found[1] or 0), days=int(found[2] or 0))
    if not timedelta(0) < length <= LONGEST_EVENT:
        raise ValueError(f"it lasts {length.days} days; at most {LONGEST_EVENT.days} are taken.")
    return length


def _excluded(event: Event) -> Iterator[date]:
    for given in event.properties.get("EXDATE", ()):
        for text in given.value.split(","):
            yield _day_of("EXDATE", text)


def _occurrences(event: Event, start: date, years: range, length: timedelta) -> Iterable[date]:
    rule = event.first("RRULE")
    if rule is None:
        return (start,)
    last, count = _yearly(rule, start)
    # One year more on the left: what begins in December may last into January.
    reach = range(max(start.year, (years.start - (1 if length > _ONE_DAY else 0))), years.stop)
    found = [start.replace(year=year) for year in reach if _exists(start, year)]
    if count is not None:
        every = [year for year in range(start.year, years.stop) if _exists(start, year)][:count]
        found = [day for day in found if day.year in every]
    return [day for day in found if last is None or day <= last]


def _exists(start: date, year: int) -> bool:
    """A 29 February comes in leap years only (RFC 5545, section 3.3.10)."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return leap or (start.month, start.day) != (2, 29)


def _yearly(rule: Property, start: date) -> tuple[date | None, int | None]:
    """Until when, and how often, of a rule that says no more than "every year on this date"."""
    parts = {
        key.strip().upper(): value.strip()
        for key, _, value in (part.partition("=") for part in rule.value.split(";") if part)
    }
    wanted = {
        "FREQ": "YEARLY",
        "INTERVAL": "1",
        "BYMONTH": str(start.month),
        "BYMONTHDAY": str(start.day),
    }
    for key, value in parts.items():
        plain = value.upper().lstrip("0") if key != "FREQ" else value.upper()
        if key not in {"UNTIL", "COUNT", "WKST"} and wanted.get(key) != plain:
            raise ValueError(
                f"RRULE {key}={value}: only a repetition every year on the same date is read; "
                "export the single dates instead."
            )
    if "FREQ" not in parts:
        raise ValueError("RRULE has no FREQ.")
    count = parts.get("COUNT")
    if count is not None and not (
        count.isascii() and count.isdigit() and len(count) < len("10000")
    ):
        raise ValueError("RRULE COUNT is no number.")
    until = parts.get("UNTIL")
    return (_day_of("UNTIL", until) if until else None), (int(count) if count else None)
