"""From a start to a deadline, stretch by stretch: what counted, what was closed, what was paused.

The stretches touch: together they are the whole time between the two, so that whoever adds up
what counted gets the target, and whoever follows them arrives at the deadline.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from itertools import pairwise
from typing import Final

from sla_rules.calendar import BusinessCalendar, Calendar, Pauses

_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(microseconds=1)
_Span = tuple[datetime, datetime]


class Passing(Enum):
    """How time passes for a clock."""

    COUNTED = auto()
    PAUSED = auto()
    CLOSED = auto()
    OVERNIGHT = auto()
    HOLIDAY = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Time of one kind. `days` are the dates of a holiday or of whole closed days."""

    passing: Passing
    start: datetime
    end: datetime
    days: tuple[date, ...] = ()

    @property
    def counted(self) -> timedelta:
        """How much of the target it used."""
        return self.end - self.start if self.passing is Passing.COUNTED else timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDay:
    """A date on the way of a clock that counts dates. `holiday` is one that is closed for it."""

    day: date
    is_open: bool
    holiday: bool


def stretches(
    calendar: Calendar, start: datetime, end: datetime, pauses: Pauses = ()
) -> tuple[Stretch, ...]:
    """The way from `start` to `end`; where it is both closed and paused, it is paused."""
    opens = _open_time(calendar, start, end)
    holds = _merged(_within(pauses, start, end))
    edges = sorted({start, end, *(at for span in (*opens, *holds) for at in span)})
    found: list[Stretch] = []
    for begins, ends in pairwise(edges):
        if _inside(holds, begins):
            passing = Passing.PAUSED
        else:
            passing = Passing.COUNTED if _inside(opens, begins) else Passing.CLOSED
        if found and found[-1].passing is passing:
            begins = found.pop().start  # noqa: PLW2901 - it grows by this piece
        found.append(Stretch(passing=passing, start=begins, end=ends))
    return tuple(_named(each, calendar) for each in found)


def days_between(calendar: BusinessCalendar, first: date, last: date) -> Iterator[OpenDay]:
    """The dates from `first` to `last`, both included."""
    day = first
    while day <= last:
        yield OpenDay(
            day=day,
            is_open=bool(calendar.open_spans(day)),
            holiday=calendar.is_holiday(day),
        )
        day += _DAY


def last_date(calendar: BusinessCalendar, end: datetime) -> date:
    """The local date that ends with `end`, where `end` may be its midnight."""
    return calendar.local(end - _MOMENT).date()


def _open_time(calendar: Calendar, start: datetime, end: datetime) -> list[_Span]:
    if not isinstance(calendar, BusinessCalendar):
        return [(start, end)] if start < end else []
    first, last = calendar.local(start).date(), calendar.local(end).date()
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return _merged(_within([span for day in days for span in calendar.open_spans(day)], start, end))


def _within(spans: Sequence[_Span], start: datetime, end: datetime) -> list[_Span]:
    cut = [(max(begins, start), min(ends, end)) for begins, ends in spans]
    return [(begins, ends) for begins, ends in cut if begins < ends]


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    found: list[_Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _inside(spans: Sequence[_Span], at: datetime) -> bool:
    index = bisect_right(spans, at, key=lambda span: span[0]) - 1
    return index >= 0 and at < spans[index][1]


def _named(stretch: Stretch, calendar: Calendar) -> Stretch:
    """Why a closed stretch is closed: a holiday, a night, or simply no hours."""
    if stretch.passing is not Passing.CLOSED or not isinstance(calendar, BusinessCalendar):
        return stretch
    first, last = calendar.local(stretch.start).date(), last_date(calendar, stretch.end)
    days = list(days_between(calendar, first, last))
    if holidays := tuple(each.day for each in days if each.holiday):
        return _closed(stretch, Passing.HOLIDAY, holidays)
    if closed := tuple(each.day for each in days if not each.is_open):
        return _closed(stretch, Passing.CLOSED, closed)
    return _closed(stretch, Passing.OVERNIGHT) if _is_night(stretch, calendar) else stretch


def _closed(stretch: Stretch, passing: Passing, days: tuple[date, ...] = ()) -> Stretch:
    return Stretch(passing=passing, start=stretch.start, end=stretch.end, days=days)


def _is_night(stretch: Stretch, calendar: BusinessCalendar) -> bool:
    """Whether it lies between the hours of two days, not between two spans of one."""
    last = calendar.open_spans(calendar.local(stretch.start).date())[-1][1]
    first = calendar.open_spans(last_date(calendar, stretch.end))[0][0]
    return stretch.start >= last or stretch.end <= first
