"""Since when and until when the desk waits for somebody else, from the marks of a history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.ticket import EventType
from sla_rules.timeline import Hold, Reclassified
from sla_rules.vocabulary import Metric, Waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An event of the history that clocks depend on. `data` is as the event keeps it."""

    id: int
    type: str
    actor: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


def standing_marks(marks: Iterable[Mark]) -> list[Mark]:
    """The marks in order, without those that were undone."""
    known = list(marks)
    undone = {each.data["undoes"] for each in known if "undoes" in each.data}
    kept = [each for each in known if "undoes" not in each.data and each.id not in undone]
    return sorted(kept, key=lambda each: each.id)


def holds(marks: Iterable[Mark]) -> tuple[Hold, ...]:
    """The waits that marks tell of, in order; at most the last one has no end.

    A new wait ends the one before, and so does a resolution: nobody is waited for any more. What
    a customer's words end is decided where the clocks are, which know the messages.
    """
    found: list[Hold] = []
    waits = False
    for mark in sorted(marks, key=lambda each: each.id):
        if waits:
            found[-1] = replace(found[-1], until=min(found[-1].until or mark.at, mark.at))
        waits = mark.type == EventType.WAITING
        if waits:
            until = mark.data.get("until")
            found.append(
                Hold(
                    on=Waiting(mark.data["on"]),
                    since=mark.at,
                    until=datetime.fromisoformat(until) if until else None,
                )
            )
    return tuple(found)


def reclassified(marks: Iterable[Mark]) -> Reclassified | None:
    """The newest change of class that brought the ticket under another policy."""
    changes = [each for each in marks if each.type == EventType.RECLASSIFIED and _retargets(each)]
    if not changes:
        return None
    newest = max(changes, key=lambda each: each.id)
    missed = newest.data.get("missed")
    return Reclassified(
        at=newest.at,
        what=newest.data["what"],
        missed=frozenset(map(Metric, _all_or_none(newest) if missed is None else missed)),
    )


def _all_or_none(mark: Mark) -> Iterable[str]:
    # Marks of before each clock was told apart know of one time for all of them.
    before = mark.data.get("due_before")
    return Metric if before and datetime.fromisoformat(before) <= mark.at else ()


def _retargets(mark: Mark) -> bool:
    return mark.data.get("policy_before") != mark.data.get("policy")
