"""Which deadlines will be missed: the open tickets worked off by whoever comes, played many times.

Pure, and a guess. Everybody takes the most urgent ticket they may (`priority.by_urgency`, as the
order is now), works on it as long as tickets of its inbox took lately, and goes on to the next.
What is begun before the end of a shift is finished. Meanwhile new tickets come in as they did at
this hour of this weekday. The same input gives the same forecast: the draws are seeded.
"""

import math
import random
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any, Final

from bot.domain.forecast_play import Coming, Play, Task
from bot.domain.priority import Urgency, by_urgency
from bot.domain.roster import Roster
from bot.domain.routes import weight_of
from bot.domain.working_hours import Presence
from sla_rules.vocabulary import Risk, Scope

DRAWS: Final = 16
"""How often the queue is played. A share of misses is then right within about a quarter."""

AHEAD: Final = timedelta(hours=8)
"""So far a forecast is held against what came; beyond it too much changes."""

LIKELY: Final = 50
"""Percent of the draws from which a deadline counts as forecast to be missed."""

FEWEST: Final = 20
"""Fewer handling times than this tell nothing: those of the whole desk stand in, then `USUAL`."""

USUAL: Final = timedelta(minutes=15)
"""How long a ticket is worked on where nobody knows it yet; drawn between a half and the double."""

MOST_NEWCOMERS: Final = 600
"""Of a flood so many tickets are played at most: nobody keeps up with it anyway."""

