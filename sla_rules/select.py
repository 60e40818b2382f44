"""Ticket facts → the one most specific policy. A tie is never broken in silence.

A match is as specific as it has keys; see `Match.specificity`.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from sla_rules.errors import PolicyConflict
from sla_rules.match import AWAIT_AN_ANSWER, Match
from sla_rules.timeline import TicketFacts

__all__ = ["AWAIT_AN_ANSWER", "Match", "Matching", "most_specific"]


class Matching(Protocol):
    """A policy, as far as choosing one needs to see it."""

    @property
    def name(self) -> str:
        """What errors call it."""

    @property
    def match(self) -> Match:
        """Which tickets it is for."""


M = TypeVar("M", bound=Matching)


def most_specific(candidates: Iterable[M], facts: TicketFacts) -> M | None:
    """The matching policy with the most specific match; None when none matches.

    Raises:
        PolicyConflict: when two are equally specific, naming both.
    """
    matching = [policy for policy in candidates if policy.match.matches(facts)]
    if not matching:
        return None
    top = max(policy.match.specificity for policy in matching)
    best = [policy for policy in matching if policy.match.specificity == top]
    if len(best) > 1:
        raise PolicyConflict(
            f'policies "{best[0].name}" and "{best[1].name}" are equally specific and both match '
            f'a ticket of channel "{facts.channel}"; '
            "add a key to the match of the one that should win"
        )
    return best[0]
