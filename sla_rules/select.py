"""Ticket facts → the one most specific policy. A tie is never broken in silence.

A match is as specific as it has keys. An inbox belongs to one channel, so naming an inbox counts
as naming its channel too: a rule for one inbox beats the same rule for its channel.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Final, Protocol, TypeVar

from sla_rules.errors import PolicyConflict
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Kind, Risk, Stage

AWAIT_AN_ANSWER: Final = frozenset(Kind) - {Kind.NOTICE, Kind.SUSPECT}
"""Kinds that a policy without `kind` is meant for: nobody waits for an answer to the others."""

_ANY_OTHER: Final = "…"
"""Stands for every channel or inbox that no policy names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which tickets a policy is for. An empty set, or None, means any value.

    Without `kind` it is any kind that awaits an answer; a notice or a suspect mail has to be named.
    """

    channel: frozenset[str] = frozenset()
    inbox: frozenset[str] = frozenset()
    kind: frozenset[Kind] = frozenset()
    stage: frozenset[Stage] = frozenset()
    risk: frozenset[Risk] = frozenset()
    vip: bool | None = None

    @property
    def specificity(self) -> int:
        """How many facts have to be right."""
        named = (self.channel or self.inbox, self.inbox, self.kind, self.stage, self.risk)
        return sum(1 for values in named if values) + (self.vip is not None)

    def matches(self, facts: TicketFacts) -> bool:
        """Whether a ticket with these facts is meant."""
        return (
            (not self.channel or facts.channel in self.channel)
            and (not self.inbox or facts.inbox in self.inbox)
            and facts.kind in (self.kind or AWAIT_AN_ANSWER)
            and (not self.stage or facts.stage in self.stage)
            and (not self.risk or facts.risk in self.risk)
            and self.vip in (None, facts.vip)
        )


class Matching(Protocol):
    """A policy, as far as choosing one needs to see it."""

    @property
    def name(self) -> str:
        """What errors call it."""

    @property
    def match(self) -> Match:
        """Which tickets it is for."""


M = TypeVar("M", bound=Matching)
V = TypeVar("V", bound=str)


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
        raise _conflict(best[0], best[1], facts)
    return best[0]


def refuse_ties(policies: Sequence[M]) -> None:
    """Find, before any ticket does, a ticket that two policies would claim with equal right.

    Raises:
        PolicyConflict: naming both and such a ticket.
    """
    for one, other in combinations(policies, 2):
        if one.match.specificity == other.match.specificity:
            for facts in _claimed_by_both(one.match, other.match):
                most_specific(policies, facts)


def _claimed_by_both(one: Match, other: Match) -> Iterator[TicketFacts]:
    """One ticket of each sort that both match; a name that neither demands stands for all names."""
    for channel, inbox, kind, stage, risk, vip in product(
        _shared(one.channel, other.channel, one.channel | other.channel | {_ANY_OTHER}),
        _shared(one.inbox, other.inbox, one.inbox | other.inbox | {_ANY_OTHER}),
        _shared(one.kind, other.kind, AWAIT_AN_ANSWER),
        _shared(one.stage, other.stage, frozenset(Stage)),
        _shared(one.risk, other.risk, frozenset(Risk)),
        [vip for vip in (False, True) if one.vip in (None, vip) and other.vip in (None, vip)],
    ):
        yield TicketFacts(channel=channel, inbox=inbox, kind=kind, stage=stage, risk=risk, vip=vip)


def _shared(one: frozenset[V], other: frozenset[V], every: frozenset[V]) -> list[V]:
    return sorted((one or every) & (other or every))


def _conflict(one: Matching, other: Matching, facts: TicketFacts) -> PolicyConflict:
    named = [
        f"{key} {str(getattr(facts, key)).lower()}"
        for key in ("channel", "inbox", "kind", "stage", "risk", "vip")
        if any(getattr(match, key) not in (None, frozenset()) for match in (one.match, other.match))
    ]
    sort = f"a ticket with {', '.join(named)}" if named else "any ticket"
    return PolicyConflict(
        f'policies "{one.name}" and "{other.name}" are equally specific and both match {sort}; '
        "add a key to the match of the one that should win"
    )
