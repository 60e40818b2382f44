"""Say that two tickets have to do with each other. It moves no clock."""

from dataclasses import dataclass

from sqlalchemy import delete

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.ticket_rows import change_ticket, lock_tickets
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.ticket import EventType, Ticket
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import no_ticket, redraw, require, say

_L = tables.ticket_link.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two tickets that are related, in the eyes of `actor`."""

    ticket_id: int
    other_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """They are linked now, or are not any more; `changed` is false where that was so before."""

    number: int
    other: int
    changed: bool


def link(tx: Tx, desk: Desk, command: Link) -> Linked:
    """Raises NotAllowed, NoSuchTicket, Conflict, DeskError for a ticket and itself."""
    first, second = _both(tx, desk, command)
    row = {
        "id": tx.new_id(),
        "ticket_id": first.id,
        "other_id": second.id,
        "actor": command.actor,
        "at": tx.now,
    }
    added = tx.conn.execute(insert_ignore(tx.conn, tables.ticket_link).values(row)).rowcount == 1
    if added:
        _tell(tx, desk, (first, second), EventType.LINKED, actor=command.actor)
    return _linked(command, first, second, changed=added)


def unlink(tx: Tx, desk: Desk, command: Link) -> Linked:
    """Raises NotAllowed, NoSuchTicket, Conflict, DeskError for a ticket and itself."""
    first, second = _both(tx, desk, command)
    gone = tx.conn.execute(
        delete(tables.ticket_link).where(_L.ticket_id == first.id, _L.other_id == second.id)
    ).rowcount
    if gone:
        _tell(tx, desk, (first, second), EventType.UNLINKED, actor=command.actor)
    return _linked(command, first, second, changed=bool(gone))


def _both(tx: Tx, desk: Desk, command: Link) -> tuple[Ticket, Ticket]:
    """The two in one order, whoever named which first: a link is kept once."""
    require(desk, command.actor, Verb.WORK)
    if command.ticket_id == command.other_id:
        raise DeskError(tr("A ticket cannot be linked with itself."))
    found = lock_tickets(tx.conn, [command.ticket_id, command.other_id])
    for ticket_id in (command.ticket_id, command.other_id):
        seen = found.get(ticket_id)
        if seen is None or not desk.roster.sees(command.actor, seen.inbox):
            raise no_ticket(desk, command.actor, ticket_id)
    one, other = found[command.ticket_id], found[command.other_id]
    return (one, other) if one.id < other.id else (other, one)


def _linked(command: Link, first: Ticket, second: Ticket, *, changed: bool) -> Linked:
    number, other = first.number, second.number
    if first.id != command.ticket_id:
        number, other = other, number
    return Linked(number=number, other=other, changed=changed)


def _tell(tx: Tx, desk: Desk, pair: tuple[Ticket, Ticket], type_: EventType, *, actor: str) -> None:
    for one, other in (pair, pair[::-1]):
        say(tx, desk, one, type_, actor=actor, other=other.number)
        redraw(tx, desk, one, change_ticket(tx.conn, one, tx.now))
