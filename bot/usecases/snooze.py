"""Silence a ticket's warnings for a while. A missed deadline still speaks up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.db.pause_rows import Pause
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.ticket import EventType
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import say, work_on
from bot.usecases.pause_end import watch_end

LONGEST_SNOOZE = timedelta(days=30)
"""Longer than any clock of the presets; what shall wait longer is resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snooze:
    """No warnings before `until`."""

    ticket_id: int
    actor: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Snoozed:
    """Warnings are silent until then."""

    until: datetime


def snooze(tx: Tx, desk: Desk, command: Snooze) -> Snoozed:
    """Raises NotAllowed, NoSuchTicket, Conflict, DeskError for a time that is past or too far."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if command.until <= tx.now:
        raise DeskError(tr("A snooze ends in the future, for example in 2h or tomorrow 09:00."))
    if command.until - tx.now > LONGEST_SNOOZE:
        raise DeskError(tr("A snooze lasts at most {days} days.", days=LONGEST_SNOOZE.days))
    change_ticket(tx.conn, ticket, tx.now, snoozed_until=command.until)
    say(
        tx,
        desk,
        ticket,
        EventType.SNOOZED,
        actor=command.actor,
        until=command.until.isoformat(),
        was=ticket.snoozed_until.isoformat() if ticket.snoozed_until else None,
    )
    watch_end(tx, ticket, Pause.SNOOZE, command.until)
    return Snoozed(until=command.until)
