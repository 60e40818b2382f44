"""Every sort of ticket a set of policies can meet, to find ties and holes before a ticket does.

The space of tickets is cut along the facets until each policy matches all of a cell or none of
it. Policies that a more specific one overrules in a whole cell are left out of it at once, which
keeps the number of cells near the number of policies.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any, Final, Generic, TypeVar

from sla_rules.errors import PolicyConflict
from sla_rules.match import ANY_OTHER, FACETS, Facet
from sla_rules.select import Matching, weight, winners
from sla_rules.timeline import TicketFacts

M = TypeVar("M", bound=Matching)
_KEYS: Final = {"tags": "tag", "order_value": "order value", "on": "season"}


@dataclass(frozen=True, slots=True)
class Cell(Generic[M]):
    """Tickets alike to every policy, one of them as an example, and the policy that wins there."""

    facts: TicketFacts
    best: tuple[M, ...]


@dataclass(frozen=True, slots=True)
class _Axis:
    """Some values of one facet, each with the policies that allow it; `shared` allow them all.

    A set of policies is a whole number with a bit for each.
    """

    values: Sequence[tuple[Any, int]]
    shared: int


_Space = Mapping[str, _Axis]


def cells(policies: Sequence[M]) -> list[Cell[M]]:
    """Every cell; more than one winner is a tie, none is a hole."""
    return list(Cutter(policies).cells({}))


class Cutter(Generic[M]):
    """Cuts the tickets of some policies into cells, as often as asked."""

    def __init__(self, policies: Sequence[M]) -> None:
        self._policies = policies
        self._weights = [(policy.preset, weight(policy)) for policy in policies]
        matches = [policy.match for policy in policies]
        self._space = {
            key: self._axis(facet, facet.values(matches)) for key, facet in FACETS.items()
        }

    def cells(self, within: Mapping[str, Sequence[Any]]) -> Iterator[Cell[M]]:
        """The cells in which a facet has only these values, such as one channel."""
        narrowed = {key: self._axis(FACETS[key], values) for key, values in within.items()}
        yield from self._cut({**self._space, **narrowed}, (1 << len(self._policies)) - 1)

    def _axis(self, facet: Facet, values: Sequence[Any]) -> _Axis:
        return _axis(
            [
                (
                    value,
                    sum(
                        1 << at
                        for at, policy in enumerate(self._policies)
                        if facet.allows(policy.match, value)
                    ),
                )
                for value in values
            ]
        )

    def _cut(self, space: _Space, left: int) -> Iterator[Cell[M]]:
        left = self._undecided(left, reduce(and_, (axis.shared for axis in space.values())))
        telling = next((key for key, axis in space.items() if left & ~axis.shared), None)
        if telling is None:
            facts = TicketFacts(**{key: axis.values[0][0] for key, axis in space.items()})
            yield Cell(facts, winners([self._policies[at] for at in _bits(left)]))
            return
        groups: dict[int, list[tuple[Any, int]]] = {}
        for value, allowed in space[telling].values:
            groups.setdefault(allowed & left, []).append((value, allowed))
        for allowed, values in groups.items():
            yield from self._cut({**space, telling: _axis(values)}, allowed)

    def _undecided(self, left: int, everywhere: int) -> int:
        """Without those that another of their own sort overrules in the whole space."""
        top: dict[bool, tuple[int, int, bool]] = {}
        for at in _bits(left & everywhere):
            preset, weighs = self._weights[at]
            top[preset] = max(weighs, top.get(preset, weighs))
        if not top:
            return left
        for at in _bits(left):
            preset, weighs = self._weights[at]
            if preset in top and weighs < top[preset]:
                left &= ~(1 << at)
        return left


def _axis(values: Sequence[tuple[Any, int]]) -> _Axis:
    return _Axis(values, reduce(and_, (allowed for _, allowed in values)))


def _bits(left: int) -> Iterator[int]:
    while left:
        lowest = left & -left
        yield lowest.bit_length() - 1
        left ^= lowest


def refuse_ties(policies: Sequence[M]) -> None:
    """Find, before any ticket does, tickets that two policies would claim with equal right.

    Raises:
        PolicyConflict: naming, for every such pair, both and such a ticket.
    """
    found = ties(cells(policies))
    if found:
        raise PolicyConflict(*found)


def ties(found: Sequence[Cell[M]], tables: str = "policies") -> list[str]:
    """One sentence for every two policies that win in the same cell; `tables` is what they are."""
    told: dict[frozenset[str], str] = {}
    for cell in found:
        if len(cell.best) > 1:
            one, other = cell.best[:2]
            pair = frozenset({one.name, other.name})
            if pair not in told:
                told[pair] = conflict(one, other, cell.facts, tables)
    return list(told.values())


def holes(found: Sequence[Cell[M]]) -> list[TicketFacts]:
    """One example of every sort of ticket that no policy matches."""
    return [cell.facts for cell in found if not cell.best]


def conflict(one: Matching, other: Matching, facts: TicketFacts, tables: str = "policies") -> str:
    """What is wrong with two policies that claim this ticket with equal right."""
    named = [
        key
        for key, facet in FACETS.items()
        if any(not _says_nothing(facet, policy) for policy in (one, other))
    ]
    sort = f"a ticket with {described(facts, named)}" if named else "any ticket"
    at = f"{other.origin}: " if other.origin else ""
    earlier = f" ({one.origin})" if one.origin else ""
    return (
        f'{at}{tables} "{one.name}"{earlier} and "{other.name}": are equally specific and both '
        f"match {sort}. Add a key to the match of the one that should win."
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
