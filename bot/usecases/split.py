"""A customer's newest message becomes a ticket of its own: it is about something else."""

from dataclasses import dataclass, replace

from sqlalchemy import insert

from bot.db import tables
from bot.db.clock_rows import load_histories
from bot.db.inbound_rows import next_numbers
from bot.db.inserts import insert_ignore
from bot.db.merge_rows import answer_on_its_way, move_messages
from bot.db.ticket_rows import facts_row
from bot.db.unit import Tx
from bot.domain.card import CardStage
from bot.domain.desk import Desk
from bot.domain.effects import post_root
from bot.domain.history import AWAITS_LOOK, History, unanswered
from bot.domain.routing import channel_of_ticket
from bot.domain.ticket import NEW, EventType, Ticket, TicketState
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import redraw, say, work_on
from bot.usecases.clocks import replan


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Give the newest message of the ticket a ticket of its own."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitOff:
    """The message is in the ticket `other` now."""

    number: int
    other: int


def split(tx: Tx, desk: Desk, command: Split) -> SplitOff:
    """The new ticket's clocks start when its message was written; those of the old one go on without it.

    The conversation stays with the old ticket: what the customer writes next arrives there.

    Raises NotAllowed, NoSuchTicket, and DeskError that says why there is nothing to split off.
    """
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    message_id = _newest(tx, ticket)
    number = next_numbers(tx.conn, 1)[0]
    other = _opened(tx, ticket, number, message_id)
    move_messages(tx, [message_id], to=other.id, moved_from=ticket.id)
    _link(tx, ticket, other, command.actor)
    tx.record(
        other.id,
        EventType.SPLIT_FROM,
        actor=command.actor,
        message_id=message_id,
        other=ticket.number,
    )
    # Its card is drawn when it is posted; the first of everything that is posted for it.
    tx.emit(post_root(other.id, channel=channel_of_ticket(desk, other)))
    say(tx, desk, ticket, EventType.SPLIT_OFF, actor=command.actor, other=number)
    replan(tx, desk, [ticket.id, other.id])
    redraw(tx, desk, ticket, ticket.version + 1)
    return SplitOff(number=ticket.number, other=number)


def _newest(tx: Tx, ticket: Ticket) -> int:
    history: History = load_histories(tx.conn, [ticket.id])[ticket.id]
    asked = [each for each in history.messages if each.inbound and each.verdict in AWAITS_LOOK]
    waiting = unanswered(ticket, history)
    newest = max(asked, key=lambda each: (each.sent_at, each.id), default=None)
    if newest is None or newest.id not in waiting:
        raise DeskError(
            tr("#{number}: its newest message waits for no answer.", number=ticket.number)
        )
    if len(asked) == 1:
        raise DeskError(
            tr("#{number} has one message only: there is nothing to split.", number=ticket.number)
        )
    if newest.moved_at is not None:
        raise DeskError(
            tr(
                "#{number}: its newest message came by a merge. Unmerge that ticket instead.",
                number=ticket.number,
            )
        )
    if answer_on_its_way(tx.conn, ticket.id):
        raise DeskError(
            tr(
                "An answer to #{number} is on its way. Split when it has arrived.",
                number=ticket.number,
            )
        )
    return newest.id


def _opened(tx: Tx, ticket: Ticket, number: int, message_id: int) -> Ticket:
    other = replace(
        ticket,
        id=tx.new_id(),
        number=number,
        state=TicketState.OPEN,
        card_stage=CardStage.CALM,
        opened_at=tx.now,
        slack_channel=None,
        version=NEW,
    )
    tx.conn.execute(
        insert(tables.ticket).values(
            **facts_row(other),
            id=other.id,
            number=number,
            inbox_id=other.inbox_id,
            customer_id=other.customer_id,
            external_thread=f"split:{message_id}:{other.id}",
            subject=other.subject,
            state=other.state,
            card_stage=other.card_stage,
            opened_at=tx.now,
            updated_at=tx.now,
            version=NEW,
        )
    )
    return other


def _link(tx: Tx, ticket: Ticket, other: Ticket, actor: str) -> None:
    row = {
        "id": tx.new_id(),
        "ticket_id": ticket.id,
        "other_id": other.id,
        "actor": actor,
        "at": tx.now,
    }
    tx.conn.execute(insert_ignore(tx.conn, tables.ticket_link).values(row))
