"""Tell the desk that somebody saw the miss: its repeats fall silent for a while.

If nothing is sent by the end of it the miss is told once more, with the name of who was on it.
"""

from dataclasses import dataclass
from datetime import datetime

from bot.db.ping_rows import remind_of_misses
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.ticket import EventType
from bot.usecases.access import say, work_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge:
    """`actor` saw the breach and takes care."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged:
    """Repeated breach pings are silent until then."""

    quiet_until: datetime


def acknowledge(tx: Tx, desk: Desk, command: Acknowledge) -> Acknowledged:
    """Raises NotAllowed, NoSuchTicket, Conflict."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    change_ticket(tx.conn, ticket, tx.now, acknowledged_at=tx.now, acknowledged_by=command.actor)
    say(tx, desk, ticket, EventType.ACKNOWLEDGED, actor=command.actor)
    quiet_until = tx.now + desk.acknowledge_for
    if remind_of_misses(tx.conn, ticket.id, quiet_until, tx.now):
        tx.wakes.add("pings")
    return Acknowledged(quiet_until=quiet_until)
