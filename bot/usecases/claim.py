"""Claim a ticket, or take it over deliberately. Of two at once, one wins."""

from dataclasses import dataclass
from datetime import datetime

from bot.db import queries
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.ticket import EventType, Ticket
from bot.usecases.access import redraw, say, since, work_on
from bot.usecases.claim_expiry import watch_claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Make `actor` the owner. `take_over_from` names the owner the actor means to relieve."""

    ticket_id: int
    actor: str
    take_over_from: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The actor owns the ticket now."""

    ticket: TicketView


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyYours:
    """Nothing changed: the actor owns it already."""

    ticket: TicketView


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBy:
    """Somebody else owns it, since then."""

    agent: str
    since: datetime
    ticket: TicketView


def claim(tx: Tx, desk: Desk, command: Claim) -> Claimed | AlreadyYours | HeldBy:
    """Decide who owns the ticket. Raises NotAllowed, NoSuchTicket, Conflict."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.assignee == command.actor:
        return AlreadyYours(ticket=queries.ticket_view(tx.conn, ticket.id))
    if _is_held_against(desk, ticket, command) and ticket.assignee is not None:
        return HeldBy(
            agent=ticket.assignee,
            since=ticket.claimed_at or ticket.opened_at,
            ticket=queries.ticket_view(tx.conn, ticket.id),
        )
    version = change_ticket(tx.conn, ticket, tx.now, assignee=command.actor, claimed_at=tx.now)
    if ticket.assignee is None:
        tx.record(ticket.id, EventType.CLAIMED, actor=command.actor)
    else:
        say(
            tx,
            desk,
            ticket,
            EventType.TAKEN_OVER,
            actor=command.actor,
            from_agent=ticket.assignee,
            since=since(ticket),
        )
    watch_claim(tx, desk, ticket, command.actor)
    redraw(tx, desk, ticket, version)
    return Claimed(ticket=queries.ticket_view(tx.conn, ticket.id))


def _is_held_against(desk: Desk, ticket: Ticket, command: Claim) -> bool:
    # Somebody who left the roster holds nothing against those who are there.
    holder = ticket.assignee
    if holder is None or not desk.roster.is_active(holder):
        return False
    return holder != command.take_over_from
