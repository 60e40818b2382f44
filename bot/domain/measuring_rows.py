"""One ticket as figures are measured from it, and who owned it when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from bot.domain.clocks import StoredClock
from bot.domain.history import History, MessageFact
from bot.domain.holds import Mark, standing_marks
from bot.domain.ticket import EventType, Ticket

_TAKES: Final = frozenset({EventType.CLAIMED, EventType.TAKEN_OVER})
_GIVES: Final = frozenset({EventType.ASSIGNED, EventType.TRANSFERRED, EventType.ROUTED})
_LEAVES: Final = frozenset({EventType.RELEASED, EventType.CLAIM_EXPIRED})

FACTS: Final = (
    *sorted(_TAKES | _GIVES | _LEAVES),
    EventType.UNDONE,
    EventType.ACKNOWLEDGED,
    EventType.REPLY_QUEUED,
    EventType.REOPENED,
    EventType.RECLASSIFIED,
    EventType.RECOMPUTED,
    EventType.MERGED,
    EventType.UNMERGED,
)
"""Types of the events that figures depend on, beside the marks of the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """An order of the customer, as the platform told it."""

    order_id: str
    at: datetime
    cents: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRows:
    """Everything a ticket is measured from, as it is stored, at the instant `now`.

    `events` are those of the types in FACTS. `agents` tell by message id who wrote an answer,
    `texts` what the customer said first and last. `moved_away` are the messages that a merge gave
    to another ticket. `purchases` are all that is known of the customer, of whatever ticket.
    """

    ticket: Ticket
    now: datetime
    history: History = field(default_factory=History)
    events: Sequence[Mark] = ()
    clocks: Sequence[StoredClock] = ()
    agents: Mapping[int, str] = field(default_factory=dict)
    texts: Mapping[int, str] = field(default_factory=dict)
    moved_away: Sequence[MessageFact] = ()
    purchases: Sequence[Purchase] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """Whose the ticket was from then on; None: nobody's."""

    since: datetime
    owner: str | None


def owners(events: Iterable[Mark]) -> list[Owned]:
    """Who owned the ticket, change by change. What was taken back never happened."""
    found: list[Owned] = []
    for event in standing_marks(events):
        if event.type in _TAKES:
            found.append(Owned(since=event.at, owner=event.actor))
        elif event.type in _GIVES:
            found.append(Owned(since=event.at, owner=event.data.get("to_agent")))
        elif event.type in _LEAVES:
            found.append(Owned(since=event.at, owner=None))
    return found


def owned_from(changes: Sequence[Owned], begin: datetime) -> datetime | None:
    """The first instant at or after `begin` at which somebody owned the ticket."""
    held = False
    for change in changes:
        if change.since <= begin:
            held = change.owner is not None
        elif held:
            break
        elif change.owner is not None:
            return change.since
    return begin if held else None


def taken_at(changes: Sequence[Owned], who: str, at: datetime) -> datetime | None:
    """Since when the ticket was that person's at `at`; None where it was not."""
    since: datetime | None = None
    for change in changes:
        if change.since > at:
            break
        if change.owner != who:
            since = None
        elif since is None:
            since = change.since
    return since


def hand_overs(changes: Iterable[Owned]) -> int:
    """How often the ticket went from one person to another, by way of the channel or not."""
    last: str | None = None
    count = 0
    for change in changes:
        if change.owner is None:
            continue
        count += last is not None and change.owner != last
        last = change.owner
    return count
