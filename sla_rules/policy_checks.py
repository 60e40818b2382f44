"""Rules that can each be, but not together: holes, targets beyond a limit, limits left out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final, Protocol

from sla_rules.clock_rule import ClockRule
from sla_rules.coverage import Cell, M, described, holes
from sla_rules.durations import in_words
from sla_rules.match import FACETS, Match
from sla_rules.select import winners
from sla_rules.vocabulary import Metric, Scope

_TELLING: Final = ("channel", "kind", "topic", "inbox")


class Checked(Protocol):
    """A policy, as far as comparing it with others needs to see it."""

    @property
    def name(self) -> str:
        """What errors call it."""

    @property
    def match(self) -> Match:
        """Which tickets it is for."""

    @property
    def clocks(self) -> tuple[ClockRule, ...]:
        """Its promises."""

    @property
    def preset(self) -> bool:
        """Whether it came with the library."""

    @property
    def precedence(self) -> int:
        """Decides among equally specific policies."""

    @property
    def origin(self) -> str | None:
        """File and line."""


def unmatched(found: Sequence[Cell[M]]) -> Iterator[str]:
    """One sentence for every kind of ticket that some ticket of has no policy."""
    said: set[str] = set()
    for facts in holes(found):
        if facts.kind not in said:
            said.add(facts.kind)
            yield (
                f"policies: none matches a ticket with {described(facts, ['channel', 'kind'])}. "
                f'Add one, such as match = {{ kind = "{facts.kind}" }}, with clock = [] if nobody '
                "waits for an answer."
            )


def beyond_limits(
    policies: Sequence[Checked], at: Callable[[Checked, Metric], str]
) -> Iterator[str]:
    """Internal targets that end after the strictest limit that a ticket of the same channel has.

    `at` tells the place of a policy's target for a metric, as an error begins.
    """
    strictest: dict[tuple[str, str], tuple[timedelta, str]] = {}
    for policy, other, limits in _beside_limits(policies):
        for rule in policy.clocks:
            limit = limits.get(rule.metric)
            if limit is None or rule.scope is not Scope.INTERNAL or rule.is_by_date:
                continue
            if rule.target <= limit or not _speaks_for(other, policy):
                continue
            # A target that is written once, for first and next answers, is one mistake.
            place = at(policy, rule.metric)
            key = policy.name, place or rule.metric
            if key in strictest and strictest[key][0] <= limit:
                continue
            said = (
                f'policies "{policy.name}" → clock {rule.metric} → target: '
                f'"{in_words(rule.target)}" is above the limit of {in_words(limit)} '
                f'({other.name}). Write at most "{in_words(limit)}".'
            )
            strictest[key] = limit, place + said
    yield from (sentence for _, sentence in strictest.values())


def dropped_limits(policies: Sequence[Checked]) -> Iterator[str]:
    """Policies that win over one with a platform's limit and do not have that clock themselves."""
    told: dict[tuple[str, frozenset[Metric]], str] = {}
    for policy, other, limits in _beside_limits(policies):
        missing = frozenset(limits.keys() - _limits(policy).keys())
        if policy is other or not policy.clocks or not missing or not _speaks_for(other, policy):
            continue
        told.setdefault(
            (policy.name, missing),
            f'{_at(policy)}policies "{policy.name}": wins over "{other.name}" and drops its '
            f"marketplace clock ({', '.join(sorted(missing))}). Add the clock to it as well.",
        )
    yield from told.values()


def _beside_limits(
    policies: Sequence[Checked],
) -> Iterator[tuple[Checked, Checked, Mapping[Metric, timedelta]]]:
    """Every policy with every one that has platform limits and some ticket in common with it."""
    limiting = [(policy, limits) for policy in policies if (limits := _limits(policy))]
    for policy in policies:
        for other, limits in limiting:
            if overlap(policy.match, other.match):
                yield policy, other, limits


def _limits(policy: Checked) -> dict[Metric, timedelta]:
    return {
        rule.metric: rule.target
        for rule in policy.clocks
        if rule.scope is Scope.MARKETPLACE and not rule.is_by_date and rule.calendar == "always"
    }


def _speaks_for(other: Checked, policy: Checked) -> bool:
    """Whether the other's limits are those of the policy's tickets: no wider rule, or itself."""
    return other is policy or (
        bool(policy.match.channel or policy.match.inbox)
        and winners([policy, other]) == (policy,)
        and bool(other.match.channel or other.match.inbox)
    )


def overlap(one: Match, other: Match) -> bool:
    """Whether some ticket matches both."""
    # Most pairs name different channels or topics, and are told apart at once by that.
    if any(
        mine and theirs and mine.isdisjoint(theirs)
        for key in _TELLING
        for mine, theirs in [(getattr(one, key), getattr(other, key))]
    ):
        return False
    return all(
        any(facet.allows(one, value) and facet.allows(other, value) for value in values)
        for facet in FACETS.values()
        for values in [facet.values([one, other])]
    )


def _at(policy: Checked) -> str:
    return f"{policy.origin}: " if policy.origin else ""
