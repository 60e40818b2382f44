"""One wait under one rule: when it is due, by hours, by dates, or by the platform's own word."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sla_rules.calendar import BusinessCalendar, Calendar, Pauses
from sla_rules.clock_rule import ClockRule, Cutoff
from sla_rules.runs import Run, whole_second, written_at
from sla_rules.timeline import CustomerMessage, Reclassified, Timeline
from sla_rules.vocabulary import Metric, Scope, Waiting
from sla_rules.worded import marked, worded

SECOND: Final = timedelta(seconds=1)

CLAMPED: Final[Mapping[Scope, str]] = {
    Scope.MARKETPLACE: marked("moved to {margin} before the marketplace limit"),
    Scope.WINDOW: marked("moved to {margin} before the answering window closes"),
}
"""Why a target is due earlier than it says, by the scope of what it has to keep."""

POLICY_CHANGE: Final = "policy_change: "
"""Begins a cause: reports group late clocks by it."""

CAUSE: Final = marked(
    "{what}; its target had passed by then, so {grace} from the change",
)
"""Why a target is due later than it says. `what` tells what changed of the ticket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """When a wait is due and what was taken out of it on the way.

    `stated` says that the platform named the instant. `paused_at` is when the clock was stopped,
    if it still is: `at` is then when it would be due if it went on without the pause.
    """

    at: datetime
    target: timedelta
    pauses: Pauses = ()
    stated: bool = False
    paused_at: datetime | None = None
    clamped: str | None = None
    cause: str | None = None


def due_of(rule: ClockRule, run: Run, calendar: Calendar, timeline: Timeline, last: bool) -> Due:
    """When `run` is due under `rule`. `last` tells whether it is the newest wait of its metric."""
    started_at = counted_from(rule, run)
    stated = _stated(rule, run, timeline, last)
    if stated is not None:
        at = max(stated, started_at + SECOND)
        return Due(at=at, target=at - started_at, stated=True)
    if rule.is_by_date and isinstance(calendar, BusinessCalendar):
        return _by_date(rule, started_at, calendar)
    target = _target(rule, timeline)
    # A platform's limit runs on whatever happens at the desk in between.
    if rule.scope is not Scope.INTERNAL:
        return Due(at=calendar.deadline(started_at, target), target=target)
    return _paused(rule, run, calendar, timeline)


def counted_from(rule: ClockRule, run: Run) -> datetime:
    """From when `rule` counts `run`: a platform's limit from when the platform says it began."""
    if rule.scope is Scope.WINDOW:
        return run.last_at or run.started_at
    if rule.scope is Scope.MARKETPLACE and run.waited_since is not None:
        return min(run.waited_since, run.started_at)
    return run.started_at


def _stated(rule: ClockRule, run: Run, timeline: Timeline, last: bool) -> datetime | None:
    if rule.scope is Scope.WINDOW:
        return run.closes_at
    if rule.scope is not Scope.MARKETPLACE or rule.metric is Metric.UPDATE:
        return None
    if last and timeline.platform_due_at is not None:
        return whole_second(timeline.platform_due_at)
    return run.stated_due_at


def _target(rule: ClockRule, timeline: Timeline) -> timedelta:
    if rule.scope is not Scope.MARKETPLACE or timeline.platform_limit is None:
        return rule.target
    # A notice may say that no time is left; a clock still needs an end after its start.
    return max(timeline.platform_limit // SECOND * SECOND, SECOND)


def _by_date(rule: ClockRule, started_at: datetime, calendar: BusinessCalendar) -> Due:
    local = calendar.local(started_at)
    if rule.cutoff is None:
        day = calendar.add_business_days(local.date(), rule.business_days)
        at = calendar.open_spans(day)[-1][1]
    else:
        day = local.date()
        if not _in_time(local, rule.cutoff) or not calendar.open_spans(day):
            day = calendar.add_business_days(day, 1)
        at = calendar.at(day, rule.cutoff.reply_by)
    # Where the clocks go back, a time of the same date can lie before the message.
    at = max(at, started_at + SECOND)
    return Due(at=at, target=max(calendar.elapsed(started_at, at), SECOND))


def _in_time(local: datetime, cutoff: Cutoff) -> bool:
    return local.hour * 60 + local.minute < cutoff.received_before


def _paused(rule: ClockRule, run: Run, calendar: Calendar, timeline: Timeline) -> Due:
    closed, open_since = holds_of(rule, run, timeline)
    pauses = (*run.pauses, *closed)
    at = calendar.deadline(run.started_at, rule.target, pauses)
    # A pause that begins after the breach never takes the breach back.
    paused_at = open_since if open_since is not None and open_since < at else None
    return Due(at=at, target=rule.target, pauses=pauses, paused_at=paused_at)


def holds_of(
    rule: ClockRule, run: Run, timeline: Timeline
) -> tuple[tuple[tuple[datetime, datetime], ...], datetime | None]:
    """The pauses that a rule takes out of a run, and since when it is paused if it still is."""
    closed: list[tuple[datetime, datetime]] = []
    open_since: datetime | None = None
    for hold in timeline.holds:
        since = whole_second(hold.since)
        if hold.on not in rule.pause_on:
            continue
        ends = [whole_second(hold.until)] if hold.until is not None else []
        if hold.on is Waiting.CUSTOMER:
            ends += [at for at in _written(timeline) if at > since]
        if run.ended_at is not None:
            ends.append(max(run.ended_at, since))
        if ends:
            closed.append((since, max(min(ends), since)))
        else:
            open_since = min(since, open_since or since)
    return _merged(closed), open_since


def _merged(pauses: list[tuple[datetime, datetime]]) -> tuple[tuple[datetime, datetime], ...]:
    """In order; going from one reason to wait to the next is one pause, an empty one is none."""
    found: list[tuple[datetime, datetime]] = []
    for paused, resumed in sorted(pauses):
        if found and paused <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], resumed))
        elif paused < resumed:
            found.append((paused, resumed))
    return tuple(found)


def _written(timeline: Timeline) -> list[datetime]:
    return [
        whole_second(written_at(event))
        for event in timeline.events
        if isinstance(event, CustomerMessage)
    ]


def within(due: Due, started_at: datetime, limit: datetime, margin: timedelta, scope: Scope) -> Due:
    """The same, but leaving `margin` before `limit`; half of what there is when that is short."""
    room = max(limit - started_at, SECOND)
    margin = min(margin, room // 2 // SECOND * SECOND)
    latest = limit - margin
    if due.at <= latest:
        return due
    return replace(due, at=latest, clamped=str(worded(CLAMPED[scope], margin=margin)))


def with_grace(
    due: Due, run: Run, metric: Metric, changed: Reclassified | None, grace: timedelta
) -> Due:
    """A target that had passed before its rule began to hold is due `grace` after that.

    A breach under the rule before stands: whoever was late stays late.
    """
    if changed is None:
        return due
    at = whole_second(changed.at)
    open_then = run.started_at <= at and (run.ended_at is None or run.ended_at > at)
    if not open_then or metric in changed.missed or due.at > at:
        return due
    cause = worded(CAUSE, what=changed.what, grace=grace)
    return replace(due, at=at + grace, cause=f"{POLICY_CHANGE}{cause}")
