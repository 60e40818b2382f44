"""Give a ticket to a colleague."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.ticket import EventType
from bot.usecases.access import redraw, require, require_worker, since, work_on
from bot.usecases.away import require_here
from bot.usecases.claim_expiry import watch_claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    """Make `assignee` the owner, on the word of `actor`."""

    ticket_id: int
    actor: str
    assignee: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned:
    """The ticket has its new owner; `changed` is false where it had been theirs already."""

    ticket: TicketView
    changed: bool


def assign(tx: Tx, desk: Desk, command: Assign) -> Assigned:
    """Raises NotAllowed (also for whoever cannot be given tickets now), NoSuchTicket, Conflict."""
    require(desk, command.actor, Verb.ASSIGN)
    require_worker(desk, command.assignee)
    ticket = work_on(tx, desk, command.actor, command.ticket_id, Verb.ASSIGN)
    require_worker(desk, command.assignee, ticket.inbox)
    require_here(tx, desk, command.assignee, command.actor)
    if ticket.assignee == command.assignee:
        return Assigned(ticket=queries.ticket_view(tx.conn, ticket.id), changed=False)
    version = change_ticket(tx.conn, ticket, tx.now, assignee=command.assignee, claimed_at=tx.now)
    tx.record(
        ticket.id,
        EventType.ASSIGNED,
        actor=command.actor,
        to_agent=command.assignee,
        from_agent=ticket.assignee,
        since=since(ticket),
    )
    watch_claim(tx, desk, ticket, command.assignee)
    redraw(tx, desk, ticket, version)
    return Assigned(ticket=queries.ticket_view(tx.conn, ticket.id), changed=True)
