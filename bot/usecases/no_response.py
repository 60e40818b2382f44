"""Say explicitly that what is unanswered so far needs no answer."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.message_rows import latest_customer_message
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.effects import mark_no_reply
from bot.domain.ticket import EventType, Ticket
from bot.usecases.access import work_on
from bot.usecases.clocks import replan


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswerNeeded:
    """A "thanks!" and the like: nobody awaits anything."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingAwaited:
    """The response clocks of the ticket are satisfied."""

    ticket: TicketView


def no_answer_needed(tx: Tx, desk: Desk, command: NoAnswerNeeded) -> NothingAwaited:
    """The platform is told too, where it can be, after the undo window. Raises NotAllowed, NoSuchTicket."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    message = latest_customer_message(tx.conn, ticket.id)
    message_id = message.id if message else None
    tx.record(ticket.id, EventType.NO_ANSWER_NEEDED, actor=command.actor, message_id=message_id)
    if message_id is not None:
        _tell_platform(tx, desk, ticket, message_id)
    replan(tx, desk, [ticket.id])
    return NothingAwaited(ticket=queries.ticket_view(tx.conn, ticket.id))


def _tell_platform(tx: Tx, desk: Desk, ticket: Ticket, message_id: int) -> None:
    route = desk.inboxes.get(ticket.inbox)
    if route is not None and route.marks_no_reply:
        not_before = tx.now + desk.undo_window
        tx.emit(mark_no_reply(ticket.id, message_id, inbox=ticket.inbox, not_before=not_before))
