"""Rules that can each be, but not together: holes, targets beyond a limit, limits left out."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product
from typing import Protocol

from sla_rules.clock_rule import ClockRule
from sla_rules.coverage import described, holes
from sla_rules.durations import in_words
from sla_rules.match import FACETS, Match
from sla_rules.select import winners
from sla_rules.vocabulary import Metric, Scope


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


def unmatched(policies: Sequence[Checked]) -> Iterator[str]:
    """One sentence for every kind of ticket that some ticket of has no policy."""
    said: set[str] = set()
    for facts in holes(policies):
        if facts.kind not in said:
            said.add(facts.kind)
            yield (
                f"no policy matches a ticket with {described(facts, ['channel', 'kind'])}; "
                f'add one, such as match = {{ kind = "{facts.kind}" }}, with clock = [] if nobody '
                "waits for an answer"
            )


def beyond_limits(policies: Sequence[Checked]) -> Iterator[str]:
    """Internal targets that end after the limit that a ticket of the same channel has."""
    for policy, other in product(policies, policies):
        if not overlap(policy.match, other.match):
            continue
        limits = _limits(other)
        for rule in policy.clocks:
            limit = limits.get(rule.metric)
            if limit is None or rule.scope is not Scope.INTERNAL or rule.is_by_date:
                continue
            if rule.target > limit and _speaks_for(other, policy):
                yield (
                    f'{_at(policy)}policy "{policy.name}": clock {rule.metric} target = '
                    f'"{in_words(rule.target)}" is above the limit of {in_words(limit)} '
                    f'({other.name}); write at most "{in_words(limit)}"'
                )


def dropped_limits(policies: Sequence[Checked]) -> Iterator[str]:
    """Policies that win over one with a platform's limit and do not have that clock themselves."""
    for policy, other in product(policies, policies):
        if policy is other or not policy.clocks or winners([policy, other]) != (policy,):
            continue
        if not overlap(policy.match, other.match):
            continue
        missing = _limits(other).keys() - _limits(policy).keys()
        if missing and _speaks_for(other, policy):
            named = ", ".join(sorted(missing))
            yield (
                f'{_at(policy)}policy "{policy.name}" wins over "{other.name}" and drops its '
                f"marketplace clock ({named}); add the clock to it as well"
            )


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
    return all(
        any(facet.allows(one, value) and facet.allows(other, value) for value in values)
        for facet in FACETS.values()
        for values in [facet.values([one, other])]
    )


def _at(policy: Checked) -> str:
    return f"{policy.origin}: " if policy.origin else ""
