"""(timeline, policy, calendars) → deadlines with their planned pings. The heart: a pure function.

A response clock runs for one run of unanswered messages. The first run is the first response;
every later one is a next response, counted from 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_rules.calendar import ALWAYS, Calendar
from sla_rules.durations import in_words
from sla_rules.errors import PolicyError
from sla_rules.pings import PlannedPing, planned_pings
from sla_rules.policy import ALWAYS_NAME, ClockRule, Policy
from sla_rules.runs import Ending, Run, resolution_run, response_runs, whole_second
from sla_rules.timeline import Timeline
from sla_rules.vocabulary import ClockState, Metric, Scope

__all__ = ["PlannedDeadline", "PlannedPing", "plan"]

_SECOND: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeadline:
    """One deadline of a ticket, unique by metric, scope and instance. Whole seconds, UTC.

    `target` is what was allowed, `clamped` says why `due_at` is earlier than that. `stopped_at` is
    when the wait ended, whatever the state it ended in. Only a running deadline has pings.
    """

    metric: Metric
    scope: Scope
    instance: int
    started_at: datetime
    due_at: datetime
    target: timedelta
    state: ClockState
    stopped_at: datetime | None
    policy: str
    policy_version: str
    calendar: str
    calendar_version: str
    clamped: str | None
    pings: tuple[PlannedPing, ...]

    @property
    def target_seconds(self) -> int:
        """`target` in seconds, as it is stored."""
        return int(self.target.total_seconds())


def plan(
    timeline: Timeline, policy: Policy, calendars: Mapping[str, Calendar], now: datetime
) -> tuple[PlannedDeadline, ...]:
    """Every deadline of a ticket, finished ones too, in the order its waits began.

    The answer does not depend on `now`: planning again, at any time, gives the same rows. That is
    also why a running deadline of the past is still running; whoever fires its pings calls it
    breached. Rows of an earlier plan that this one lacks belong to waits that never were, such as
    the run after an answer that has bounced since.

    Raises:
        PolicyError: when the policy names a calendar that `calendars` lacks; `always` is built in.
        CalendarError: for an instant without a zone, `now` included, or outside the years known.
    """
    whole_second(now)  # refused without a zone, like every instant of the timeline
    return tuple(
        deadline
        for wait in _waits(timeline)
        for deadline in _deadlines(wait, timeline, policy, calendars)
    )


@dataclass(frozen=True, slots=True)
class _Wait:
    metric: Metric
    instance: int
    run: Run


def _waits(timeline: Timeline) -> Iterator[_Wait]:
    for instance, run in enumerate(response_runs(timeline.events)):
        yield _Wait(Metric.NEXT_RESPONSE if instance else Metric.FIRST_RESPONSE, instance, run)
    resolution = resolution_run(timeline.events)
    if resolution is not None:
        yield _Wait(Metric.RESOLUTION, 0, resolution)


def _deadlines(
    wait: _Wait, timeline: Timeline, policy: Policy, calendars: Mapping[str, Calendar]
) -> Iterator[PlannedDeadline]:
    started_at = wait.run.started_at
    limit: datetime | None = None
    # The marketplace's rule comes first: the internal one is measured against it.
    for rule in sorted(policy.clocks, key=lambda rule: rule.scope is Scope.INTERNAL):
        if rule.metric is not wait.metric:
            continue
        calendar = _calendar(rule, policy, timeline, calendars)
        target = _target(rule, timeline)
        # A platform's limit runs on whatever happens at the desk in between.
        pauses = wait.run.pauses if rule.scope is Scope.INTERNAL else ()
        due_at = calendar.deadline(started_at, target, pauses)
        clamped: str | None = None
        if rule.scope is Scope.MARKETPLACE:
            limit = due_at
        elif limit is not None:
            due_at, clamped = _clamp(due_at, started_at, limit, policy.safety_margin)
        state = _state(wait.run, due_at)
        yield PlannedDeadline(
            metric=wait.metric,
            scope=rule.scope,
            instance=wait.instance,
            started_at=started_at,
            due_at=due_at,
            target=target,
            state=state,
            stopped_at=wait.run.ended_at,
            policy=policy.name,
            policy_version=policy.version,
            calendar=rule.calendar,
            calendar_version=calendar.version,
            clamped=clamped,
            pings=planned_pings(
                started_at, due_at, calendar, warn=rule.warn, scope=rule.scope, pauses=pauses
            )
            if state is ClockState.RUNNING
            else (),
        )


def _calendar(
    rule: ClockRule, policy: Policy, timeline: Timeline, calendars: Mapping[str, Calendar]
) -> Calendar:
    found = calendars.get(rule.calendar)
    if found is not None:
        return found
    if rule.calendar == ALWAYS_NAME:
        return ALWAYS
    known = ", ".join(sorted({ALWAYS_NAME, *calendars}))
    raise PolicyError(
        f'policy "{policy.name}": calendar = "{rule.calendar}" is not known for inbox '
        f'"{timeline.facts.inbox}"; give the inbox a calendar, or use one of {known}'
    )


def _target(rule: ClockRule, timeline: Timeline) -> timedelta:
    if rule.scope is Scope.INTERNAL or timeline.platform_limit is None:
        return rule.target
    # A notice may say that no time is left; a clock still needs an end after its start.
    return max(timeline.platform_limit // _SECOND * _SECOND, _SECOND)


def _clamp(
    due_at: datetime, started_at: datetime, limit: datetime, margin: timedelta
) -> tuple[datetime, str | None]:
    """An internal deadline leaves `margin` before the platform's, half of it when that is short."""
    margin = min(margin, (limit - started_at) // 2 // _SECOND * _SECOND)
    latest = limit - margin
    if due_at <= latest:
        return due_at, None
    return latest, f"moved to {in_words(margin)} before the marketplace limit"


def _state(run: Run, due_at: datetime) -> ClockState:
    if run.ended_at is None:
        return ClockState.RUNNING
    if run.ended_at > due_at:
        return ClockState.LATE
    return ClockState.MET if run.ending is Ending.SATISFIED else ClockState.CANCELLED
