"""Opening hours as people write them, turned into the open minutes of one local date.

Knows dates and wall clocks only: no zone, no instant. Minutes count from local midnight, 1440 is
the end of the date.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sla_rules.errors import CalendarError
from sla_rules.worded import worded

Span = tuple[int, int]
"""Minutes `[open, close)` of one local date."""

Written = Sequence[tuple[str, str]]
"""Spans as written: `[("09:00", "13:00"), ("14:00", "18:00")]`."""

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
END_OF_DAY: Final = 24 * 60
_ENDS: Final = 2

_CLOCK: Final = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """The open minutes of any local date, overnight shifts already cut at midnight.

    `week` has one entry a weekday, Monday first, with what the night before spills into it.
    `hours` replaces a date's weekly spans, `holidays` empties a date, `closures` are taken out.
    """

    week: tuple[tuple[Span, ...], ...]
    holidays: frozenset[date]
    closures: Mapping[date, tuple[Span, ...]]
    hours: Mapping[date, tuple[Span, ...]]

    def of(self, day: date) -> tuple[Span, ...]:
        """Open spans of `day`, in order and disjoint; empty when closed.

        A date's own hours come before a holiday, a holiday before the week; closures come last.
        """
        own = self.hours.get(day)
        if own is not None:
            spans = own
        elif day in self.holidays:
            return ()
        else:
            spans = self.week[day.weekday()]
        closed = self.closures.get(day)
        return without(spans, closed) if closed else spans


@dataclass(frozen=True, slots=True)
class ClockSpan:
    """One span as people write it: `"09:00-13:00"`. Minutes from midnight."""

    opens: int
    closes: int

    @property
    def over_midnight(self) -> bool:
        """Whether it ends on the next day; closing at `00:00` ends this one."""
        return 0 < self.closes <= self.opens

    @property
    def today(self) -> Span:
        """The part of it before midnight."""
        return self.opens, self.closes if self.closes > self.opens else END_OF_DAY

    @property
    def texts(self) -> tuple[str, str]:
        """As `read_hours` takes it."""
        return _written(self.opens), _written(self.closes)


def read_span(text: str) -> ClockSpan:
    """Read `"09:00-13:00"`; `"22:00-02:00"` ends on the next day, `"24:00"` ends this one.

    Raises:
        CalendarError: naming what is no time of day, and what to write instead.
    """
    parts = [part.strip() for part in text.split("-")]
    if len(parts) != _ENDS:
        raise CalendarError(
            worded('"{text}" is no span of hours. Write one such as "09:00-13:00"', text=text)
        )
    for part in parts:
        if _of_day(part) is None:
            raise CalendarError(
                worded(
                    '"{text}" is no time of day. Write one such as "09:00", or "24:00" for the end',
                    text=part,
                )
            )
    opens, closes = (_of_day(part) or 0 for part in parts)
    if opens == END_OF_DAY:
        raise CalendarError(worded('"24:00" opens nothing. Write "00:00" under the next day'))
    return ClockSpan(opens, closes)


def refuse_overlaps(texts: Sequence[str]) -> None:
    """Raise CalendarError when two spans of one day, as `read_span` reads them, share a minute."""
    spans = [(read_span(text).today, text) for text in texts]
    for at, ((opens, closes), text) in enumerate(spans):
        for (earlier_opens, earlier_closes), earlier in spans[:at]:
            if opens < earlier_closes and earlier_opens < closes:
                raise CalendarError(
                    f'"{text}" overlaps "{earlier}". Write spans of a day that share no minute'
                )


def read_hours(
    week: Mapping[str, Written],
    holidays: Collection[date],
    closures: Mapping[date, Written],
    hours: Mapping[date, Written],
) -> OpeningHours:
    """Check what was written and cut it at midnight.

    Raises:
        CalendarError: naming the day and the value, when a weekday or a time is none, a date is no
            date, a date's own hours run past its midnight, or nothing is ever open.
    """
    own = {_day(day): _own_hours(day, spans) for day, spans in hours.items()}
    compiled = OpeningHours(
        week=_week(week),
        holidays=frozenset(_day(day) for day in holidays),
        closures=_closures(closures),
        hours=own,
    )
    if not any(compiled.week) and not any(own.values()):
        raise CalendarError(
            "no opening hours in any week; give at least one weekday, "
            'such as mon = [("09:00", "18:00")]'
        )
    return compiled


def merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same minutes in order, with touching and overlapping spans made one."""
    found: list[Span] = []
    for opens, closes in sorted(spans):
        if found and opens <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], closes))
        else:
            found.append((opens, closes))
    return tuple(found)


