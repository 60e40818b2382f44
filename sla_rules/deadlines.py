"""(timeline, policy, calendars) → deadlines with their planned pings. The heart: a pure function.

A response clock runs for one run of unanswered messages. The first run is the first response;
every later one is a next response, counted from 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_rules.calendar import ALWAYS, Calendar
from sla_rules.clock_rule import ALWAYS_NAME, ClockRule
from sla_rules.due import Due, counted_from, due_of, with_grace, within
from sla_rules.errors import PolicyError
from sla_rules.pings import PlannedPing, planned_pings
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import Policy
from sla_rules.runs import (
    Ending,
    Run,
    resolution_runs,
    response_runs,
    update_runs,
    whole_second,
)
from sla_rules.timeline import Timeline
from sla_rules.vocabulary import ClockState, Metric, Reopen, Scope

__all__ = ["PlannedDeadline", "PlannedPing", "plan"]

_RANK: Final = {Scope.WINDOW: 0, Scope.MARKETPLACE: 1, Scope.INTERNAL: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDeadline:
    """One deadline of a ticket, unique by metric, scope and instance. Whole seconds, UTC.

    `target` is what was allowed, `clamped` says why `due_at` is earlier than that, `cause` why it
    is later. `stopped_at` is when the wait ended, whatever the state it ended in. Only a running
    deadline has pings. `pauses` were taken out, `rule` is the file and line of the policy.
    `owed_before` says that the platform counts from before the first message of the wait.
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
    cause: str | None = None
    paused_at: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    clock: ClockRule | None = field(default=None, compare=False)
    stated: bool = False
    owed_before: bool = field(default=False, compare=False)
    rule: str | None = field(default=None, compare=False)

    @property
    def target_seconds(self) -> int:
        """`target` in seconds, as it is stored."""
        return int(self.target.total_seconds())


def plan(
    timeline: Timeline,
    policy: Policy,
    calendars: Mapping[str, Calendar],
    now: datetime,
    *,
    with_pings: bool = True,
) -> tuple[PlannedDeadline, ...]:
    """Every deadline of a ticket, finished ones too, in the order its waits began.

    The answer does not depend on `now`: planning again, at any time, gives the same rows. That is
    also why a running deadline of the past is still running; whoever fires its pings calls it
    breached. Rows of an earlier plan that this one lacks belong to waits that never were, such as
    the run after an answer that has bounced since.

    Raises:
        PolicyError: when the policy names a calendar that `calendars` lacks; `always` and the
            calendars of platforms are built in.
        CalendarError: for an instant without a zone, `now` included, or outside the years known.
    """
    whole_second(now)  # refused without a zone, like every instant of the timeline
    planner = _Planner(timeline, policy, calendars, with_pings)
    return tuple(planner.deadlines())


@dataclass(frozen=True, slots=True)
class _Wait:
    metric: Metric
    instance: int
    run: Run
    last: bool


@dataclass(frozen=True, slots=True)
class _Planner:
    timeline: Timeline
    policy: Policy
    calendars: Mapping[str, Calendar]
    with_pings: bool

    def deadlines(self) -> Iterator[PlannedDeadline]:
        rules = sorted(self.policy.clocks, key=lambda rule: _RANK[rule.scope])
        events = self.timeline.events
        responses = response_runs(events, auto_satisfies=self.policy.auto_reply_satisfies)
        for wait in _numbered(responses):
            yield from self._of(wait, [rule for rule in rules if rule.metric is wait.metric])
        for reopen in Reopen:
            closing = [r for r in rules if r.metric is Metric.RESOLUTION and r.reopen is reopen]
            if closing:
                yield from self._all(Metric.RESOLUTION, resolution_runs(events, reopen), closing)
        loop = [rule for rule in rules if rule.metric is Metric.UPDATE]
        yield from self._all(Metric.UPDATE, update_runs(events) if loop else (), loop)

    def _all(
        self, metric: Metric, runs: Sequence[Run], rules: Sequence[ClockRule]
    ) -> Iterator[PlannedDeadline]:
        for index, run in enumerate(runs):
            yield from self._of(_Wait(metric, index, run, run is runs[-1]), rules)

    def _of(self, wait: _Wait, rules: Sequence[ClockRule]) -> Iterator[PlannedDeadline]:
        limits: list[tuple[datetime, Scope]] = []
        # The platform's rules come first: the internal one is measured against them.
        for rule in rules:
            calendar = self._calendar(rule.calendar)
            due = due_of(rule, wait.run, calendar, self.timeline, wait.last)
            if rule.scope is Scope.INTERNAL:
                due = self._internal(due, wait, limits)
            else:
                limits.append((due.at, rule.scope))
            yield self._row(wait, rule, calendar, due)

    def _internal(self, due: Due, wait: _Wait, limits: Sequence[tuple[datetime, Scope]]) -> Due:
        changed, grace = self.timeline.reclassified, self.policy.grace
        due = with_grace(due, wait.run, wait.metric, changed, grace)
        for limit, scope in limits:
            due = within(due, wait.run.started_at, limit, self.policy.safety_margin, scope)
        return due

    def _row(self, wait: _Wait, rule: ClockRule, calendar: Calendar, due: Due) -> PlannedDeadline:
        state = _state(wait.run, due)
        started_at = counted_from(rule, wait.run)
        return PlannedDeadline(
            metric=wait.metric,
            scope=rule.scope,
            instance=wait.instance,
            started_at=started_at,
            due_at=due.at,
            target=due.target,
            state=state,
            stopped_at=wait.run.ended_at,
            policy=self.policy.name,
            policy_version=self.policy.version,
            calendar=rule.calendar,
            calendar_version=calendar.version,
            clamped=due.clamped,
            pings=self._pings(started_at, rule, calendar, due)
            if self.with_pings and state is ClockState.RUNNING
            else (),
            cause=due.cause,
            paused_at=due.paused_at if state is ClockState.PAUSED else None,
            pauses=tuple(due.pauses),
            clock=rule,
            stated=due.stated,
            owed_before=started_at < wait.run.started_at,
            rule=self.policy.origin,
        )

    def _pings(
        self, started_at: datetime, rule: ClockRule, calendar: Calendar, due: Due
    ) -> tuple[PlannedPing, ...]:
        return planned_pings(
            started_at,
            due.at,
            calendar,
            warn=rule.warn,
            warn_left=rule.warn_left,
            scope=rule.scope,
            pauses=due.pauses,
            heard=self._calendar(rule.ping_calendar) if rule.ping_calendar else None,
            ladder=rule.ladder,
        )

    def _calendar(self, name: str) -> Calendar:
        found = self.calendars.get(name) or platform_calendars().get(name)
        if found is not None:
            return found
        if name == ALWAYS_NAME:
            return ALWAYS
        known = ", ".join(sorted({ALWAYS_NAME, *self.calendars}))
        raise PolicyError(
            f'policy "{self.policy.name}": calendar = "{name}" is not known for inbox '
            f'"{self.timeline.facts.inbox}"; give the inbox a calendar, or use one of {known}'
        )


def _numbered(runs: Sequence[Run]) -> Iterator[_Wait]:
    for instance, run in enumerate(runs):
        metric = Metric.NEXT_RESPONSE if instance else Metric.FIRST_RESPONSE
        yield _Wait(metric, instance, run, run is runs[-1])


def _state(run: Run, due: Due) -> ClockState:
    if run.ended_at is None:
        return ClockState.PAUSED if due.paused_at is not None else ClockState.RUNNING
    if run.ended_at > due.at:
        return ClockState.LATE
    return ClockState.MET if run.ending is Ending.SATISFIED else ClockState.CANCELLED
