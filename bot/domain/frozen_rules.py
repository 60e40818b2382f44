"""Which version of the rules a ticket goes by, and what stays of a clock whose rules are lost.

A clock keeps the policy and the calendars it was begun under. A file that was edited since speaks
for the next wait only; whoever wants it to speak for this one says so with `recompute`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.clocks import StoredClock, StoredDeadline
from bot.domain.ticket import Ticket
from sla_rules.calendar import Calendar
from sla_rules.clock_rule import ALWAYS_NAME, ClockRule
from sla_rules.deadlines import PlannedDeadline, PlannedPing, plan
from sla_rules.match import Match
from sla_rules.policy import Policy
from sla_rules.runs import response_runs
from sla_rules.timeline import Timeline
from sla_rules.vocabulary import RESPONSES, Audience, ClockState, Metric, Scope, Until

Wait = tuple[str, int]
"""Metric and instance: the clocks of one wait share their rules, whatever their scope."""

FINISHED: Final = frozenset({ClockState.MET, ClockState.LATE, ClockState.CANCELLED})
_NEVER: Final = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """A version of a policy, and of its calendars by the names it uses (`shop` among them)."""

    policy: str
    policy_version: str
    calendars: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A policy with its calendars by name; no policy where nobody is waited for.

    `versions` are what it was frozen as. A calendar that is counted with newer zone data than
    then has another version of its own.
    """

    policy: Policy | None
    calendars: Mapping[str, Calendar]
    versions: Versions | None

    def made(self, row: StoredDeadline) -> bool:
        """Whether the clock in `row` was planned by these."""
        if self.versions is None:
            return False
        own = self.calendars.get(row.calendar)
        return (row.policy, row.policy_version) == (
            self.versions.policy,
            self.versions.policy_version,
        ) and row.calendar_version in {
            self.versions.calendars.get(row.calendar, row.calendar),
            own.version if own is not None else row.calendar,
        }


@dataclass(slots=True)
class KnownRules:
    """Versions that a process has met, by content hash: never stale. `lost` cannot be made again."""

    policies: dict[str, Policy] = field(default_factory=dict)
    calendars: dict[str, Calendar] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)


def frozen_of(ticket: Ticket) -> Versions | None:
    """What the ticket goes by; None for one that was never planned, or before there were versions."""
    if ticket.policy is None or ticket.policy_version is None:
        return None
    return Versions(
        policy=ticket.policy,
        policy_version=ticket.policy_version,
        calendars=ticket.calendar_versions or {},
    )


def versions_of(policy: Policy, calendars: Mapping[str, Calendar]) -> Versions:
    """The versions to freeze of a policy and what its calendars' names stand for now."""
    return Versions(
        policy=policy.name,
        policy_version=policy.version,
        calendars={
            name: calendars[name].version
            for name in sorted(policy.calendars)
            if name in calendars and name != ALWAYS_NAME
        },
    )


def begins_anew(ticket: Ticket, line: Timeline, stored: Sequence[StoredClock]) -> bool:
    """Whether a customer wrote into a ticket on which nobody waited: the rules of now apply.

    An answer that bounced brings back a wait that has its clocks already: that one goes on.
    """
    if ticket.waiting_since is not None:
        return False
    begun = {
        clock.deadline.started_at
        for clock in stored
        if clock.deadline.metric in RESPONSES and clock.deadline.scope != Scope.WINDOW
    }
    new = [run for run in response_runs(line.events) if run.started_at not in begun]
    return any(run.ended_at is None for run in new) or bool(begun and new)


def begun_otherwise(
    stored: Sequence[StoredClock], rules: Rules
) -> Mapping[Wait, Sequence[StoredClock]]:
    """The waits whose clocks were planned by other rules than these, with the clocks that count.

    Of a wait that was planned twice the superseded clocks say nothing.
    """
    waits: dict[Wait, list[StoredClock]] = defaultdict(list)
    for clock in stored:
        waits[clock.deadline.metric, clock.deadline.instance].append(clock)
    found: dict[Wait, Sequence[StoredClock]] = {}
    for wait, clocks in waits.items():
        standing = [each for each in clocks if each.deadline.state != ClockState.CANCELLED]
        told = standing or clocks
        if not any(rules.made(each.deadline) for each in told):
            found[wait] = told
    return found


def versions_of_rows(clocks: Iterable[StoredClock]) -> Versions:
    """The versions that the clocks of one wait say they go by."""
    rows = [clock.deadline for clock in clocks]
    return Versions(
        policy=rows[0].policy,
        policy_version=rows[0].policy_version,
        calendars={row.calendar: row.calendar_version for row in rows},
    )


def keeps(
    clocks: Sequence[StoredClock], planned: Collection[PlannedDeadline], *, anew: bool
) -> bool:
    """Whether a wait stays with the rules it was begun under; `planned` is what those say of it.

    `anew`: running clocks come under the rules of now. What has ended stays judged as it was.
    """
    ended = {
        (row.started_at, row.stopped_at)
        for row in (clock.deadline for clock in clocks)
        if row.state in FINISHED
    }
    if any((row.started_at, row.stopped_at) in ended for row in planned):
        return True
    return not anew and any(clock.deadline.state != ClockState.CANCELLED for clock in clocks)


def as_stored(
    line: Timeline, clocks: Sequence[StoredClock], now: datetime
) -> Sequence[PlannedDeadline]:
    """The clocks of a wait whose rules are lost, as their rows have them.

    They stop when the wait ends, and are due when they were: that was right by their own rules.
    What the platform says since about its own limit still brings it forward.
    """
    rows = {(clock.deadline.metric, clock.deadline.scope): clock for clock in clocks}
    frame = Policy(
        name="",
        version="",
        match=Match(),
        clocks=tuple(
            ClockRule(metric=Metric(metric), scope=Scope(scope), target=_NEVER)
            for metric, scope in rows
        ),
        source="",
        safety_margin=timedelta(0),
    )
    instances = {clock.deadline.instance for clock in clocks}
    return [
        _judged(each, rows[each.metric, each.scope])
        for each in plan(line, frame, {}, now, with_pings=False)
        if each.instance in instances and (each.metric, each.scope) in rows
    ]


def _judged(frame: PlannedDeadline, clock: StoredClock) -> PlannedDeadline:
    row = clock.deadline
    due_at = min(row.due_at, frame.due_at)
    state = frame.state
    if frame.stopped_at is not None and frame.stopped_at > due_at:
        state = ClockState.LATE
    return replace(
        frame,
        due_at=due_at,
        target=timedelta(seconds=row.target_seconds),
        state=state,
        policy=row.policy,
        policy_version=row.policy_version,
        calendar=row.calendar,
        calendar_version=row.calendar_version,
        clamped=row.clamped,
        pings=tuple(_again(clock)) if state is ClockState.RUNNING else (),
    )


def _again(clock: StoredClock) -> Iterable[PlannedPing]:
    for ping in clock.pings:
        yield PlannedPing(
            step=ping.step,
            audience=Audience(ping.audience),
            severity=ping.severity,
            fire_at=ping.fire_at,
            mention=ping.mention,
            until=Until(ping.until),
        )