def without(spans: Sequence[Span], closed: Sequence[Span]) -> tuple[Span, ...]:
    """The minutes of `spans` that are in none of `closed`."""
    left = list(spans)
    for start, end in closed:
        left = [
            piece
            for opens, closes in left
            for piece in ((opens, min(closes, start)), (max(opens, end), closes))
            if piece[0] < piece[1]
        ]
    return tuple(left)


def _week(week: Mapping[str, Written]) -> tuple[tuple[Span, ...], ...]:
    unknown = [key for key in week if key not in WEEKDAYS]
    if unknown:
        raise CalendarError(f'"{unknown[0]}" is no weekday; write one of {", ".join(WEEKDAYS)}')
    days: list[list[Span]] = [[] for _ in WEEKDAYS]
    for index, key in enumerate(WEEKDAYS):
        today, tomorrow = _cut(key, week.get(key, ()))
        days[index] += today
        days[(index + 1) % len(WEEKDAYS)] += tomorrow
    return tuple(merged(spans) for spans in days)


def _closures(closures: Mapping[date, Written]) -> dict[date, tuple[Span, ...]]:
    found: dict[date, list[Span]] = {}
    for key, spans in closures.items():
        day = _day(key)
        today, tomorrow = _cut(day.isoformat(), spans)
        found.setdefault(day, []).extend(today)
        if tomorrow:
            found.setdefault(date.fromordinal(day.toordinal() + 1), []).extend(tomorrow)
    return {day: merged(spans) for day, spans in found.items()}


def _own_hours(day: date, spans: Written) -> tuple[Span, ...]:
    today, tomorrow = _cut(day.isoformat(), spans)
    if tomorrow:
        raise CalendarError(
            f"{day}: the hours of one date end at its midnight; "
            'close at "24:00" and give the next date its own hours'
        )
    return merged(today)


def _cut(where: str, spans: Written) -> tuple[list[Span], list[Span]]:
    """Spans of a day, and what they spill into the next day."""
    today: list[Span] = []
    tomorrow: list[Span] = []
    for opens_text, closes_text in spans:
        opens, closes = _minute(where, opens_text), _minute(where, closes_text)
        if opens == END_OF_DAY:
            raise CalendarError(f'{where}: nothing opens at "24:00"; use "00:00" of the next day')
        if closes > opens:
            today.append((opens, closes))
            continue
        today.append((opens, END_OF_DAY))
        if closes:
            tomorrow.append((0, closes))
    return today, tomorrow


def _minute(where: str, text: str) -> int:
    minute = _of_day(text)
    if minute is None:
        raise CalendarError(f'{where}: {text!r} is no time of day; write "09:00", or "24:00"')
    return minute


def _of_day(text: str) -> int | None:
    found = _CLOCK.fullmatch(str(text))
    minute = int(found[1]) * 60 + int(found[2]) if found else END_OF_DAY + 1
    return minute if minute <= END_OF_DAY else None


def _written(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _day(day: date) -> date:
    if isinstance(day, datetime) or not isinstance(day, date):
        raise CalendarError(f"{day!r} is no date; write a plain date such as 2026-12-25")
    return day
