"""Have a lead look at a ticket, and say that one does."""

from dataclasses import dataclass
from datetime import timedelta

from bot.db.relation_rows import marks_of
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.escalation import ESCALATIONS, escalation, same_reason
from bot.domain.holds import Mark
from bot.domain.inbound import clean
from bot.domain.ticket import EventType, Ticket, TicketState
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import call, redraw, say, work_on

MENTION_AGAIN = timedelta(hours=1)
"""Before that, the same reason calls nobody a second time."""

REASON_LIMIT = 300
"""Characters; what a card shows of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalate:
    """`actor` wants a lead to look at it, because of `reason`."""

    ticket_id: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated:
    """The ticket is escalated. `called` are those who were mentioned; nobody where they had been."""

    number: int
    called: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deescalate:
    """`actor` takes care of it."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deescalated:
    """The ticket is not escalated; `changed` is false where it was not before."""

    number: int
    changed: bool


def escalate(tx: Tx, desk: Desk, command: Escalate) -> Escalated:
    """The leads are mentioned, in one message, unless the same reason called them within the hour.

    Raises NotAllowed, NoSuchTicket, and DeskError without a reason, for a resolved ticket, or
    where there is no lead to call.
    """
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    reason = " ".join(clean(command.reason).split())
    _check(ticket, reason)
    called = tuple(desk.roster.leads(but=command.actor, inbox=ticket.inbox))
    if not called:
        raise DeskError(tr("Nobody else on this desk is lead, manager or admin: nobody to call."))
    marks = marks_of(tx.conn, ticket.id, ESCALATIONS)
    if _told_lately(tx, marks, reason):
        called = ()
        if escalation(marks) is not None:
            return Escalated(number=ticket.number, called=())
    call(
        tx,
        desk,
        ticket,
        EventType.ESCALATED,
        actor=command.actor,
        called=called,
        reason=reason,
    )
    redraw(tx, desk, ticket, change_ticket(tx.conn, ticket, tx.now))
    return Escalated(number=ticket.number, called=called)


def _check(ticket: Ticket, reason: str) -> None:
    if ticket.state is TicketState.RESOLVED:
        raise DeskError(tr("#{number} is resolved. Reopen it first.", number=ticket.number))
    if not reason:
        raise DeskError(tr("Say why, for example: angry, threatens a chargeback."))
    if len(reason) > REASON_LIMIT:
        raise DeskError(
            tr(
                "A reason has at most {limit} characters; this one has {length}. "
                "Keep the rest in a note.",
                limit=REASON_LIMIT,
                length=len(reason),
            )
        )


def _told_lately(tx: Tx, marks: list[Mark], reason: str) -> bool:
    return any(
        mark.type == EventType.ESCALATED
        and mark.data.get("called")
        and tx.now - mark.at < MENTION_AGAIN
        and same_reason(str(mark.data.get("reason") or ""), reason)
        for mark in marks
    )


def deescalate(tx: Tx, desk: Desk, command: Deescalate) -> Deescalated:
    """Raises NotAllowed, NoSuchTicket."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if escalation(marks_of(tx.conn, ticket.id, ESCALATIONS)) is None:
        return Deescalated(number=ticket.number, changed=False)
    say(tx, desk, ticket, EventType.DEESCALATED, actor=command.actor)
    redraw(tx, desk, ticket, change_ticket(tx.conn, ticket, tx.now))
    return Deescalated(number=ticket.number, changed=True)