_SPREAD: Final = (0.5, 0.7, 0.8, 0.9, 1.0, 1.0, 1.1, 1.3, 1.6, 2.0)
_PARTS: Final = 10
_USUAL_TARGET: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A running deadline of an answer."""

    deadline_id: int
    scope: Scope
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTicket:
    """An open ticket with the deadlines that are asked about; `meant` may take it if nobody has it."""

    urgency: Urgency
    inbox: str
    assignee: str | None
    meant: frozenset[str]
    clocks: Sequence[Clock] = ()

    def workers(self, roster: Roster) -> frozenset[str]:
        """Who works on it: its owner, or those it is meant for where the owner has left."""
        if self.assignee is not None and roster.is_active(self.assignee):
            return frozenset({self.assignee})
        return self.meant


class Because(StrEnum):
    """Why a deadline is forecast to be missed."""

    NOBODY = "nobody"  # nobody who may work on it comes in time
    OWNER = "owner"  # its owner is not there in time
    SHORT = "short"  # there is less time than an answer takes
    QUEUE = "queue"  # other tickets are more urgent


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why: `at` is when somebody is there again, None where nobody knows; `who` owns the ticket.

    `count` is how many open tickets go before it.
    """

    because: Because
    at: datetime | None = None
    who: str | None = None
    count: int = 0

    def dump(self) -> dict[str, Any]:
        """As it is kept."""
        at = self.at.isoformat() if self.at else None
        return {"because": str(self.because), "at": at, "who": self.who, "count": self.count}

    @classmethod
    def load(cls, kept: Mapping[str, Any]) -> "Cause":
        """Back from `dump`."""
        at = kept.get("at")
        return cls(
            because=Because(kept["because"]),
            at=datetime.fromisoformat(at) if at else None,
            who=kept.get("who"),
            count=int(kept.get("count") or 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is foreseen of one deadline: `percent` of the draws missed it.

    `expected_at` is when half of the draws had answered by; None: not as far as was looked.
    """

    ticket_id: int
    clock: Clock
    percent: int
    expected_at: datetime | None
    cause: Cause

    @property
    def is_likely(self) -> bool:
        """Whether it counts as forecast to be missed."""
        return self.percent >= LIKELY


@dataclass(frozen=True, slots=True, kw_only=True)
class Handling:
    """How long tickets were worked on lately, by channel, and of which channel each inbox is."""

    samples: Mapping[str, Sequence[timedelta]] = field(default_factory=dict)
    channels: Mapping[str, str] = field(default_factory=dict)

    def of(self, inbox: str) -> Sequence[timedelta]:
        """Ten lengths, equally likely, the shortest in front: of its channel, else of the desk, else around `USUAL`."""
        own = self.samples.get(self.channels.get(inbox, inbox), ())
        for those in (own, [one for each in self.samples.values() for one in each]):
            if len(those) >= FEWEST:
                ranked = sorted(those)
                # The middles of ten parts: the longest of all says nothing of the others.
                return [ranked[int((part + 0.5) * len(ranked) / _PARTS)] for part in range(_PARTS)]
        return [USUAL * factor for factor in _SPREAD]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """All that a forecast is made from. `arrivals` are tickets an hour by inbox, hour by hour."""

    now: datetime
    until: datetime
    tickets: Sequence[OpenTicket]
    presences: Sequence[Presence]
    handling: Handling = field(default_factory=Handling)
    arrivals: Mapping[str, Sequence[float]] = field(default_factory=dict)


def forecasts(outlook: Outlook, roster: Roster) -> list[Forecast]:
    """What is foreseen of every deadline that is still to come, the first due in front."""
    order, tasks, coming = _lined_up(outlook, roster)
    inboxes = {*outlook.arrivals, *(each.inbox for each in outlook.tickets)}
    handling = {inbox: outlook.handling.of(inbox) for inbox in inboxes}
    play = Play(
        tasks=tasks,
        coming=coming,
        presences=outlook.presences,
        capacities={who: agent.capacity for who, agent in roster.agents.items()},
        lengths={
            inbox: [one.total_seconds() for one in lengths] for inbox, lengths in handling.items()
        },
    )
    ends = [play.ends(random.Random(seed)) for seed in range(DRAWS)]  # noqa: S311 - no secret
    found = [
        _foreseen(
            ticket,
            clock,
            sorted(end[at] for end in ends),
            _cause(ticket, clock, outlook, roster, _Place(at, handling[ticket.inbox][_PARTS // 2])),
        )
        for at, ticket in enumerate(order)
        for clock in ticket.clocks
        if clock.due_at > outlook.now
    ]
    return sorted(found, key=lambda each: (each.clock.due_at, each.clock.deadline_id))


def _lined_up(
    outlook: Outlook, roster: Roster
) -> tuple[list[OpenTicket], list[Task], Mapping[str, Sequence[Coming]]]:
    """The open tickets in the order they are worked on, and those still to come, each in its place."""
    by_id = {each.urgency.ticket_id: each for each in outlook.tickets}
    newcomers = _newcomers(outlook)
    ranked = by_urgency([*(each.urgency for each in outlook.tickets), *newcomers], outlook.now)
    order: list[OpenTicket] = []
    tasks: list[Task] = []
    coming: dict[str, list[Coming]] = {}
    for rank, urgency in enumerate(ranked):
        ticket = by_id.get(urgency.ticket_id)
        if ticket is None:
            inbox = newcomers[urgency]
            at = urgency.waiting_since or outlook.now
            coming.setdefault(inbox, []).append(Coming(rank=rank, at=at.timestamp()))
            continue
        order.append(ticket)
        tasks.append(
            Task(
                rank=rank,
                inbox=ticket.inbox,
                workers=ticket.workers(roster),
                owned=ticket.assignee is not None,
                weight=weight_of(urgency.risk),
            )
        )
    for those in coming.values():
        those.sort(key=lambda each: each.at)
    return order, tasks, coming


def _newcomers(outlook: Outlook) -> dict[Urgency, str]:
    """Twice the tickets that usually come; each draw takes half of them, by chance."""
    found: dict[Urgency, str] = {}
    for inbox, rates in sorted(outlook.arrivals.items()):
        target = _target(outlook, inbox)
        owed = 0.0
        for hour, rate in enumerate(rates):
            owed += 2 * rate
            many = min(int(owed), MOST_NEWCOMERS - len(found))
            owed -= int(owed)
            for place in range(many):
                at = outlook.now + timedelta(hours=hour + (place + 0.5) / many)
                found[
                    Urgency(
                        ticket_id=-len(found) - 1,
                        limit_at=at + target,
                        target_at=None,
                        risk=Risk.NORMAL,
                        vip=False,
                        worth=0.0,
                        waiting_since=at,
                    )
                ] = inbox
    return found


def _target(outlook: Outlook, inbox: str) -> timedelta:
    """How long a new ticket of the inbox has, going by those that are open."""
    spans = [
        (each.clocks[0].due_at - each.urgency.waiting_since).total_seconds()
        for each in outlook.tickets
        if each.inbox == inbox and each.clocks and each.urgency.waiting_since
    ]
    return timedelta(seconds=median(spans)) if spans else _USUAL_TARGET


def _foreseen(ticket: OpenTicket, clock: Clock, ends: Sequence[float], cause: Cause) -> Forecast:
    due = clock.due_at.timestamp()
    late = len(ends) - bisect_left(ends, math.nextafter(due, math.inf))
    middle = ends[len(ends) // 2]
    return Forecast(
        ticket_id=ticket.urgency.ticket_id,
        clock=clock,
        percent=round(100 * late / len(ends)),
        expected_at=None if math.isinf(middle) else datetime.fromtimestamp(middle, UTC),
        cause=cause,
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """How many open tickets go before one, and how long one usually takes there."""

    before: int
    usual: timedelta


def _cause(
    ticket: OpenTicket, clock: Clock, outlook: Outlook, roster: Roster, place: _Place
) -> Cause:
    workers = ticket.workers(roster)
    begins = min(
        (
            each.begins
            for each in outlook.presences
            if each.who in workers
            and each.takes(ticket.inbox)
            and (ticket.assignee is not None or not each.own)
        ),
        default=None,
    )
    owner = ticket.assignee if ticket.assignee in workers else None
    if begins is None or begins >= clock.due_at:
        because = Because.OWNER if owner else Because.NOBODY
        return Cause(because=because, at=begins, who=owner)
    if clock.due_at - begins < place.usual:
        return Cause(because=Because.SHORT, who=owner)
    return Cause(because=Because.QUEUE, who=owner, count=place.before)
