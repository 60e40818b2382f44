"""What history would have looked like under other rules: who would have been late, and who not.

Reads timelines, changes nothing. Rules are judged by what happened, so a stricter rule shows the
breaches it would have called, not the answers it would have brought forward. Another roster moves
the answers instead, see `sla_rules.restaffing`.
"""

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sla_rules.calendar import Calendar
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.policy import Policy, PolicySet
from sla_rules.restaffing import Rosters, restaffed
from sla_rules.timeline import TicketFacts, Timeline
from sla_rules.vocabulary import ClockState, Metric, Scope

KEPT: Final = 20
"""Flips remembered for each group and direction, the gravest; all of them are counted."""

Key = tuple[Metric, Scope, int]
Plan = Mapping[Key, PlannedDeadline]

_GRAVEST: Final = {Scope.WINDOW: 0, Scope.MARKETPLACE: 1, Scope.INTERNAL: 2}
_CHOICES: Final = 10_000
"""Sorts of tickets whose policies are remembered: order values make nearly every ticket its own."""

_COUNTED: Final = frozenset({ClockState.RUNNING, ClockState.LATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Policies, and for each inbox what its calendars' names stand for."""

    policies: PolicySet
    calendars: Mapping[str, Mapping[str, Calendar]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One ticket of the past, by whatever the caller knows it."""

    ticket: int
    timeline: Timeline


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """What is counted together: one clock of one channel."""

    channel: str
    metric: Metric
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Deadlines and breaches of one group on both sides, and the clocks that change sides."""

    deadlines_before: int = 0
    deadlines_after: int = 0
    breaches_before: int = 0
    breaches_after: int = 0
    newly_late: int = 0
    no_longer_late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A clock that is late on one side and not on the other.

    A due of None: that side has no such clock. An end of None: nothing had ended the wait by then.
    `late_by` is how late it is on the side that calls it late, so far if it still waits.
    """

    ticket: int
    group: Group
    instance: int
    late_before: bool
    late_after: bool
    due_before: datetime | None
    due_after: datetime | None
    ended_before: datetime | None
    ended_after: datetime | None
    late_by: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The answer: counts for each channel and clock, and the gravest of the clocks that flip.

    At most `KEPT` flips a group and direction; the tallies count all. `answers` were given by
    people, `outside` of them outside every shift; both are 0 where no roster was asked about.
    """

    tickets: int
    tallies: Mapping[Group, Tally]
    flips: tuple[Flip, ...]
    answers: int = 0
    outside: int = 0

    @property
    def newly_late(self) -> int:
        """Clocks that only the new side calls late."""
        return sum(tally.newly_late for tally in self.tallies.values())

    @property
    def no_longer_late(self) -> int:
        """Clocks that only the old side calls late."""
        return sum(tally.no_longer_late for tally in self.tallies.values())


@dataclass(frozen=True, slots=True)
class _Side:
    policy: Policy | None
    calendars: Mapping[str, Calendar]

    def plan(self, timeline: Timeline, now: datetime) -> Plan:
        if self.policy is None:
            return {}
        found = plan(timeline, self.policy, self.calendars, now, with_pings=False)
        return {(each.metric, each.scope, each.instance): each for each in found}

    def answers_like(self, other: "_Side") -> bool:
        """Whether both plan every ticket alike: same policy, same hours under each name it uses."""
        if self.policy is None or other.policy is None:
            return self.policy is other.policy
        return self.policy.version == other.policy.version and all(
            _version(self.calendars.get(name)) == _version(other.calendars.get(name))
            for name in self.policy.calendars
        )


def _version(calendar: Calendar | None) -> str | None:
    return calendar.version if calendar is not None else None


@dataclass(slots=True)
class Replay:
    """Takes tickets one by one, so that a caller can show how far it is. Holds no history.

    Raises:
        PolicyError, CalendarError: as planning does.
    """

    before: Rules
    after: Rules
    now: datetime
    rosters: Rosters | None = None
    _tickets: int = 0
    _answers: int = 0
    _outside: int = 0
    _counts: defaultdict[Group, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _flips: dict[tuple[Group, bool], list[tuple[timedelta, int, int, Flip]]] = field(
        default_factory=dict
    )
    _sides: dict[TicketFacts, tuple[_Side, _Side, bool]] = field(default_factory=dict)

    def add(self, past: Past) -> None:
        """Judge one ticket on both sides."""
        self._tickets += 1
        old, new, alike = self._chosen(past.timeline.facts)
        before = old.plan(past.timeline, self.now)
        if self.rosters is not None:
            moved = restaffed(past.timeline, self.rosters, self.now)
            self._answers += moved.answers
            self._outside += moved.outside
            after = new.plan(moved.timeline, self.now)
        else:
            after = before if alike else new.plan(past.timeline, self.now)
        channel = past.timeline.facts.channel
        for key in before if before is after else {**before, **after}:
            group = Group(channel, key[0], key[1])
            self._compare(past.ticket, group, key[2], before.get(key), after.get(key))

    def result(self) -> WhatIf:
        """All that was added so far."""
        kept = [flip for heap in self._flips.values() for _, _, _, flip in heap]
        return WhatIf(
            tickets=self._tickets,
            tallies={group: Tally(**self._counts[group]) for group in sorted(self._counts)},
            flips=tuple(sorted(kept, key=_gravest_first)),
            answers=self._answers,
            outside=self._outside,
        )

    def _chosen(self, facts: TicketFacts) -> tuple[_Side, _Side, bool]:
        found = self._sides.get(facts)
        if found is None:
            if len(self._sides) >= _CHOICES:
                self._sides.clear()
            old, new = (
                _Side(rules.policies.select(facts), rules.calendars.get(facts.inbox, {}))
                for rules in (self.before, self.after)
            )
            found = self._sides[facts] = old, new, old.answers_like(new)
        return found

    def _compare(
        self,
        ticket: int,
        group: Group,
        instance: int,
        before: PlannedDeadline | None,
        after: PlannedDeadline | None,
    ) -> None:
        late_by = [self._late_by(before), self._late_by(after)]
        late_before, late_after = (each is not None for each in late_by)
        counts = self._counts[group]
        counts["deadlines_before"] += before is not None
        counts["deadlines_after"] += after is not None
        counts["breaches_before"] += late_before
        counts["breaches_after"] += late_after
        if late_before is late_after:
            return
        counts["newly_late" if late_after else "no_longer_late"] += 1
        self._keep(
            Flip(
                ticket=ticket,
                group=group,
                instance=instance,
                late_before=late_before,
                late_after=late_after,
                due_before=before.due_at if before else None,
                due_after=after.due_at if after else None,
                ended_before=self._ended(before),
                ended_after=self._ended(after),
                late_by=max(each for each in late_by if each is not None),
            )
        )

    def _keep(self, flip: Flip) -> None:
        heap = self._flips.setdefault((flip.group, flip.late_after), [])
        entry = (flip.late_by, -flip.ticket, -flip.instance, flip)
        if len(heap) < KEPT:
            heapq.heappush(heap, entry)
        else:
            heapq.heappushpop(heap, entry)

    def _late_by(self, deadline: PlannedDeadline | None) -> timedelta | None:
        # An answer that another roster moves beyond `now` is late only if it was due before.
        if deadline is None or deadline.state not in _COUNTED or deadline.due_at >= self.now:
            return None
        return (self._ended(deadline) or self.now) - deadline.due_at

    def _ended(self, deadline: PlannedDeadline | None) -> datetime | None:
        if deadline is None or deadline.stopped_at is None or deadline.stopped_at > self.now:
            return None
        return deadline.stopped_at


def _gravest_first(flip: Flip) -> tuple[bool, int, timedelta, int, Metric, int]:
    scope = _GRAVEST[flip.group.scope]
    return (
        flip.late_before,
        scope,
        -flip.late_by,
        flip.ticket,
        flip.group.metric,
        flip.instance,
    )
