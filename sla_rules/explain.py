"""Why a deadline is when it is: the walk through the days, one plain sentence a line.

Times are shown in the zone of the calendar that was walked, plain hours in UTC.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from sla_rules.calendar import BusinessCalendar, Calendar
from sla_rules.durations import in_words
from sla_rules.vocabulary import ClockState, Metric, Scope

_DAY: Final = timedelta(days=1)
_SHOWN_AT_BOTH_ENDS: Final = 6
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_METRICS: Final = {
    Metric.FIRST_RESPONSE: "First response",
    Metric.NEXT_RESPONSE: "Next response",
    Metric.RESOLUTION: "Resolution",
}
_SCOPES: Final = {Scope.MARKETPLACE: "marketplace limit", Scope.INTERNAL: "internal target"}


class Explained(Protocol):
    """A deadline, planned or stored, as far as it takes to explain it."""

    @property
    def metric(self) -> Metric:
        """What is measured."""

    @property
    def scope(self) -> Scope:
        """Whose promise it is."""

    @property
    def started_at(self) -> datetime:
        """When the wait began."""

    @property
    def due_at(self) -> datetime:
        """When it has to end."""

    @property
    def target_seconds(self) -> int:
        """How long it may be."""

    @property
    def state(self) -> ClockState:
        """Where it stands."""

    @property
    def stopped_at(self) -> datetime | None:
        """When it ended."""

    @property
    def policy(self) -> str:
        """The rule's name."""

    @property
    def clamped(self) -> str | None:
        """Why it is due earlier than its target says."""


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    counted: timedelta = timedelta(0)


def explain(deadline: Explained, calendar: Calendar, now: datetime) -> tuple[str, ...]:
    """The walk from start to due: what counted each day, what was skipped, and how it stands.

    A long walk shows its first and last days and sums up those between.

    Raises:
        CalendarError: for an instant without a zone.
    """
    business = calendar if isinstance(calendar, BusinessCalendar) else None
    return tuple(_sentences(deadline, calendar, business, now))


def _sentences(
    deadline: Explained, calendar: Calendar, business: BusinessCalendar | None, now: datetime
) -> Iterator[str]:
    target = timedelta(seconds=deadline.target_seconds)
    hours = " of opening hours" if business else ""
    yield (
        f"{_METRICS[deadline.metric]}, {_SCOPES[deadline.scope]}: {in_words(target)}{hours}, "
        f'by policy "{deadline.policy}".'
    )
    yield f"The clock started {_moment(deadline.started_at, business)}, when the customer wrote."
    if business is None:
        yield "Every hour counts: nights, weekends and holidays too."
    else:
        yield from _shortened(list(_days(deadline, business)))
    own_end = calendar.deadline(deadline.started_at, target)
    if deadline.clamped is not None:
        yield (
            f"The deadline was {deadline.clamped}; "
            f"the target alone would end {_moment(own_end, business)}."
        )
    elif own_end != deadline.due_at:
        yield "Time in which the ticket was resolved did not count."
    yield f"Due {_moment(deadline.due_at, business)}."
    yield _standing(deadline, calendar, business, now)


def _days(deadline: Explained, calendar: BusinessCalendar) -> Iterator[_Line]:
    """One line a day that counted, one for each stretch of days that did not."""
    day = calendar.local(deadline.started_at).date()
    last = calendar.local(deadline.due_at).date()
    left = timedelta(seconds=deadline.target_seconds)
    closed: list[date] = []
    while day <= last:
        spans = calendar.open_spans(day)
        counted = _within(spans, deadline.started_at, deadline.due_at)
        if counted or spans or calendar.is_holiday(day):
            yield from _closed_days(closed)
            closed = []
            length = sum((end - start for start, end in counted), timedelta(0))
            left -= length
            yield _Line(_open_day(day, spans, counted, left, calendar), length)
        else:
            closed.append(day)
        day += _DAY
    yield from _closed_days(closed)


def _open_day(
    day: date,
    spans: Sequence[tuple[datetime, datetime]],
    counted: Sequence[tuple[datetime, datetime]],
    left: timedelta,
    calendar: BusinessCalendar,
) -> str:
    """One day: the hours that counted, or why a day with hours of its own counted none."""
    name = _date(day)
    if not spans:
        return f"{name}: closed, a holiday."
    if not counted:
        hours = _clocks(spans, day, calendar)
        return f"{name}: open {hours}, none of it between start and deadline."
    length = sum((end - start for start, end in counted), timedelta(0))
    rest = f"{in_words(left)} left" if left > timedelta(0) else "that is all of it"
    return f"{name}: {_clocks(counted, day, calendar)} counts, {in_words(length)}; {rest}."


def _closed_days(days: Sequence[date]) -> Iterator[_Line]:
    if len(days) == 1:
        yield _Line(f"{_date(days[0])}: closed.")
    elif days:
        yield _Line(f"{_date(days[0])} to {_date(days[-1])}: closed.")


def _shortened(lines: Sequence[_Line]) -> Iterator[str]:
    hidden = lines[_SHOWN_AT_BOTH_ENDS:-_SHOWN_AT_BOTH_ENDS]
    if len(hidden) <= 1:
        yield from (line.text for line in lines)
        return
    yield from (line.text for line in lines[:_SHOWN_AT_BOTH_ENDS])
    counted = sum((line.counted for line in hidden), timedelta(0))
    yield f"… and so on: {in_words(counted)} counted in between …"
    yield from (line.text for line in lines[-_SHOWN_AT_BOTH_ENDS:])


def _standing(
    deadline: Explained, calendar: Calendar, business: BusinessCalendar | None, now: datetime
) -> str:
    stopped = deadline.stopped_at
    if stopped is None and now <= deadline.due_at:
        left = in_words(calendar.elapsed(now, deadline.due_at))
        return f"It is running: {left}{' of opening hours' if business else ''} left."
    if stopped is None:
        return f"It is running and was missed {in_words(now - deadline.due_at)} ago."
    at = _moment(stopped, business)
    match deadline.state:
        case ClockState.LATE:
            return f"It stopped {at}, {in_words(stopped - deadline.due_at)} late."
        case ClockState.CANCELLED:
            return f"It ended {at}: the ticket was resolved without an answer."
        case _:
            return f"It was met {at}, {in_words(deadline.due_at - stopped)} before the deadline."


def _within(
    spans: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime
) -> list[tuple[datetime, datetime]]:
    cut = [(max(opens, start), min(closes, end)) for opens, closes in spans]
    return [(opens, closes) for opens, closes in cut if opens < closes]


def _clocks(
    spans: Sequence[tuple[datetime, datetime]], day: date, calendar: BusinessCalendar
) -> str:
    shown = []
    for opens, closes in spans:
        until = calendar.local(closes)
        ends = f"{until:%H:%M}" if until.date() == day else "24:00"
        shown.append(f"{calendar.local(opens):%H:%M} to {ends}")
    return " and ".join(shown)


def _moment(at: datetime, calendar: BusinessCalendar | None) -> str:
    local = calendar.local(at) if calendar else at.astimezone(UTC)
    seconds = f":{local:%S}" if local.second else ""
    return f"{_date(local.date())} {local.year} at {local:%H:%M}{seconds} {local.tzname()}"


def _date(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}"
