"""Whether a ticket is escalated, from its history."""

from collections.abc import Iterable

from bot.domain.card import EscalationView
from bot.domain.holds import Mark, standing_marks
from bot.domain.ticket import EventType

ENDS = frozenset({EventType.DEESCALATED, EventType.RESOLVED, EventType.MERGED})
ESCALATIONS = (EventType.ESCALATED, *sorted(ENDS), EventType.UNDONE)
"""Types of the events that say so."""


def escalation(marks: Iterable[Mark]) -> EscalationView | None:
    """The escalation that nobody has dealt with yet. A resolution deals with it."""
    found: EscalationView | None = None
    for mark in standing_marks(marks):
        if mark.type in ENDS:
            found = None
        elif mark.type == EventType.ESCALATED:
            reason = str(mark.data.get("reason") or "")
            found = EscalationView(by=mark.actor, at=mark.at, reason=reason)
    return found


def same_reason(one: str, other: str) -> bool:
    """Whether two reasons say the same, whatever the spaces and capitals."""
    return one.casefold().split() == other.casefold().split()
