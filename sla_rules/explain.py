"""Why a deadline is when it is: a short table of the way there, a row a step.

A row names its instants as instants, so that whoever shows it does so in the reader's own zone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import reduce
from typing import Final
from zoneinfo import ZoneInfo

from sla_rules.calendar import BusinessCalendar, Calendar
from sla_rules.clock_rule import ClockRule, Cutoff
from sla_rules.due import POLICY_CHANGE
from sla_rules.explain_text import lines
from sla_rules.explanation import Explained, Explanation, Known, Row, known_of
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
from sla_rules.walk import Passing, Stretch, days_between, last_date, stretches
from sla_rules.worded import Value, Worded, alone, worded, worded_as

_METRICS: Final = {
    Metric.FIRST_RESPONSE: worded("First response"),
    Metric.NEXT_RESPONSE: worded("Next response"),
    Metric.RESOLUTION: worded("Resolution"),
    Metric.UPDATE: worded("Next update"),
}
SCOPES: Final = {
    Scope.MARKETPLACE: worded("marketplace limit"),
    Scope.INTERNAL: worded("our target"),
    Scope.WINDOW: worded("answering window"),
}
WAITS: Final = {
    Waiting.CUSTOMER: worded("waiting for the customer"),
    Waiting.THIRD_PARTY: worded("waiting for a third party"),
}
_PASSING: Final = {
    Passing.COUNTED: worded_as("a step of a clock", "counted"),
    Passing.PAUSED: worded_as("a step of a clock", "paused"),
    Passing.CLOSED: worded_as("a step of a clock", "closed"),
    Passing.OVERNIGHT: worded_as("a step of a clock", "closed overnight"),
    Passing.HOLIDAY: worded_as("a step of a clock", "holiday"),
}
_SHOWN_AT_BOTH_ENDS: Final = 5
_NOTHING: Final = timedelta(0)

__all__ = [
    "SCOPES",
    "WAITS",
    "Explained",
    "Explanation",
    "Known",
    "Row",
    "explain",
    "explained",
    "known_of",
    "lines",
]


def explained(
    deadline: Explained, calendar: Calendar, now: datetime, known: Known | None = None
) -> Explanation:
    """The way from start to due: what counted, what was skipped and why, and how it stands.

    A long way shows its first and last stretches and sums up those between.

    Raises:
        CalendarError: for an instant without a zone.
    """
    way = _Way(deadline, calendar, now, known or Known())
    return Explanation(promise=way.promise(), rows=tuple(way.rows()))


def explain(
    deadline: Explained,
    calendar: Calendar,
    now: datetime,
    known: Known | None = None,
    *,
    zone: tzinfo | None = None,
) -> tuple[str, ...]:
    """`explained` as lines of text, times in `zone`: by default the calendar's, for plain hours UTC.

    Raises:
        CalendarError: for an instant without a zone.
    """
    own = ZoneInfo(calendar.tz) if isinstance(calendar, BusinessCalendar) else UTC
    return tuple(lines(explained(deadline, calendar, now, known), zone or own))


@dataclass(frozen=True, slots=True)
class _Way:
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

    @property
    def by_date(self) -> bool:
        clock = self.known.clock
        return clock is not None and clock.is_by_date and self.business is not None

    @property
    def own_end(self) -> datetime:
        """Where the target alone ends, before anything moved it."""
        if self.known.stated or self.by_date:
            return self.deadline.due_at
        return self.calendar.deadline(self.deadline.started_at, self.target, self.known.pauses)

    def promise(self) -> str:
        deadline = self.deadline
        return worded(
            "{clock}, {promise}: {allowed}",
            clock=_METRICS[deadline.metric],
            promise=SCOPES[deadline.scope],
            allowed=self._allowed(),
        )

    def _allowed(self) -> Value:
        clock = self.known.clock
        if self.known.stated:
            return worded("by the time the platform named")
        if clock is not None and self.by_date and clock.business_days:
            days = clock.business_days
            return (
                worded("1 business day") if days == 1 else worded("{days} business days", days=days)
            )
        if clock is not None and self.by_date and clock.cutoff is not None:
            before, by = clock.cutoff.received_before, clock.cutoff.reply_by
            return worded(
                "received before {before}, answered by {by} of an open day",
                before=_time(before),
                by=_time(by),
            )
        return self._in_its_hours(self.target)

    def _in_its_hours(self, length: timedelta) -> Value:
        return worded("{length} of opening hours", length=length) if self.business else length

    def rows(self) -> Iterator[Row]:
        yield from self._start()
        yield from self._passed()
        yield from self._moved()
        yield from self._due()
        yield self._standing()
        yield self._rule()

    def _start(self) -> Iterator[Row]:
        deadline, known = self.deadline, self.known
        what, note = _began(deadline)
        if known.owed_before:
            what = worded_as("a step of a clock", "waiting")
            note = worded("since then the platform counts the customer as waiting")
        if known.dated_at is not None:
            note = worded("the desk's own time: the date in the message cannot be")
            yield Row(
                what=worded_as("a step of a clock", "dated"),
                start=known.dated_at,
                note=worded("as the message says; not believed"),
            )
        yield Row(what=what, start=deadline.started_at, note=note)
        seen_at = known.seen_at
        if seen_at is not None and seen_at - deadline.started_at >= timedelta(seconds=1):
            lag = seen_at - deadline.started_at
            yield Row(
                what=worded("seen by the desk"),
                start=seen_at,
                note=worded("{lag} later; that counts too", lag=lag),
            )

    def _passed(self) -> Iterator[Row]:
        clock = self.known.clock
        if self.known.stated:
            yield Row(
                what=_PASSING[Passing.COUNTED],
                note=worded("nothing: the platform named the time itself"),
            )
        elif self.by_date and clock is not None and self.business is not None:
            yield from self._dates(clock, self.business)
        else:
            yield from _shortened([*self._stretches()])

    def _dates(self, clock: ClockRule, business: BusinessCalendar) -> Iterator[Row]:
        first = business.local(self.deadline.started_at).date()
        last = last_date(business, self.deadline.due_at)
        if clock.cutoff is not None:
            yield Row(what=_PASSING[Passing.COUNTED], note=self._cut_off(clock.cutoff, business))
        count = 0
        closed: list[date] = []
        for each in days_between(business, first + timedelta(days=1), last):
            if not each.is_open and not each.holiday:
                closed.append(each.day)
                continue
            yield from _closed_dates(closed)
            closed = []
            if each.holiday:
                yield Row(what=_PASSING[Passing.HOLIDAY], note=alone(each.day))
            elif clock.cutoff is None:
                count += 1
                note = worded(
                    "{date}, day {day} of {days}",
                    date=each.day,
                    day=count,
                    days=clock.business_days or 0,
                )
                yield Row(what=_PASSING[Passing.COUNTED], note=note)
        yield from _closed_dates(closed)

    def _cut_off(self, cutoff: Cutoff, business: BusinessCalendar) -> str:
        local, before = business.local(self.deadline.started_at), _time(cutoff.received_before)
        if not business.open_spans(local.date()):
            return worded("{date} is closed, so the next open day", date=local.date())
        if local.hour * 60 + local.minute < cutoff.received_before:
            return worded("received before {time}, so the same day", time=before)
        return worded("received after {time}, so the next open day", time=before)

    def _stretches(self) -> Iterator[Row]:
        known, deadline = self.known, self.deadline
        # A grace lies after the target's own end, a pause that lasts before the due.
        end = known.paused_at or min(deadline.due_at, self.own_end)
        left = self.target
        for each in stretches(self.calendar, deadline.started_at, end, known.pauses):
            left -= each.counted
            row = Row(what=_PASSING[each.passing], start=each.start, end=each.end)
            if each.passing is Passing.COUNTED:
                yield replace(row, note=self._used(each, left), counted=each.counted)
            elif each.passing is Passing.PAUSED:
                yield replace(row, note=self._why_paused(each.start, each.end))
            else:
                yield replace(row, note=_dates_words(each.days))

    def _used(self, stretch: Stretch, left: timedelta) -> str:
        counted = stretch.counted
        used = (
            worded("{counted}, {left} left", counted=counted, left=left)
            if left > _NOTHING
            else worded("{counted}, that is all of it", counted=counted)
        )
        if self.business:
            return used
        return worded("{used}; nights, weekends and holidays count", used=used)

    def _why_paused(self, start: datetime, end: datetime) -> Worded:
        found = [
            WAITS[hold.on]
            for hold in self.known.holds
            if hold.since < end and (hold.until is None or hold.until > start)
        ]
        if found:
            return reduce(_then, dict.fromkeys(found))
        if self.known.holds:
            return worded("the ticket was resolved")
        return worded("waiting for somebody else, or the ticket was resolved")

    def _moved(self) -> Iterator[Row]:
        deadline, known = self.deadline, self.known
        own_end = self.own_end
        if known.cause is not None:
            why = known.cause.removeprefix(POLICY_CHANGE)
            note = worded("would have ended; {why}", why=why)
            yield Row(what=worded("target alone"), start=own_end, note=note)
        if deadline.clamped is not None:
            note = worded("would end; {why}", why=deadline.clamped)
            yield Row(what=worded("target alone"), start=own_end, note=note)
        elif own_end != deadline.due_at and known.cause is None and known.paused_at is None:
            yield Row(what=worded("not counted"), note=worded("time in which it stood still"))

    def _due(self) -> Iterator[Row]:
        due = worded_as("a step of a clock", "due")
        if self.known.paused_at is None:
            window = self.deadline.scope is Scope.WINDOW
            note = worded("after that the platform takes no answer") if window else ""
            yield Row(what=due, start=self.deadline.due_at, note=note)
            return
        left = self._left_at(self.known.paused_at)
        again = self.calendar.deadline(max(self.now, self.known.paused_at), left)
        note = worded("if it went on now; while paused it has no date")
        yield Row(what=due, start=again, note=note)

    def _left_at(self, at: datetime) -> timedelta:
        return max(self.calendar.elapsed(at, self.deadline.due_at), timedelta(seconds=1))

    def _standing(self) -> Row:
        deadline, now, stopped = self.deadline, self.now, self.deadline.stopped_at
        paused_at = self.known.paused_at
        if paused_at is not None:
            on = self._why_paused(paused_at, now)
            left = self._left_at(paused_at)
            note = worded("stands still since then, {why}; {left} left", why=on, left=left)
            return Row(what=_PASSING[Passing.PAUSED], start=paused_at, note=note)
        if stopped is None and now <= deadline.due_at:
            rest = self._in_its_hours(self.calendar.elapsed(now, deadline.due_at))
            running = worded_as("a step of a clock", "running")
            return Row(what=running, note=worded("{time} left", time=rest))
        if stopped is None:
            note = worded("{late} ago; still running", late=now - deadline.due_at)
            return Row(what=worded_as("a step of a clock", "missed"), note=note)
        return _stopped(deadline, stopped)

    def _rule(self) -> Row:
        deadline, known = self.deadline, self.known
        note = worded('policy "{policy}"', policy=deadline.policy)
        if known.rule:
            note = worded("{rule}, {place}", rule=note, place=known.rule)
        if deadline.policy_version:
            version = deadline.policy_version[:8]
            note = worded("{rule}, version {version}", rule=note, version=version)
        if known.lost:
            note = worded("{rule}; {unknown}", rule=note, unknown=known.lost)
        return Row(what=worded_as("a step of a clock", "rule"), note=note)


def _began(deadline: Explained) -> tuple[Worded, Worded]:
    if deadline.metric is Metric.UPDATE:
        answered = worded_as("a step of a clock", "answered")
        return answered, worded("the last answer; from here the customer is owed the next word")
    received = worded_as("a step of a clock", "received")
    if deadline.scope is Scope.WINDOW:
        return received, worded("the customer's newest message")
    return received, worded("when the customer wrote, by the platform's own time")


def _stopped(deadline: Explained, stopped: datetime) -> Row:
    apart = abs(stopped - deadline.due_at)
    match deadline.state:
        case ClockState.LATE:
            note = worded("stopped {late} after the deadline", late=apart)
            return Row(what=worded_as("a step of a clock", "late"), start=stopped, note=note)
        case ClockState.CANCELLED:
            note = worded("nobody waits for it any more")
            return Row(what=worded_as("a step of a clock", "ended"), start=stopped, note=note)
        case _:
            note = worded("{early} before the deadline", early=apart)
            return Row(what=worded_as("a step of a clock", "met"), start=stopped, note=note)


def _shortened(rows: Sequence[Row]) -> Iterator[Row]:
    hidden = rows[_SHOWN_AT_BOTH_ENDS:-_SHOWN_AT_BOTH_ENDS]
    if len(hidden) <= 1:
        yield from rows
        return
    yield from rows[:_SHOWN_AT_BOTH_ENDS]
    counted = sum((row.counted for row in hidden), _NOTHING)
    note = worded("{counted} counted in {steps} more steps", counted=counted, steps=len(hidden))
    yield Row(what="…", start=hidden[0].start, end=hidden[-1].end, note=note, counted=counted)
    yield from rows[-_SHOWN_AT_BOTH_ENDS:]


def _closed_dates(days: Sequence[date]) -> Iterator[Row]:
    if days:
        yield Row(what=_PASSING[Passing.CLOSED], note=_dates_words(days))


def _dates_words(days: Sequence[date]) -> str:
    if not days:
        return ""
    if len(days) == 1:
        return alone(days[0])
    return worded("{first} to {last}", first=days[0], last=days[-1])


def _then(first: Worded, following: Worded) -> Worded:
    return worded("{first}, then {following}", first=first, following=following)


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
