"""To whom a ticket goes when it opens: the most specific route, then whoever of its people is free.

Pure. A route without anybody free hands on to the route it names, else the ticket is left to its
channel, unclaimed. Without routes nothing is decided at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.roster import Agent, Role, Roster, Seniority, Verb
from bot.domain.shifts import Coming, has_hours, next_on_shift, on_shift
from sla_rules.match import Match
from sla_rules.select import most_specific
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Kind, Risk

WEIGHTS: Final[Mapping[Risk, int]] = {Risk.CRITICAL: 3, Risk.ELEVATED: 2}
"""How much of somebody's capacity a ticket takes; any other risk takes one."""

_ROUTED: Final = frozenset({Role.AGENT, Role.LEAD})
"""Managers and admins get tickets only from routes that name them."""


class By(StrEnum):
    """How a route chooses among the people who are free."""

    ROUND_ROBIN = "round_robin"
    LEAST_LOADED = "least_loaded"
    ON_SHIFT_ONLY = "on_shift_only"


class Why(StrEnum):
    """Why somebody did not get a ticket."""

    AWAY = "away"
    OFF_SHIFT = "off_shift"
    FULL = "full"
    LANGUAGE = "language"
    SKILL = "skill"
    SENIORITY = "seniority"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who may get a route's tickets: all of it has to be true. Empty: any agent or lead.

    With `previous_agent`, whoever had an earlier ticket of the customer goes before the others.
    """

    people: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    seniority: Seniority | None = None
    previous_agent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One `[[routes]]` table. `fallback` is another route's name; None: the channel, unclaimed."""

    name: str
    match: Match
    to: Wanted
    by: By
    fallback: str | None = None
    origin: str | None = None
    preset: bool = False
    precedence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Somebody who did not get the ticket, and why; `detail` is what they lack."""

    agent: str
    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What was decided. `routes` were asked in this order; `coming` is who is next on shift."""

    assignee: str | None
    routes: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    coming: Coming | None = None
    previous: bool = False


@dataclass(slots=True)
class Work:
    """Who has how much to do and whose turn it is; kept up as tickets are given out.

    `loads` are weighted open tickets by person. `turns` rise with every ticket a route gave to
    somebody. `previous` is who had an earlier ticket, by customer.
    """

    loads: dict[str, int] = field(default_factory=dict)
    turns: dict[tuple[str, str], int] = field(default_factory=dict)
    previous: Mapping[int, str] = field(default_factory=dict)

    def give(self, routing: Routing, risk: Risk, turn: int) -> None:
        """Take down that somebody got a ticket."""
        who = routing.assignee
        if who is not None:
            self.loads[who] = self.loads.get(who, 0) + weight_of(risk)
            self.turns[routing.routes[-1], who] = turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The ticket that is routed, as far as routes look at it. It is not given to `besides`."""

    facts: TicketFacts
    risk: Risk
    customer_id: int | None = None
    besides: str | None = None


def weight_of(risk: Risk) -> int:
    """How much work a ticket of this risk counts as."""
    return WEIGHTS.get(risk, 1)


def routing_of(
    routes: Sequence[Route], roster: Roster, asked: Asked, work: Work, now: datetime
) -> Routing | None:
    """Who gets the ticket; None: no route is meant for it.

    Raises:
        PolicyConflict: two routes are equally specific; a checked file has none of these.
    """
    first = most_specific(routes, asked.facts)
    if first is None:
        return None
    desk = _Desk(roster, asked, work, now)
    names: list[str] = []
    left_out: dict[str, LeftOut] = {}
    meant: set[str] = set()
    for route in _chain(routes, first):
        names.append(route.name)
        free = []
        for agent in _candidates(roster, route.to, asked.facts.inbox):
            if agent.slack_id == asked.besides:
                continue
            missing = _lacks(agent, route.to) or desk.keeping(agent, route)
            if missing is None:
                free.append(agent.slack_id)
            else:
                left_out.setdefault(agent.slack_id, missing)
            if missing is None or missing.why in _PASSING:
                meant.add(agent.slack_id)
        if free:
            return desk.chosen(route, free, names, left_out)
    return Routing(
        assignee=None,
        routes=tuple(names),
        left_out=tuple(left_out.values()),
        coming=next_on_shift(roster, now, meant, asked.facts.inbox),
    )


def meant_for(routes: Sequence[Route], roster: Roster, facts: TicketFacts) -> frozenset[str]:
    """Who of a ticket's routes may work on it, whether they are there or not; else whoever routes may.

    Raises:
        PolicyConflict: as `routing_of`.
    """
    first = most_specific(routes, facts)
    meant = {
        agent.slack_id
        for route in (_chain(routes, first) if first else ())
        for agent in _candidates(roster, route.to, facts.inbox)
        if _lacks(agent, route.to) is None
    }
    return frozenset(
        meant or (each.slack_id for each in _candidates(roster, ANYBODY.to, facts.inbox))
    )


ANYBODY: Final = Route(name="", match=Match(kind=frozenset(Kind)), to=Wanted(), by=By.LEAST_LOADED)
"""Where no route is meant for a ticket: any agent or lead, whoever has the least to do."""


def next_for(
    routes: Sequence[Route], roster: Roster, asked: Asked, work: Work, now: datetime
) -> Routing:
    """Whoever of the ticket's route is free now, else is on shift next; else of the whole desk."""
    for those in (routes, [ANYBODY]):
        found = routing_of(those, roster, asked, work, now)
        if found is not None and found.assignee is None and found.coming is not None:
            found = replace(found, assignee=found.coming.who)
        if found is not None and found.assignee is not None:
            return found
    return Routing(assignee=None, routes=())


