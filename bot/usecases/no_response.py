"""Say explicitly that what is unanswered so far needs no answer."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ticket import EventType
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
    """Raises NotAllowed, NoSuchTicket."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    tx.record(ticket.id, EventType.NO_ANSWER_NEEDED, actor=command.actor)
    replan(tx, desk, [ticket.id])
    return NothingAwaited(ticket=queries.ticket_view(tx.conn, ticket.id))
