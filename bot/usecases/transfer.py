"""Hand a ticket over to a colleague, with what they need to know: one act, one mention."""

from dataclasses import dataclass

from bot.db import queries
from bot.db.seen_rows import is_new
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.domain.roster import Verb
from bot.domain.ticket import EventType
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import call, redraw, require_sight, require_worker, since, work_on
from bot.usecases.away import require_here
from bot.usecases.claim_expiry import watch_claim
from bot.usecases.note import note_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """Make `assignee` the owner and tell them `note`. The same `key` does it once."""

    ticket_id: int
    actor: str
    assignee: str
    note: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """The ticket has its new owner; `changed` is false where this very hand-over was done before."""

    ticket: TicketView
    changed: bool


def transfer(tx: Tx, desk: Desk, command: Transfer) -> Transferred:
    """The new owner is mentioned once, in the thread, above the note.

    Raises NotAllowed (also for somebody who cannot be given tickets), NoSuchTicket, Conflict, and
    DeskError for an empty note, a note too long to show, or an owner who has it already.
    """
    require_sight(tx.conn, desk, command.actor, command.ticket_id, Verb.ASSIGN)
    require_worker(desk, command.assignee)
    require_here(tx, desk, command.assignee, command.actor)
    note = _note(command)
    if command.key and not is_new(tx, f"transfer:{command.key}"):
        return Transferred(ticket=queries.ticket_view(tx.conn, command.ticket_id), changed=False)
    ticket = work_on(tx, desk, command.actor, command.ticket_id, Verb.ASSIGN)
    require_worker(desk, command.assignee, ticket.inbox)
    if ticket.assignee == command.assignee:
        name = desk.roster.name(command.assignee)
        raise DeskError(
            tr(
                "#{number} is with {name} already. Write a note instead.",
                number=ticket.number,
                name=name,
            )
        )
    version = change_ticket(tx.conn, ticket, tx.now, assignee=command.assignee, claimed_at=tx.now)
    called = [command.assignee] if command.assignee != command.actor else []
    call(
        tx,
        desk,
        ticket,
        EventType.TRANSFERRED,
        actor=command.actor,
        called=called,
        to_agent=command.assignee,
        from_agent=ticket.assignee,
        since=since(ticket),
        text=note,
    )
    watch_claim(tx, desk, ticket, command.assignee)
    redraw(tx, desk, ticket, version)
    return Transferred(ticket=queries.ticket_view(tx.conn, ticket.id), changed=True)


def _note(command: Transfer) -> str:
    note = note_text(command.note)
    if not note:
        raise DeskError(tr("Say what they need to know, for example: the promise was Friday."))
    return note
