"""An agent attests that the customer was answered in the marketplace's own console, or another tool."""

from dataclasses import dataclass
from typing import Any

from bot.db import queries
from bot.db.message_rows import insert_messages, latest_customer_message
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.history import OUTGOING
from bot.domain.ticket import EventType, MessageState, Ticket, TicketState
from bot.errors import DeskError
from bot.language import marked, tr
from bot.usecases.access import say, work_on
from bot.usecases.clocks import replan
from sla_rules.vocabulary import Author


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredElsewhere:
    """Somebody answered outside of the desk; `actor` vouches for it."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedTicket:
    """The response clocks are satisfied; `changed` is false where nobody was waiting."""

    ticket: TicketView
    changed: bool


def answered_elsewhere(tx: Tx, desk: Desk, command: AnsweredElsewhere) -> AttestedTicket:
    """Stop the response clocks now, on a person's word. Raises NotAllowed, NoSuchTicket, DeskError."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.state is not TicketState.OPEN:
        return AttestedTicket(ticket=queries.ticket_view(tx.conn, ticket.id), changed=False)
    if latest_customer_message(tx.conn, ticket.id) is None:
        raise DeskError(
            tr("#{number} has no customer message. Resolve it instead.", number=ticket.number)
        )
    message_id = _attest(tx, desk, ticket, command.actor)
    say(
        tx,
        desk,
        ticket,
        EventType.ANSWERED_ELSEWHERE,
        actor=command.actor,
        message_id=message_id,
        attested=True,
    )
    replan(tx, desk, [ticket.id])
    return AttestedTicket(ticket=queries.ticket_view(tx.conn, ticket.id), changed=True)


def _attest(tx: Tx, desk: Desk, ticket: Ticket, actor: str) -> int:
    """The answer as a message without words: clocks go by messages, and its words are elsewhere."""
    message_id = tx.new_id()
    row: dict[str, Any] = {
        "id": message_id,
        "ticket_id": ticket.id,
        "inbox_id": ticket.inbox_id,
        "external_id": f"attested:{message_id}",
        "direction": "out",
        "author": Author.AGENT,
        "agent": actor,
        "verdict": OUTGOING,
        "reason": marked("attested by an agent"),
        "sent_at": tx.now,
        "seen_at": tx.now,
        "sender_name": desk.roster.name(actor)[:200],
        "subject": ticket.subject,
        "body": "",
        "state": MessageState.SENT,
    }
    insert_messages(tx.conn, [row])
    return message_id
