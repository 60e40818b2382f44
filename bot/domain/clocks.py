"""From the plan of a ticket's deadlines to what has to change in the rows that hold them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.pings import ON_IT, PingOutcome
from sla_rules.deadlines import PlannedDeadline, PlannedPing
from sla_rules.runs import Run, resolution_runs, response_runs, update_runs
from sla_rules.timeline import Event
from sla_rules.vocabulary import ClockState, Metric, Reopen, Until


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPing:
    """One ping row. `fired_at` and `cancelled_at` both empty: it is still to come."""

    id: int
    deadline_id: int
    ticket_id: int
    step: str
    audience: str
    severity: int
    fire_at: datetime
    fired_at: datetime | None = None
    cancelled_at: datetime | None = None
    outcome: str | None = None
    mention: bool = True
    until: str = Until.ACKNOWLEDGED


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDeadline:
    """One deadline row."""

    id: int
    ticket_id: int
    metric: str
    scope: str
    instance: int
    started_at: datetime
    due_at: datetime
    target_seconds: int
    state: str
    stopped_at: datetime | None
    breached_at: datetime | None
    policy: str
    policy_version: str
    calendar: str
    calendar_version: str
    clamped: str | None
    cause: str | None = None
    paused_at: datetime | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """What makes it the same clock after another plan."""
        return self.metric, self.scope, self.instance


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredClock:
    """A deadline row with its ping rows."""

    deadline: StoredDeadline
    pings: Sequence[StoredPing] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChanges:
    """Rows to write: new ones and changed ones alike, each whole."""

    deadlines: Sequence[StoredDeadline]
    pings: Sequence[StoredPing]


_DECIDED = frozenset({PingOutcome.SNOOZED, PingOutcome.ACKNOWLEDGED, PingOutcome.ANSWERING})
"""Why a ping is cancelled although its clock runs: it stays so."""

_FINAL = frozenset({ClockState.MET, ClockState.LATE})


def reconcile(
    ticket_id: int,
    stored: Sequence[StoredClock],
    planned: Sequence[PlannedDeadline],
    *,
    now: datetime,
    new_id: Callable[[], int],
    events: Sequence[Event] = (),
) -> ClockChanges:
    """What makes the rows say what the plan says.

    A clock that stopped keeps the policy it was judged by, even when the plan no longer knows of
    it: its wait is among the `events` of the ticket. Only a wait that never was is taken back.
    Pings of a clock that stopped or stands still are cancelled; of one that runs again they come
    back, except those that were heard already.
    """
    before = {clock.deadline.key: clock for clock in stored}
    deadlines: list[StoredDeadline] = []
    pings: list[StoredPing] = []
    for plan in planned:
        clock = before.pop((plan.metric, plan.scope, plan.instance), None)
        row = _deadline(ticket_id, plan, clock, now=now, new_id=new_id)
        if clock is None or row != clock.deadline:
            deadlines.append(row)
        had = clock.pings if clock else ()
        pings += _pings(row, plan, had, now=now, new_id=new_id)
    ended = ended_waits(events) if before else frozenset()
    for clock in before.values():
        if clock.deadline.state in _FINAL and _wait_of(clock.deadline) in ended:
            continue
        if clock.deadline.state != ClockState.CANCELLED:
            deadlines.append(
                replace(clock.deadline, state=ClockState.CANCELLED, stopped_at=now, paused_at=None)
            )
        pings += _silenced(clock.pings, now, PingOutcome.SUPERSEDED)
    return ClockChanges(deadlines=deadlines, pings=pings)


def _deadline(
    ticket_id: int,
    plan: PlannedDeadline,
    clock: StoredClock | None,
    *,
    now: datetime,
    new_id: Callable[[], int],
) -> StoredDeadline:
    stored = clock.deadline if clock else None
    if stored is not None and _is_history(stored, plan):
        return stored
    breached_at = stored.breached_at if stored and plan.due_at <= now else None
    return StoredDeadline(
        id=stored.id if stored else new_id(),
        ticket_id=ticket_id,
        metric=plan.metric,
        scope=plan.scope,
        instance=plan.instance,
        started_at=plan.started_at,
        due_at=plan.due_at,
        target_seconds=int(plan.target.total_seconds()),
        state=plan.state,
        stopped_at=plan.stopped_at,
        breached_at=breached_at,
        policy=plan.policy,
        policy_version=plan.policy_version,
        calendar=plan.calendar,
        calendar_version=plan.calendar_version,
        clamped=plan.clamped,
        cause=plan.cause,
        paused_at=plan.paused_at,
    )


Wait = tuple[str, int, datetime]
"""A wait that ended: its metric, its instance, and when."""


def ended_waits(events: Sequence[Event]) -> frozenset[Wait]:
    """Every wait that ended, by whatever rule it may have been measured."""
    found: set[Wait] = set()
    for counts in (False, True):
        runs = response_runs(events, auto_satisfies=counts)
        metrics = [Metric.FIRST_RESPONSE, *(Metric.NEXT_RESPONSE for _ in runs[1:])]
        found |= _ends(zip(metrics, range(len(runs)), runs, strict=False))
    for reopen in Reopen:
        runs = resolution_runs(events, reopen)
        found |= _ends((Metric.RESOLUTION, index, run) for index, run in enumerate(runs))
    runs = update_runs(events)
    return frozenset(found | _ends((Metric.UPDATE, index, run) for index, run in enumerate(runs)))


def _ends(waits: Iterable[tuple[Metric, int, Run]]) -> set[Wait]:
    return {
        (metric, index, run.ended_at) for metric, index, run in waits if run.ended_at is not None
    }


def _wait_of(row: StoredDeadline) -> tuple[str, int, datetime | None]:
    return row.metric, row.instance, row.stopped_at


def _is_history(stored: StoredDeadline, plan: PlannedDeadline) -> bool:
    """Judged before, on the same evidence: a rule edited since does not judge it again."""
    return (
        stored.state in _FINAL
        and plan.state in _FINAL
        and (stored.started_at, stored.stopped_at) == (plan.started_at, plan.stopped_at)
    )


def _pings(
    deadline: StoredDeadline,
    plan: PlannedDeadline,
    stored: Sequence[StoredPing],
    *,
    now: datetime,
    new_id: Callable[[], int],
) -> Iterable[StoredPing]:
    if plan.state is not ClockState.RUNNING:
        paused = plan.state is ClockState.PAUSED
        yield from _silenced(stored, now, PingOutcome.PAUSED if paused else PingOutcome.ANSWERED)
        return
    had = {ping.step: ping for ping in stored}
    for wanted in plan.pings:
        ping = had.pop(wanted.step, None)
        if ping is None:
            yield _ping(deadline, wanted, new_id())
        elif _must_change(ping, wanted):
            yield _ping(deadline, wanted, ping.id)
    had.pop(ON_IT, None)  # planned by a person, not by the rule
    yield from _silenced(had.values(), now, PingOutcome.SUPERSEDED)


def _must_change(ping: StoredPing, wanted: PlannedPing) -> bool:
    """Whether the row has to be armed (again) for `wanted`."""
    heard_at = ping.fired_at or (ping.cancelled_at if ping.outcome in _DECIDED else None)
    if heard_at is not None:
        return wanted.fire_at > heard_at
    return ping.cancelled_at is not None or (
        (ping.fire_at, ping.audience, ping.severity, ping.mention, ping.until)
        != (wanted.fire_at, wanted.audience, wanted.severity, wanted.mention, wanted.until)
    )


def _ping(deadline: StoredDeadline, wanted: PlannedPing, ping_id: int) -> StoredPing:
    return StoredPing(
        id=ping_id,
        deadline_id=deadline.id,
        ticket_id=deadline.ticket_id,
        step=wanted.step,
        audience=wanted.audience,
        severity=wanted.severity,
        fire_at=wanted.fire_at,
        mention=wanted.mention,
        until=wanted.until,
    )


def _silenced(
    pings: Iterable[StoredPing], now: datetime, outcome: PingOutcome
) -> Iterable[StoredPing]:
    for ping in pings:
        if ping.fired_at is None and ping.cancelled_at is None:
            yield replace(ping, cancelled_at=now, outcome=outcome)
