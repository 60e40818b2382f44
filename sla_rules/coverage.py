"""Every sort of ticket a set of policies can meet, to find ties and holes before a ticket does.

The space of tickets is cut along the facets until each policy matches all of a cell or none of
it. Policies that a more specific one overrules in a whole cell are left out of it at once, which
keeps the number of cells near the number of policies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from sla_rules.errors import PolicyConflict
from sla_rules.match import ANY_OTHER, FACETS, Facet
from sla_rules.select import Matching, weight, winners
from sla_rules.timeline import TicketFacts

M = TypeVar("M", bound=Matching)
Space = Mapping[str, Sequence[Any]]
_KEYS: Final = {"tags": "tag", "order_value": "order value", "on": "season"}


@dataclass(frozen=True, slots=True)
class Cell(Generic[M]):
    """Tickets alike to every policy, one of them as an example, and the policy that wins there."""

    facts: TicketFacts
    best: tuple[M, ...]


def cells(policies: Sequence[M]) -> Iterator[Cell[M]]:
    """Every cell; more than one winner is a tie, none is a hole."""
    matches = [policy.match for policy in policies]
    space = {key: facet.values(matches) for key, facet in FACETS.items()}
    yield from _cut(space, list(policies))


def _cut(space: Space, policies: list[M]) -> Iterator[Cell[M]]:
    policies = _undecided(policies, space)
    facet = _telling(space, policies)
    if facet is None:
        yield Cell(_example(space), winners(policies))
        return
    groups: dict[tuple[bool, ...], list[Any]] = {}
    for value in space[facet.key]:
        signature = tuple(facet.allows(policy.match, value) for policy in policies)
        groups.setdefault(signature, []).append(value)
    for signature, values in groups.items():
        left = [policy for policy, allowed in zip(policies, signature, strict=True) if allowed]
        yield from _cut({**space, facet.key: values}, left)


def _undecided(policies: list[M], space: Space) -> list[M]:
    """Without those that another of their own sort overrules in the whole space."""
    top: dict[bool, tuple[int, int, bool]] = {}
    for policy in policies:
        if _covers(policy, space):
            top[policy.preset] = max(weight(policy), top.get(policy.preset, weight(policy)))
    return [
        policy for policy in policies if weight(policy) >= top.get(policy.preset, weight(policy))
    ]


def _covers(policy: Matching, space: Space) -> bool:
    return all(
        facet.allows(policy.match, value) for key, facet in FACETS.items() for value in space[key]
    )


def _telling(space: Space, policies: Sequence[Matching]) -> Facet | None:
    """The first facet some policy does not allow all values of, None when all policies cover."""
    for key, facet in FACETS.items():
        for policy in policies:
            if not all(facet.allows(policy.match, value) for value in space[key]):
                return facet
    return None


def _example(space: Space) -> TicketFacts:
    return TicketFacts(**{key: values[0] for key, values in space.items()})


def refuse_ties(policies: Sequence[M]) -> None:
    """Find, before any ticket does, tickets that two policies would claim with equal right.

    Raises:
        PolicyConflict: naming, for every such pair, both and such a ticket.
    """
    found: dict[frozenset[str], str] = {}
    for cell in cells(policies):
        if len(cell.best) > 1:
            one, other = cell.best[:2]
            pair = frozenset({one.name, other.name})
            found.setdefault(pair, conflict(one, other, cell.facts))
    if found:
        raise PolicyConflict(*found.values())


def holes(policies: Sequence[M]) -> list[TicketFacts]:
    """One example of every sort of ticket that no policy matches."""
    return [cell.facts for cell in cells(policies) if not cell.best]


def conflict(one: Matching, other: Matching, facts: TicketFacts) -> str:
    """What is wrong with two policies that claim this ticket with equal right."""
    named = [
        key
        for key, facet in FACETS.items()
        if any(not _says_nothing(facet, policy) for policy in (one, other))
    ]
    sort = f"a ticket with {described(facts, named)}" if named else "any ticket"
    return (
        f'policies "{one.name}" and "{other.name}" are equally specific and both match {sort}; '
        "add a key to the match of the one that should win"
    )


def _says_nothing(facet: Facet, policy: Matching) -> bool:
    if facet.key == "kind":
        return not policy.match.kind
    return all(facet.allows(policy.match, value) for value in facet.values([policy.match]))


def described(facts: TicketFacts, keys: Sequence[str]) -> str:
    """Some facts of a ticket in words: `channel amazon, vip true`."""
    return ", ".join(f"{_KEYS.get(key, key)} {_said(getattr(facts, key))}" for key in keys)


def _said(value: object) -> str:
    if isinstance(value, frozenset):
        return " and ".join(sorted(value)) or "none"
    return "any other" if value == ANY_OTHER else str(value).lower()
