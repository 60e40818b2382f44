"""One way the coming hours may go: people take tickets off the queue until their shifts are over.

Instants are seconds since 1970 here, for speed: a queue of hundreds is played many times.
"""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from bot.domain.working_hours import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An open ticket at its place in the order. `workers` may work on it; `owned`: it is theirs."""

    rank: int
    inbox: str
    workers: frozenset[str]
    owned: bool
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """A ticket that may come in at `at`, at its place in the order."""

    rank: int
    at: float


_HALF = 0.5
"""Of those that may come in, each draw takes so many: twice as many stand ready as usually come."""


class Play:
    """The queue, the people and how long tickets take; played again and again."""

    def __init__(
        self,
        *,
        tasks: Sequence[Task],
        coming: Mapping[str, Sequence[Coming]],
        presences: Sequence[Presence],
        capacities: Mapping[str, int | None],
        lengths: Mapping[str, Sequence[float]],
    ) -> None:
        self.tasks = tasks
        self.coming = coming
        self.lengths = lengths
        self.spans = [
            _Span(
                who=each.who,
                begins=each.begins.timestamp(),
                ends=each.ends.timestamp(),
                mine=[at for at, task in enumerate(tasks) if _works_on(each, task)],
                inboxes=[inbox for inbox in coming if each.takes(inbox) and not each.own],
            )
            for each in presences
        ]
        self.capacities = {who: most for who, most in capacities.items() if most is not None}
        self.loads: dict[str, int] = {}
        for task in tasks:
            if task.owned and len(task.workers) == 1:
                (who,) = task.workers
                self.loads[who] = self.loads.get(who, 0) + task.weight

    def ends(self, chance: random.Random) -> list[float]:
        """When each of the tasks is answered; infinity for those that are not."""
        return _Draw(self, chance).ends()


def _works_on(presence: Presence, task: Task) -> bool:
    fits = presence.who in task.workers and presence.takes(task.inbox)
    return fits and (task.owned or not presence.own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Span:
    who: str
    begins: float
    ends: float
    mine: Sequence[int]
    inboxes: Sequence[str]


class _Draw:
    def __init__(self, play: Play, chance: random.Random) -> None:
        self.play = play
        self.chance = chance
        self.done = [math.inf] * len(play.tasks)
        self.next_mine = [0] * len(play.spans)
        self.coming = {
            inbox: [each for each in those if chance.random() < _HALF]
            for inbox, those in play.coming.items()
        }
        self.next_coming = dict.fromkeys(self.coming, 0)
        self.busy: dict[str, float] = {}
        self.loads = dict(play.loads)

    def ends(self) -> list[float]:
        free = [(span.begins, at) for at, span in enumerate(self.play.spans)]
        heapify(free)
        while free:
            ready, place = heappop(free)
            span = self.play.spans[place]
            now = max(ready, self.busy.get(span.who, ready))
            if now >= span.ends:
                continue
            inbox = self._taken(place, span, now)
            if inbox is None:
                again = self._next_arrival(span, now)
            else:
                lengths = self.play.lengths[inbox]
                again = now + lengths[int(self.chance.random() * len(lengths))]
                self.busy[span.who] = again
                self._settle(again)
            if again < span.ends:
                heappush(free, (again, place))
        return self.done

    def _taken(self, place: int, span: _Span, now: float) -> str | None:
        """The inbox of the ticket that is taken now, the most urgent of all; None: there is none."""
        at = self._first_open(place, span)
        best = self.play.tasks[at].rank if at is not None else math.inf
        newcomer = None
        for inbox in span.inboxes:
            those, following = self.coming[inbox], self.next_coming[inbox]
            if following < len(those):
                each = those[following]
                if each.at <= now and each.rank < best:
                    best, newcomer = each.rank, inbox
        self._taking = at if newcomer is None else None
        if newcomer is not None:
            self.next_coming[newcomer] += 1
            return newcomer
        return self.play.tasks[at].inbox if at is not None else None

    def _settle(self, end: float) -> None:
        if self._taking is None:
            return
        self.done[self._taking] = end
        task = self.play.tasks[self._taking]
        if task.owned and len(task.workers) == 1:
            (who,) = task.workers
            self.loads[who] -= task.weight

    def _first_open(self, place: int, span: _Span) -> int | None:
        mine, tasks = span.mine, self.play.tasks
        at = self.next_mine[place]
        while at < len(mine) and self.done[mine[at]] < math.inf:
            at += 1
        self.next_mine[place] = at
        most, load = self.play.capacities.get(span.who), self.loads.get(span.who, 0)
        for one in mine[at:]:
            if self.done[one] < math.inf:
                continue
            task = tasks[one]
            # Whoever has nothing to do takes one ticket, however much it weighs.
            if task.owned or most is None or not load or load + task.weight <= most:
                return one
        return None

    def _next_arrival(self, span: _Span, now: float) -> float:
        """When there may be something to do again."""
        found = math.inf
        for inbox in span.inboxes:
            those, following = self.coming[inbox], self.next_coming[inbox]
            if following < len(those):
                found = min(found, max(those[following].at, now + 1.0))
        return found
