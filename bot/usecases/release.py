"""Give a ticket back to the channel."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ticket import EventType
from bot.usecases.access import redraw, since, work_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Leave the ticket without an owner."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Nobody owns the ticket; `changed` is false where nobody did before."""

    ticket: TicketView
    changed: bool


def release(tx: Tx, desk: Desk, command: Release) -> Released:
    """Raises NotAllowed, NoSuchTicket, Conflict."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.assignee is None:
        return Released(ticket=queries.ticket_view(tx.conn, ticket.id), changed=False)
    version = change_ticket(tx.conn, ticket, tx.now, assignee=None, claimed_at=None)
    tx.record(
        ticket.id,
        EventType.RELEASED,
        actor=command.actor,
        from_agent=ticket.assignee,
        since=since(ticket),
    )
    redraw(tx, desk, ticket, version)
    return Released(ticket=queries.ticket_view(tx.conn, ticket.id), changed=True)
