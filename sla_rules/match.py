"""Which tickets a policy is for: a set of allowed values for each thing a rule may look at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import Any, Final

from sla_rules.seasons import Season
from sla_rules.timeline import TicketFacts, folded
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage

AWAIT_AN_ANSWER: Final = frozenset(Kind) - {Kind.NOTICE, Kind.SUSPECT}
"""Kinds that a policy without `kind` is meant for: nobody waits for an answer to the others."""

ANY_OTHER: Final = "…"
"""Stands for every channel, inbox, marketplace or language that no policy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which tickets a policy is for. An empty set, or None, means any value.

    Without `kind` it is any kind that awaits an answer; a notice or a suspect mail has to be named.
    A ticket has a policy's `tag` when it has any of them, and so its customer `customer_tag`. Order values run from `order_value_from`
    up to, but not including, `order_value_below`. Channels, marketplaces, languages and tags stand
    here as `folded` makes them; a ticket's are folded when they are compared.
    """

    channel: frozenset[str] = frozenset()
    inbox: frozenset[str] = frozenset()
    kind: frozenset[Kind] = frozenset()
    stage: frozenset[Stage] = frozenset()
    risk: frozenset[Risk] = frozenset()
    vip: bool | None = None
    marketplace: frozenset[str] = frozenset()
    language: frozenset[str] = frozenset()
    topic: frozenset[Topic] = frozenset()
    tag: frozenset[str] = frozenset()
    customer_tag: frozenset[str] = frozenset()
    order_value_from: Decimal | None = None
    order_value_below: Decimal | None = None
    season: frozenset[Season] = frozenset()

    @property
    def place(self) -> int:
        """How much of channel, inbox and kind it names.

        An inbox belongs to one channel, so naming an inbox counts as naming its channel too.
        """
        return bool(self.channel or self.inbox) + bool(self.inbox) + bool(self.kind)

    @property
    def specificity(self) -> int:
        """How many facts have to be right. A season is none: it says when, not which."""
        named = (
            *(self.stage, self.risk, self.marketplace, self.language, self.topic),
            *(self.tag, self.customer_tag),
            *(self.vip is not None, self._prices),
        )
        return self.place + sum(1 for values in named if values)

    @property
    def _prices(self) -> bool:
        return self.order_value_from is not None or self.order_value_below is not None

    def matches(self, facts: TicketFacts) -> bool:
        """Whether a ticket with these facts is meant."""
        return all(facet.allows(self, facet.of(facts)) for facet in FACETS.values())


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing a rule may look at.

    `values` are enough different values of it to tell any two of the given matches apart.
    """

    key: str
    of: Callable[[TicketFacts], Any]
    allows: Callable[[Match, Any], bool]
    values: Callable[[Iterable[Match]], list[Any]]


def _name(key: str) -> Facet:
    def named(matches: Iterable[Match]) -> list[Any]:
        return [*sorted({name for match in matches for name in getattr(match, key)}), ANY_OTHER]

    return Facet(key, _exact(key), _within(key), named)


def _exact(key: str) -> Callable[[TicketFacts], Any]:
    return lambda facts: getattr(facts, key)


def _folded(facet: Facet) -> Facet:
    return replace(facet, of=lambda facts: folded(facet.of(facts)))


def _within(key: str) -> Callable[[Match, Any], bool]:
    def allows(match: Match, value: Any) -> bool:
        allowed = getattr(match, key)
        return not allowed or value in allowed

    return allows


def _word(key: str, words: Iterable[Any]) -> Facet:
    every = list(words)
    return Facet(key, _exact(key), _within(key), lambda _: every)


def _kind_allowed(match: Match, value: Kind) -> bool:
    return value in (match.kind or AWAIT_AN_ANSWER)


def _labels(fact: str, key: str) -> Facet:
    """A fact of which a ticket has several; any one that a match names is enough."""

    def of(facts: TicketFacts) -> frozenset[str]:
        return frozenset(map(folded, getattr(facts, fact)))

    def allows(match: Match, value: frozenset[str]) -> bool:
        wanted = getattr(match, key)
        return not wanted or bool(wanted & value)

    def values(matches: Iterable[Match]) -> list[Any]:
        labels = sorted({label for match in matches for label in getattr(match, key)})
        pairs = [frozenset(pair) for pair in combinations(labels, 2)]
        return [frozenset[str](), *(frozenset({label}) for label in labels), *pairs]

    return Facet(fact, of, allows, values)


def _priced(match: Match, value: Decimal | None) -> bool:
    lowest, limit = match.order_value_from, match.order_value_below
    if lowest is None and limit is None:
        return True
    if value is None:
        return False
    return (lowest is None or value >= lowest) and (limit is None or value < limit)


def _prices(matches: Iterable[Match]) -> list[Any]:
    found = {
        price
        for match in matches
        for price in (match.order_value_from, match.order_value_below)
        if price is not None
    }
    return [None, *([Decimal(0), *sorted(found)] if found else [])]


def _in_season(match: Match, day: date | None) -> bool:
    if not match.season:
        return True
    return day is not None and any(season.holds(day) for season in match.season)


def _days(matches: Iterable[Match]) -> list[Any]:
    seasons = {season for match in matches for season in match.season}
    years = {season.first.year for season in seasons}
    days: set[date] = set()
    for season in seasons:
        for edge in (season.first, season.last, season.last + timedelta(days=1)):
            own = years if season.every_year else {edge.year}
            days |= {_in_year(edge, year) for year in own}
    return [None, *sorted(days)]


def _in_year(day: date, year: int) -> date:
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


FACETS: Final[Mapping[str, Facet]] = MappingProxyType(
    {
        facet.key: facet
        for facet in (
            _folded(_name("channel")),
            Facet("kind", lambda facts: facts.kind, _kind_allowed, lambda _: list(Kind)),
            _name("inbox"),
            _folded(_name("marketplace")),
            _folded(_name("language")),
            _word("stage", Stage),
            _word("risk", Risk),
            _word("topic", Topic),
            Facet(
                "vip",
                lambda facts: facts.vip,
                lambda match, value: match.vip in (None, value),
                lambda _: [False, True],
            ),
            _labels("tags", "tag"),
            _labels("customer_tags", "customer_tag"),
            Facet("order_value", lambda facts: facts.order_value, _priced, _prices),
            Facet("on", lambda facts: facts.on, _in_season, _days),
        )
    }
)
"""Everything a rule may look at, the telling things first."""
