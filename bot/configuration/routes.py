"""`[[routes]]`: to whom tickets go, against the people, inboxes and other routes there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bot.configuration.names import unknown
from bot.configuration.policies import Choices, known_channels
from bot.configuration.problems import Found, Problem
from bot.configuration.source import Source
from bot.settings import AgentSettings, RouteSettings, RouteToSettings, Settings
from sla_rules.coverage import cells, ties
from sla_rules.match import Match
from sla_rules.policy import match_of
from sla_rules.select import narrowed
from sla_rules.toml_lines import Place

CHANNEL: Final = "channel"
"""The fallback that leaves a ticket unclaimed in its channel; no route can be called that."""

_WORKS: Final = frozenset({"agent", "lead"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A route, as far as comparing it with others needs to see it."""

    name: str
    match: Match
    origin: str
    preset: bool = False
    precedence: int = 0


def check_routes(source: Source, settings: Settings, choices: Choices, problems: Found) -> None:
    """Names in routes lead somewhere, each can find somebody, and no two claim the same tickets."""
    named = {route.name: at for at, route in enumerate(settings.routes)}
    for at, route in enumerate(settings.routes):
        problems.extend(_wrong(at, route, settings, choices))
        problems.extend(_wrong_fallback(at, route, settings.routes, named))
    if len(named) == len(settings.routes):
        rules = [
            _Rule(
                name=name,
                match=narrowed(match_of(settings.routes[at].match), choices.channels),
                origin=source.at(("routes", at)),
            )
            for name, at in named.items()
        ]
        problems.extend(ties(cells(rules), "routes"))


def _wrong(
    at: int, route: RouteSettings, settings: Settings, choices: Choices
) -> Iterator[Problem]:
    where, place = f'routes "{route.name}"', ("routes", at)
    if route.name == CHANNEL:
        wrong = "is what a fallback calls the Slack channel."
        yield Problem(
            where=f"{where} → name", wrong=wrong, remedy="Choose another.", place=(*place, "name")
        )
    inboxes = [each.name for each in choices.inboxes if each.name]
    for key, said, known in (
        ("inbox", route.match.inbox, inboxes),
        ("channel", route.match.channel, known_channels(choices.registry)),
    ):
        for name in said:
            if name not in known:
                yield unknown(f"{where} → match → {key}", name, known, (*place, "match", key))
    yield from _wrong_people(where, (*place, "to"), route.to, settings.agents)


def _wrong_people(
    where: str, place: Place, to: RouteToSettings, agents: Sequence[AgentSettings]
) -> Iterator[Problem]:
    known = [agent.slack for agent in agents]
    strangers = [one for one in to.people if one not in known]
    for one in strangers:
        yield unknown(f"{where} → to → people", one, known, (*place, "people"))
    if not strangers and agents and not any(fits(agent, to) for agent in agents):
        wrong = "names nobody: none of [[agents]] is all that."
        remedy = "Take something away, or add it to the table of a person."
        yield Problem(where=f"{where} → to", wrong=wrong, remedy=remedy, place=place)


def fits(agent: AgentSettings, to: RouteToSettings) -> bool:
    """Whether a route may give tickets to somebody, were they there."""
    meant = agent.slack in to.people if to.people else agent.role in _WORKS
    able = {*to.languages} <= {*agent.languages} and {*to.skills} <= {*agent.skills}
    return meant and able and agent.role != "viewer" and to.seniority in {None, agent.seniority}


def _wrong_fallback(
    at: int, route: RouteSettings, routes: Sequence[RouteSettings], named: Mapping[str, int]
) -> Iterator[Problem]:
    where, place = f'routes "{route.name}" → fallback', ("routes", at, "fallback")
    if route.fallback == CHANNEL:
        return
    if route.fallback not in named:
        yield unknown(where, route.fallback, [CHANNEL, *named], place)
        return
    seen = [route.name]
    following = route.fallback
    while following in named and following not in seen:
        seen.append(following)
        following = routes[named[following]].fallback
    if following == route.name:
        yield Problem(
            where=where,
            wrong=f"goes round in a circle: {' → '.join([*seen, route.name])}.",
            remedy=f'Write "{CHANNEL}" in one of them.',
            place=place,
        )
