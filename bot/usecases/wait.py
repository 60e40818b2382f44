"""The desk waits for somebody else: the clocks whose rule says so stand still meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.db.pause_rows import Pause
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.ticket import EventType, TicketState
from bot.errors import DeskError
from bot.language import tr
from bot.usecases.access import redraw, say, work_on
from bot.usecases.clocks import replan
from bot.usecases.pause_end import watch_end
from sla_rules.deadlines import PlannedDeadline
from sla_rules.vocabulary import ClockState, Waiting

LONGEST_WAIT = timedelta(days=90)
"""A supplier's repair takes weeks; what shall wait longer is resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFor:
    """The next step is `on`'s. The wait ends at `until`, if given, and when a customer writes.

    Waiting for a third party goes on through the customer's words. A later `WaitFor` takes the
    place of this one.
    """

    ticket_id: int
    actor: str
    on: Waiting
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """`paused` clocks stand still now; 0 where every clock of the ticket runs on regardless."""

    ticket_id: int
    on: Waiting
    paused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """The wait is over before its time."""

    ticket_id: int
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WentOn:
    """Every clock of the ticket runs again."""

    ticket_id: int


def wait_for(tx: Tx, desk: Desk, command: WaitFor) -> Waits:
    """Raises NotAllowed, NoSuchTicket, DeskError for a resolved ticket or an impossible `until`."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    if ticket.state is TicketState.RESOLVED:
        raise DeskError(
            tr("This ticket is resolved: nothing runs that could wait. Reopen it first.")
        )
    _check(command.until, tx.now)
    say(
        tx,
        desk,
        ticket,
        EventType.WAITING,
        actor=command.actor,
        on=command.on,
        until=command.until.isoformat() if command.until else None,
    )
    if command.until is not None:
        watch_end(tx, ticket, Pause.WAIT, command.until)
    planned = replan(tx, desk, [ticket.id])
    redraw(tx, desk, ticket, ticket.version + 1)
    return Waits(
        ticket_id=ticket.id, on=command.on, paused=_still(planned.get(ticket.id, ()), tx.now)
    )


def go_on(tx: Tx, desk: Desk, command: GoOn) -> WentOn:
    """Raises NotAllowed, NoSuchTicket."""
    ticket = work_on(tx, desk, command.actor, command.ticket_id)
    say(tx, desk, ticket, EventType.WENT_ON, actor=command.actor)
    replan(tx, desk, [ticket.id])
    redraw(tx, desk, ticket, ticket.version + 1)
    return WentOn(ticket_id=ticket.id)


def _check(until: datetime | None, now: datetime) -> None:
    if until is None:
        return
    if until <= now:
        raise DeskError(tr("A wait ends in the future, for example in 2h or tomorrow 09:00."))
    if until - now > LONGEST_WAIT:
        raise DeskError(tr("A wait lasts at most {days} days.", days=LONGEST_WAIT.days))


def _still(planned: Iterable[PlannedDeadline], now: datetime) -> int:
    """How many clocks do not count at `now`: until somebody acts, or up to a known instant."""
    return sum(
        each.state is ClockState.PAUSED
        or (
            each.state is ClockState.RUNNING
            # The engine floors a pause to the second it begins in.
            and any(since <= now < until for since, until in each.pauses)
        )
        for each in planned
    )
