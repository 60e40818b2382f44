"""The walk from a start to a deadline through the days of a calendar, one line a day, in words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from sla_rules.calendar import BusinessCalendar, Pauses
from sla_rules.durations import in_words

_DAY: Final = timedelta(days=1)
_SHOWN_AT_BOTH_ENDS: Final = 6
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
Spans = Sequence[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the walk, and how much of the target it used."""

    text: str
    counted: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """From `start` to `end` through the open time of `calendar`, `target` long if not cut short."""

    calendar: BusinessCalendar
    start: datetime
    end: datetime
    target: timedelta
    pauses: Pauses = ()

    def days(self) -> Iterator[Line]:
        """One line a day that counted, one for each stretch of days that did not."""
        calendar = self.calendar
        day, last = calendar.local(self.start).date(), calendar.local(self.end).date()
        left = self.target
        closed: list[date] = []
        while day <= last:
            spans = calendar.open_spans(day)
            counted = without(within(spans, self.start, self.end), self.pauses)
            if counted or spans or calendar.is_holiday(day):
                yield from _closed_days(closed)
                closed = []
                length = total(counted)
                left -= length
                yield Line(self._open_day(day, spans, counted, left), length)
            else:
                closed.append(day)
            day += _DAY
        yield from _closed_days(closed)

    def _open_day(self, day: date, spans: Spans, counted: Spans, left: timedelta) -> str:
        """One day: the hours that counted, or why a day with hours of its own counted none."""
        name = date_words(day)
        if not spans:
            return f"{name}: closed, a holiday."
        if not counted:
            paused = bool(within(spans, self.start, self.end))
            why = "paused" if paused else "none of it between start and deadline"
            return f"{name}: open {_clocks(spans, day, self.calendar)}, {why}."
        rest = f"{in_words(left)} left" if left > timedelta(0) else "that is all of it"
        clocks = _clocks(counted, day, self.calendar)
        return f"{name}: {clocks} counts, {in_words(total(counted))}; {rest}."


def shortened(lines: Sequence[Line]) -> Iterator[str]:
    """The lines of a long walk: its first and last, and what those between counted."""
    hidden = lines[_SHOWN_AT_BOTH_ENDS:-_SHOWN_AT_BOTH_ENDS]
    if len(hidden) <= 1:
        yield from (line.text for line in lines)
        return
    yield from (line.text for line in lines[:_SHOWN_AT_BOTH_ENDS])
    counted = sum((line.counted for line in hidden), timedelta(0))
    yield f"… and so on: {in_words(counted)} counted in between …"
    yield from (line.text for line in lines[-_SHOWN_AT_BOTH_ENDS:])


def within(spans: Spans, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """The parts of the spans between two instants."""
    cut = [(max(opens, start), min(closes, end)) for opens, closes in spans]
    return [(opens, closes) for opens, closes in cut if opens < closes]


def without(spans: Spans, pauses: Pauses) -> list[tuple[datetime, datetime]]:
    """The parts of the spans that lie in none of the pauses."""
    left = list(spans)
    for paused, resumed in pauses:
        left = [
            piece
            for opens, closes in left
            for piece in ((opens, min(closes, paused)), (max(opens, resumed), closes))
            if piece[0] < piece[1]
        ]
    return left


def total(spans: Spans) -> timedelta:
    """How long they are together."""
    return sum((end - start for start, end in spans), timedelta(0))


def moment(at: datetime, calendar: BusinessCalendar | None) -> str:
    """An instant in the calendar's zone, in UTC without one."""
    local = calendar.local(at) if calendar else at.astimezone(UTC)
    seconds = f":{local:%S}" if local.second else ""
    day = f"{date_words(local.date())} {local.year}"
    return f"{day} at {local:%H:%M}{seconds} {local.tzname()}"


def date_words(day: date) -> str:
    """`Friday 20 November`."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"


def _closed_days(days: Sequence[date]) -> Iterator[Line]:
    if len(days) == 1:
        yield Line(f"{date_words(days[0])}: closed.")
    elif days:
        yield Line(f"{date_words(days[0])} to {date_words(days[-1])}: closed.")


def _clocks(spans: Spans, day: date, calendar: BusinessCalendar) -> str:
    shown = []
    for opens, closes in spans:
        until = calendar.local(closes)
        ends = f"{_clock(until)}" if until.date() == day else "24:00"
        shown.append(f"{_clock(calendar.local(opens))} to {ends}")
    return " and ".join(shown)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
