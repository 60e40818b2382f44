"""Why a deadline is when it is: the walk through the days, one plain sentence a line.

Times are shown in the zone of the calendar that was walked, plain hours in UTC.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sla_rules.calendar import BusinessCalendar, Calendar, Pauses
from sla_rules.clock_rule import ClockRule
from sla_rules.deadlines import PlannedDeadline
from sla_rules.durations import in_words
from sla_rules.vocabulary import ClockState, Metric, Scope
from sla_rules.walk import Walk, moment, shortened

_METRICS: Final = {
    Metric.FIRST_RESPONSE: "First response",
    Metric.NEXT_RESPONSE: "Next response",
    Metric.RESOLUTION: "Resolution",
    Metric.UPDATE: "Next update",
}
_SCOPES: Final = {
    Scope.MARKETPLACE: "marketplace limit",
    Scope.INTERNAL: "internal target",
    Scope.WINDOW: "answering window",
}
_STARTS: Final = {Metric.UPDATE: "when the last answer was given"}


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a deadline besides its row. A planned deadline brings all but `seen_at`.

    `rule` is the file and line of its policy, `seen_at` when the desk first saw the message.
    """

    clock: ClockRule | None = None
    rule: str | None = None
    pauses: Pauses = ()
    paused_at: datetime | None = None
    cause: str | None = None
    stated: bool = False
    seen_at: datetime | None = None


def known_of(planned: PlannedDeadline, seen_at: datetime | None = None) -> Known:
    """What a planned deadline tells besides its row."""
    return Known(
        clock=planned.clock,
        rule=planned.rule,
        pauses=planned.pauses,
        paused_at=planned.paused_at,
        cause=planned.cause,
        stated=planned.stated,
        seen_at=seen_at,
    )


def explain(
    deadline: Explained, calendar: Calendar, now: datetime, known: Known | None = None
) -> tuple[str, ...]:
    """The walk from start to due: what counted each day, what was skipped, and how it stands.

    A long walk shows its first and last days and sums up those between.

    Raises:
        CalendarError: for an instant without a zone.
    """
    return tuple(_Explanation(deadline, calendar, now, known or Known()).sentences())


@dataclass(frozen=True, slots=True)
class _Explanation:
    deadline: Explained
    calendar: Calendar
    now: datetime
    known: Known

    @property
    def business(self) -> BusinessCalendar | None:
        return self.calendar if isinstance(self.calendar, BusinessCalendar) else None

    @property
    def target(self) -> timedelta:
        return timedelta(seconds=self.deadline.target_seconds)

    def sentences(self) -> Iterator[str]:
        yield self._promise()
        yield from self._start()
        yield from self._walked()
        yield from self._pauses()
        yield from self._moved()
        yield f"Due {self._moment(self.deadline.due_at)}."
        yield self._standing()

    def _promise(self) -> str:
        deadline, rule = self.deadline, self.known.rule
        where = f" ({rule})" if rule else ""
        return (
            f"{_METRICS[deadline.metric]}, {_SCOPES[deadline.scope]}: {self._allowed()}, "
            f'by policy "{deadline.policy}"{where}.'
        )

    def _allowed(self) -> str:
        clock = self.known.clock
        if self.known.stated:
            return "by the time the platform named"
        if clock is not None and clock.business_days:
            days = clock.business_days
            return f"{days} business day{'' if days == 1 else 's'}"
        if clock is not None and clock.cutoff is not None:
            before, by = clock.cutoff.received_before, clock.cutoff.reply_by
            return f"received before {_time(before)}, answered by {_time(by)} of an open day"
        return f"{in_words(self.target)}{' of opening hours' if self.business else ''}"

    def _start(self) -> Iterator[str]:
        deadline = self.deadline
        why = _STARTS.get(deadline.metric, "when the customer wrote")
        yield f"The clock started {self._moment(deadline.started_at)}, {why}."
        seen_at = self.known.seen_at
        if seen_at is not None and seen_at > deadline.started_at:
            lag = in_words(seen_at - deadline.started_at)
            yield f"The desk saw it {lag} later, {self._moment(seen_at)}; that counts too."

    def _walked(self) -> Iterator[str]:
        if self.known.stated:
            return
        if self.business is None:
            yield "Every hour counts: nights, weekends and holidays too."
            return
        walk = Walk(
            calendar=self.business,
            start=self.deadline.started_at,
            end=self.deadline.due_at,
            target=self.target,
            pauses=self.known.pauses,
        )
        yield from shortened(list(walk.days()))

    def _pauses(self) -> Iterator[str]:
        for paused, resumed in self.known.pauses:
            if paused < self.deadline.due_at and resumed > self.deadline.started_at:
                yield f"Paused from {self._moment(paused)} to {self._moment(resumed)}."

    def _moved(self) -> Iterator[str]:
        deadline, known = self.deadline, self.known
        if known.cause is not None:
            yield f"{known.cause}."
        if known.stated or (known.clock is not None and known.clock.is_by_date):
            own_end = deadline.due_at
        else:
            own_end = self.calendar.deadline(deadline.started_at, self.target, known.pauses)
        if deadline.clamped is not None:
            yield (
                f"The deadline was {deadline.clamped}; "
                f"the target alone would end {self._moment(own_end)}."
            )
        elif own_end != deadline.due_at and known.cause is None:
            yield "Time in which the ticket was resolved did not count."

    def _standing(self) -> str:
        deadline, now, stopped = self.deadline, self.now, self.deadline.stopped_at
        if self.known.paused_at is not None:
            return self._standing_paused(self.known.paused_at)
        if stopped is None and now <= deadline.due_at:
            left = in_words(self.calendar.elapsed(now, deadline.due_at))
            return f"It is running: {left}{' of opening hours' if self.business else ''} left."
        if stopped is None:
            return f"It is running and was missed {in_words(now - deadline.due_at)} ago."
        at = self._moment(stopped)
        match deadline.state:
            case ClockState.LATE:
                return f"It stopped {at}, {in_words(stopped - deadline.due_at)} late."
            case ClockState.CANCELLED:
                return f"It ended {at}: the ticket was resolved without an answer."
            case _:
                before = in_words(deadline.due_at - stopped)
                return f"It was met {at}, {before} before the deadline."

    def _standing_paused(self, paused_at: datetime) -> str:
        left = in_words(self.calendar.elapsed(paused_at, self.deadline.due_at))
        return f"It is paused since {self._moment(paused_at)}, with {left} left."

    def _moment(self, at: datetime) -> str:
        return moment(at, self.business)


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
