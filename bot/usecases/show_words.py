"""A customer's words in full, to one person who asked for them; and the note of who that was."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.db import queries
from bot.db.unit import Tx
from bot.domain.card import MessageView, TicketView
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.ticket import EventType
from bot.domain.veil import body_rule
from bot.usecases.access import require_sight


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowWords:
    """`actor` wants to read what the customer of a ticket wrote."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was written to the desk, oldest first."""

    ticket: TicketView
    messages: Sequence[MessageView]


def show_words(tx: Tx, desk: Desk, command: ShowWords) -> Words:
    """The words, once it is noted who reads them.

    Raises:
        NotAllowed: not on the roster.
        NoSuchTicket: there is none of that id in an inbox of theirs.
    """
    require_sight(tx.conn, desk, command.actor, command.ticket_id, Verb.VIEW)
    ticket = queries.ticket_view(tx.conn, command.ticket_id)
    if body_rule(desk, ticket.inbox) != "full":
        tx.record(ticket.id, EventType.WORDS_SHOWN, actor=command.actor)
    said = queries.conversation(tx.conn, ticket.id)
    return Words(ticket=ticket, messages=[one for one in said if one.direction == "in"])
