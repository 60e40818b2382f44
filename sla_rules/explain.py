"""Why a deadline is when it is: a short table of the way there, a row a step.

A row names its instants as instants, so that whoever shows it does so in the reader's own zone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from sla_rules.calendar import BusinessCalendar, Calendar
from sla_rules.clock_rule import ClockRule, Cutoff
from sla_rules.durations import in_words
from sla_rules.explain_text import date_words, lines
from sla_rules.explanation import Explained, Explanation, Known, Row, known_of
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
from sla_rules.walk import Passing, Stretch, days_between, last_date, stretches

_METRICS: Final = {
    Metric.FIRST_RESPONSE: "First response",
    Metric.NEXT_RESPONSE: "Next response",
    Metric.RESOLUTION: "Resolution",
    Metric.UPDATE: "Next update",
}
SCOPES: Final = {
    Scope.MARKETPLACE: "marketplace limit",
    Scope.INTERNAL: "our target",
    Scope.WINDOW: "answering window",
}
WAITS: Final = {
    Waiting.CUSTOMER: "waiting for the customer",
    Waiting.THIRD_PARTY: "waiting for a third party",
}
_PASSING: Final = {
    Passing.COUNTED: "counted",
    Passing.PAUSED: "paused",
    Passing.CLOSED: "closed",
    Passing.OVERNIGHT: "closed overnight",
    Passing.HOLIDAY: "holiday",
}
_SHOWN_AT_BOTH_ENDS: Final = 5
_NOTHING: Final = timedelta(0)
_POLICY_CHANGE: Final = "policy_change: "

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
        return f"{_METRICS[deadline.metric]}, {SCOPES[deadline.scope]}: {self._allowed()}"

    def _allowed(self) -> str:
        clock = self.known.clock
        if self.known.stated:
            return "by the time the platform named"
        if clock is not None and self.by_date and clock.business_days:
            days = clock.business_days
            return f"{days} business day{'' if days == 1 else 's'}"
        if clock is not None and self.by_date and clock.cutoff is not None:
            before, by = clock.cutoff.received_before, clock.cutoff.reply_by
            return f"received before {_time(before)}, answered by {_time(by)} of an open day"
        return f"{in_words(self.target)}{' of opening hours' if self.business else ''}"

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
            what, note = "waiting", "since then the platform counts the customer as waiting"
        if known.dated_at is not None:
            note = "the desk's own time: the date in the message cannot be"
            yield Row(what="dated", start=known.dated_at, note="as the message says; not believed")
        yield Row(what=what, start=deadline.started_at, note=note)
        seen_at = known.seen_at
        if seen_at is not None and seen_at - deadline.started_at >= timedelta(seconds=1):
            lag = in_words(seen_at - deadline.started_at)
            yield Row(what="seen by the desk", start=seen_at, note=f"{lag} later; that counts too")

    def _passed(self) -> Iterator[Row]:
        clock = self.known.clock
        if self.known.stated:
            yield Row(what="counted", note="nothing: the platform named the time itself")
        elif self.by_date and clock is not None and self.business is not None:
            yield from self._dates(clock, self.business)
        else:
            yield from _shortened([*self._stretches()])

    def _dates(self, clock: ClockRule, business: BusinessCalendar) -> Iterator[Row]:
        first = business.local(self.deadline.started_at).date()
        last = last_date(business, self.deadline.due_at)
        if clock.cutoff is not None:
            yield Row(what="counted", note=self._cut_off(clock.cutoff, business))
        count = 0
        closed: list[date] = []
        for each in days_between(business, first + timedelta(days=1), last):
            if not each.is_open and not each.holiday:
                closed.append(each.day)
                continue
            yield from _closed_dates(closed)
            closed = []
            if each.holiday:
                yield Row(what="holiday", note=date_words(each.day))
            elif clock.cutoff is None:
                count += 1
                day = f"day {count} of {clock.business_days}"
                yield Row(what="counted", note=f"{date_words(each.day)}, {day}")
        yield from _closed_dates(closed)

    def _cut_off(self, cutoff: Cutoff, business: BusinessCalendar) -> str:
        local = business.local(self.deadline.started_at)
        if not business.open_spans(local.date()):
            return f"{date_words(local.date())} is closed, so the next open day"
        if local.hour * 60 + local.minute < cutoff.received_before:
            return f"received before {_time(cutoff.received_before)}, so the same day"
        return f"received after {_time(cutoff.received_before)}, so the next open day"

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
        rest = f"{in_words(left)} left" if left > _NOTHING else "that is all of it"
        every = "" if self.business else "; nights, weekends and holidays count"
        return f"{in_words(stretch.counted)}, {rest}{every}"

    def _why_paused(self, start: datetime, end: datetime) -> str:
        found = [
            WAITS[hold.on]
            for hold in self.known.holds
            if hold.since < end and (hold.until is None or hold.until > start)
        ]
        resolved = "" if self.known.holds else "waiting for somebody else, or "
        return ", then ".join(dict.fromkeys(found)) or f"{resolved}the ticket was resolved"

    def _moved(self) -> Iterator[Row]:
        deadline, known = self.deadline, self.known
        own_end = self.own_end
        if known.cause is not None:
            why = known.cause.removeprefix(_POLICY_CHANGE)
            yield Row(what="target alone", start=own_end, note=f"would have ended; {why}")
        if deadline.clamped is not None:
            yield Row(what="target alone", start=own_end, note=f"would end; {deadline.clamped}")
        elif own_end != deadline.due_at and known.cause is None and known.paused_at is None:
            yield Row(what="not counted", note="time in which it stood still")

    def _due(self) -> Iterator[Row]:
        if self.known.paused_at is None:
            note = ""
            if self.deadline.scope is Scope.WINDOW:
                note = "after that the platform takes no answer"
            yield Row(what="due", start=self.deadline.due_at, note=note)
            return
        left = self._left_at(self.known.paused_at)
        again = self.calendar.deadline(max(self.now, self.known.paused_at), left)
        yield Row(what="due", start=again, note="if it went on now; while paused it has no date")

    def _left_at(self, at: datetime) -> timedelta:
        return max(self.calendar.elapsed(at, self.deadline.due_at), timedelta(seconds=1))

    def _standing(self) -> Row:
        deadline, now, stopped = self.deadline, self.now, self.deadline.stopped_at
        paused_at = self.known.paused_at
        if paused_at is not None:
            on = self._why_paused(paused_at, now)
            note = f"stands still since then, {on}; {in_words(self._left_at(paused_at))} left"
            return Row(what="paused", start=paused_at, note=note)
        if stopped is None and now <= deadline.due_at:
            left = in_words(self.calendar.elapsed(now, deadline.due_at))
            hours = " of opening hours" if self.business else ""
            return Row(what="running", note=f"{left}{hours} left")
        if stopped is None:
            return Row(what="missed", note=f"{in_words(now - deadline.due_at)} ago; still running")
        return _stopped(deadline, stopped)

    def _rule(self) -> Row:
        deadline, known = self.deadline, self.known
        where = f", {known.rule}" if known.rule else ""
        version = f", version {deadline.policy_version[:8]}" if deadline.policy_version else ""
        lost = f"; {known.lost}" if known.lost else ""
        return Row(what="rule", note=f'policy "{deadline.policy}"{where}{version}{lost}')


def _began(deadline: Explained) -> tuple[str, str]:
    if deadline.metric is Metric.UPDATE:
        return "answered", "the last answer; from here the customer is owed the next word"
    if deadline.scope is Scope.WINDOW:
        return "received", "the customer's newest message"
    return "received", "when the customer wrote, by the platform's own time"


def _stopped(deadline: Explained, stopped: datetime) -> Row:
    apart = in_words(stopped - deadline.due_at)
    match deadline.state:
        case ClockState.LATE:
            return Row(what="late", start=stopped, note=f"stopped {apart} after the deadline")
        case ClockState.CANCELLED:
            return Row(what="ended", start=stopped, note="nobody waits for it any more")
        case _:
            return Row(what="met", start=stopped, note=f"{apart} before the deadline")


def _shortened(rows: Sequence[Row]) -> Iterator[Row]:
    hidden = rows[_SHOWN_AT_BOTH_ENDS:-_SHOWN_AT_BOTH_ENDS]
    if len(hidden) <= 1:
        yield from rows
        return
    yield from rows[:_SHOWN_AT_BOTH_ENDS]
    counted = sum((row.counted for row in hidden), _NOTHING)
    note = f"{in_words(counted)} counted in {len(hidden)} more steps"
    yield Row(what="…", start=hidden[0].start, end=hidden[-1].end, note=note, counted=counted)
    yield from rows[-_SHOWN_AT_BOTH_ENDS:]


def _closed_dates(days: Sequence[date]) -> Iterator[Row]:
    if days:
        yield Row(what="closed", note=_dates_words(days))


def _dates_words(days: Sequence[date]) -> str:
    if not days:
        return ""
    last = f" to {date_words(days[-1])}" if len(days) > 1 else ""
    return f"{date_words(days[0])}{last}"


def _time(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