_PASSING: Final = frozenset({Why.AWAY, Why.OFF_SHIFT, Why.FULL})
"""What keeps somebody from a ticket only for now."""


@dataclass(frozen=True, slots=True)
class _Desk:
    roster: Roster
    asked: Asked
    work: Work
    now: datetime

    def keeping(self, agent: Agent, route: Route) -> LeftOut | None:
        """What keeps somebody who fits from this ticket at this moment."""
        who = agent.slack_id
        if who in self.roster.away:
            until = self.roster.away.get(who)
            return LeftOut(agent=who, why=Why.AWAY, detail=until.isoformat() if until else "")
        if not self._is_there(who, route.by):
            return LeftOut(agent=who, why=Why.OFF_SHIFT)
        load, most = self.work.loads.get(who, 0), agent.capacity
        # Whoever has nothing to do takes one ticket, however much it weighs.
        if most is not None and load and load + weight_of(self.asked.risk) > most:
            return LeftOut(agent=who, why=Why.FULL, detail=f"{load}/{most}")
        return None

    def _is_there(self, who: str, by: By) -> bool:
        if who in on_shift(self.roster, self.now, self.asked.facts.inbox):
            return True
        return by is not By.ON_SHIFT_ONLY and not has_hours(self.roster, who)

    def chosen(
        self,
        route: Route,
        free: Sequence[str],
        names: Sequence[str],
        left_out: Mapping[str, LeftOut],
    ) -> Routing:
        known = self.work.previous.get(self.asked.customer_id or 0)
        again = route.to.previous_agent and known in free
        who = known if again else min(free, key=lambda one: self._rank(route, one))
        return Routing(
            assignee=who, routes=tuple(names), left_out=tuple(left_out.values()), previous=again
        )

    def _rank(self, route: Route, who: str) -> tuple[int, ...]:
        turn = self.work.turns.get((route.name, who), 0)
        # `min` keeps the first of equals: the roster's order decides last.
        return (turn,) if route.by is By.ROUND_ROBIN else (self.work.loads.get(who, 0), turn)


def _chain(routes: Sequence[Route], first: Route) -> Iterator[Route]:
    named = {route.name: route for route in routes}
    route: Route | None = first
    seen: set[str] = set()
    while route is not None and route.name not in seen:
        seen.add(route.name)
        yield route
        route = named.get(route.fallback or "")


def _candidates(roster: Roster, to: Wanted, inbox: str) -> Iterator[Agent]:
    for agent in roster.agents.values():
        named = agent.slack_id in to.people if to.people else agent.role in _ROUTED
        if named and roster.may_in(agent.slack_id, Verb.WORK, inbox):
            yield agent


def _lacks(agent: Agent, to: Wanted) -> LeftOut | None:
    languages, skills = to.languages - agent.languages, to.skills - agent.skills
    if languages:
        return LeftOut(agent=agent.slack_id, why=Why.LANGUAGE, detail=", ".join(sorted(languages)))
    if skills:
        return LeftOut(agent=agent.slack_id, why=Why.SKILL, detail=", ".join(sorted(skills)))
    if to.seniority is not None and agent.seniority is not to.seniority:
        return LeftOut(agent=agent.slack_id, why=Why.SENIORITY, detail=str(to.seniority))
    return None
