"""Ticket facts → the one most specific policy. A tie is never broken in silence.

A match is as specific as it has keys; see `Match.specificity`. With as many, the policy with the
higher `precedence` wins, then one for a season. A seller's own policy wins over a preset, unless
the preset names more of channel, inbox and kind: "all of Amazon" does not speak of its claims.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from sla_rules.errors import PolicyConflict
from sla_rules.match import AWAIT_AN_ANSWER, Match
from sla_rules.timeline import TicketFacts

__all__ = ["AWAIT_AN_ANSWER", "Match", "Matching", "most_specific", "narrowed"]


class Matching(Protocol):
    """A policy, as far as choosing one needs to see it."""

    @property
    def name(self) -> str:
        """What errors call it."""

    @property
    def match(self) -> Match:
        """Which tickets it is for."""

    @property
    def preset(self) -> bool:
        """Whether it came with the library."""

    @property
    def precedence(self) -> int:
        """Decides among equally specific policies, the higher wins."""

    @property
    def origin(self) -> str | None:
        """File and line, when that is known."""


M = TypeVar("M", bound=Matching)


def weight(policy: Matching) -> tuple[int, int, bool]:
    """What is compared among a seller's own policies, and among presets; the highest wins."""
    return policy.match.specificity, policy.precedence, bool(policy.match.season)


def winners(matching: Sequence[M]) -> tuple[M, ...]:
    """Those of the policies that match a ticket which win; more than one is a tie."""
    own = _heaviest([policy for policy in matching if not policy.preset])
    shipped = _heaviest([policy for policy in matching if policy.preset])
    if not own or not shipped:
        return own or shipped
    return own if own[0].match.place >= shipped[0].match.place else shipped


def _heaviest(policies: Sequence[M]) -> tuple[M, ...]:
    top = max(map(weight, policies), default=None)
    return tuple(policy for policy in policies if weight(policy) == top)


def most_specific(candidates: Iterable[M], facts: TicketFacts) -> M | None:
    """The matching policy with the most specific match; None when none matches.

    Raises:
        PolicyConflict: when two are equally specific, naming both.
    """
    best = winners([policy for policy in candidates if policy.match.matches(facts)])
    if len(best) > 1:
        raise PolicyConflict(
            f'policies "{best[0].name}" and "{best[1].name}" are equally specific and both match '
            f'a ticket of channel "{facts.channel}". '
            "Add a key to the match of the one that should win."
        )
    return best[0] if best else None


def narrowed(match: Match, inboxes: Mapping[str, str]) -> Match:
    """A match for inboxes of known channels as if it named the channels, too.

    `inboxes` tells which channel an inbox is of.
    """
    if not match.inbox or match.channel or not match.inbox <= inboxes.keys():
        return match
    return replace(match, channel=frozenset(inboxes[each] for each in match.inbox))
