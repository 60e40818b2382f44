"""What history would have looked like under other rules: who would have been late, and who not.

Reads timelines, changes nothing. Rules are judged by what happened, so a stricter rule shows the
breaches it would have called, not the answers it would have brought forward.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sla_rules.calendar import Calendar
from sla_rules.deadlines import PlannedDeadline, plan
from sla_rules.policy import Policy, PolicySet
from sla_rules.timeline import TicketFacts, Timeline
from sla_rules.vocabulary import ClockState, Metric, Scope

Key = tuple[Metric, Scope, int]


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
    """Deadlines and breaches of one group under both sets of rules."""

    deadlines_before: int = 0
    deadlines_after: int = 0
    breaches_before: int = 0
    breaches_after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A ticket that one set of rules calls late and the other does not.

    A due of None: the rules have no such clock.
    """

    ticket: int
    group: Group
    instance: int
    late_before: bool
    late_after: bool
    due_before: datetime | None
    due_after: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The answer: counts for each channel and clock, and the tickets that change sides."""

    tickets: int
    tallies: Mapping[Group, Tally]
    flips: tuple[Flip, ...]


@dataclass(slots=True)
class Replay:
    """Takes tickets one by one, so that a caller can show how far it is.

    Raises:
        PolicyError, CalendarError: as planning does.
    """

    before: Rules
    after: Rules
    now: datetime
    _tickets: int = 0
    _counts: Counter[tuple[Group, str]] = field(default_factory=Counter)
    _flips: list[Flip] = field(default_factory=list)
    _policies: dict[tuple[int, TicketFacts], Policy | None] = field(default_factory=dict)

    def add(self, past: Past) -> None:
        """Judge one ticket under both sets of rules."""
        self._tickets += 1
        before = self._planned(self.before, past.timeline)
        after = self._planned(self.after, past.timeline)
        for key in {**before, **after}:
            self._compare(past, key, before.get(key), after.get(key))

    def result(self) -> WhatIf:
        """All that was added so far."""
        groups = sorted({group for group, _ in self._counts})
        tallies = {
            group: Tally(
                deadlines_before=self._counts[group, "deadlines_before"],
                deadlines_after=self._counts[group, "deadlines_after"],
                breaches_before=self._counts[group, "breaches_before"],
                breaches_after=self._counts[group, "breaches_after"],
            )
            for group in groups
        }
        return WhatIf(tickets=self._tickets, tallies=tallies, flips=tuple(self._flips))

    def _planned(self, rules: Rules, timeline: Timeline) -> dict[Key, PlannedDeadline]:
        policy = self._policy(rules, timeline.facts)
        if policy is None:
            return {}
        calendars = rules.calendars.get(timeline.facts.inbox, {})
        found = plan(timeline, policy, calendars, self.now, with_pings=False)
        return {(each.metric, each.scope, each.instance): each for each in found}

    def _policy(self, rules: Rules, facts: TicketFacts) -> Policy | None:
        key = (id(rules), facts)
        if key not in self._policies:
            self._policies[key] = rules.policies.select(facts)
        return self._policies[key]

    def _compare(
        self,
        past: Past,
        key: Key,
        before: PlannedDeadline | None,
        after: PlannedDeadline | None,
    ) -> None:
        metric, scope, instance = key
        group = Group(past.timeline.facts.channel, metric, scope)
        late_before, late_after = self._is_late(before), self._is_late(after)
        self._counts[group, "deadlines_before"] += before is not None
        self._counts[group, "deadlines_after"] += after is not None
        self._counts[group, "breaches_before"] += late_before
        self._counts[group, "breaches_after"] += late_after
        if late_before is not late_after:
            flip = Flip(
                ticket=past.ticket,
                group=group,
                instance=instance,
                late_before=late_before,
                late_after=late_after,
                due_before=before.due_at if before else None,
                due_after=after.due_at if after else None,
            )
            self._flips.append(flip)

    def _is_late(self, deadline: PlannedDeadline | None) -> bool:
        if deadline is None:
            return False
        running_late = deadline.state is ClockState.RUNNING and deadline.due_at < self.now
        return running_late or deadline.state is ClockState.LATE


def what_if(history: Iterable[Past], before: Rules, after: Rules, now: datetime) -> WhatIf:
    """Replay a whole history under two sets of rules.

    Raises:
        PolicyError, CalendarError: as planning does.
    """
    replay = Replay(before, after, now)
    for past in history:
        replay.add(past)
    return replay.result()


def changed(tallies: Mapping[Group, Tally]) -> Iterator[tuple[Group, Tally]]:
    """The groups in which the number of breaches changes, the greatest change first."""
    moved = [
        (group, tally)
        for group, tally in tallies.items()
        if tally.breaches_before != tally.breaches_after
    ]
    yield from sorted(
        moved, key=lambda item: -abs(item[1].breaches_after - item[1].breaches_before)
    )
