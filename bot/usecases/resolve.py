"""Close a ticket, and open it again."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ticket import EventType, TicketState
from bot.usecases.access import say, work_on
from bot.usecases.clocks import replan


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve:
    """The matter is settled."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedTicket:
    """The ticket is resolved; `changed` is false where it was before."""

    ticket: TicketView
    changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen:
    """The matter is not settled after all: undo the last resolution."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenedTicket:
    """The ticket is open or answered again, its clocks as if it had never been resolved."""

    ticket: TicketView
    changed: bool


def resolve(tx: Tx, desk: Desk, command: Resolve) -> ResolvedTicket:
    """Raises NotAllowed, NoSuchTicket."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.state is TicketState.RESOLVED:
        return ResolvedTicket(ticket=queries.ticket_view(tx.conn, ticket.id), changed=False)
    say(tx, desk, ticket, EventType.RESOLVED, actor=command.actor)
    replan(tx, desk, [ticket.id])
    return ResolvedTicket(ticket=queries.ticket_view(tx.conn, ticket.id), changed=True)


def reopen(tx: Tx, desk: Desk, command: Reopen) -> ReopenedTicket:
    """Raises NotAllowed, NoSuchTicket."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.state is not TicketState.RESOLVED:
        return ReopenedTicket(ticket=queries.ticket_view(tx.conn, ticket.id), changed=False)
    tx.record(ticket.id, EventType.REOPENED, actor=command.actor)
    replan(tx, desk, [ticket.id])
    return ReopenedTicket(ticket=queries.ticket_view(tx.conn, ticket.id), changed=True)
