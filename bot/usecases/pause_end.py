"""A wait or a snooze that was to end at some time ends: its ticket's thread says so, once.

The truth is the ticket itself, looked at when an end is due. Whatever ended the pause before, or
put another in its place, need not know of this. Nothing is said where no clock runs, and nobody is
called where nobody awaits an answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.db.pause_rows import (
    ClockThen,
    Pause,
    PauseEnd,
    due_ends,
    forget_ends,
    keep_end,
    running_clocks,
)
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.db.wait_queries import wait_of
from bot.domain.called import who_is_called
from bot.domain.desk import Desk
from bot.domain.routing import SHOP, calendars_of
from bot.domain.ticket import DESK, EventType, Ticket, TicketState
from bot.usecases.access import call, redraw_in_time, say
from sla_rules.vocabulary import Audience, Scope

JUST_CALLED = timedelta(minutes=5)
"""A ping as fresh as this has called the owner already."""

_SAID = {Pause.WAIT: EventType.WAIT_ENDED, Pause.SNOOZE: EventType.SNOOZE_ENDED}


def watch_end(tx: Tx, ticket: Ticket, kind: Pause, ends_at: datetime) -> None:
    """The ticket is paused until `ends_at`: have that told when it comes."""
    keep_end(tx, ticket.id, kind, ends_at)
    tx.wakes.add("pings")


def tell_ends(tx: Tx, desk: Desk, limit: int = 100) -> bool:
    """Tell of the pauses that are over; whether more are due."""
    due = due_ends(tx.conn, tx.now, limit)
    for ticket, end in due:
        if _still_holds(tx, ticket, end):
            _tell(tx, desk, ticket, end)
    forget_ends(tx.conn, [end.id for _, end in due])
    return len(due) == limit


def _still_holds(tx: Tx, ticket: Ticket, end: PauseEnd) -> bool:
    """Whether this is the pause the ticket is in, and nothing else has ended it."""
    if ticket.state is TicketState.RESOLVED or ticket.merged_into is not None:
        return False
    if end.kind is Pause.SNOOZE:
        return ticket.snoozed_until == end.ends_at
    wait = wait_of(tx.conn, ticket.id, ticket.kind)
    return wait is not None and wait.until == end.ends_at


def _tell(tx: Tx, desk: Desk, ticket: Ticket, end: PauseEnd) -> None:
    clocks = running_clocks(tx.conn, ticket.id, tx.now)
    if not clocks:
        return
    owner = _owner_to_call(desk, ticket, clocks, tx.now)
    if owner is None:
        say(tx, desk, ticket, _SAID[end.kind], actor=DESK)
    else:
        call(tx, desk, ticket, _SAID[end.kind], actor=DESK, called=[owner])
    if end.kind is Pause.WAIT:
        # Its own version: the card of the next change would take this one's for its copy.
        redraw_in_time(tx, desk, ticket, change_ticket(tx.conn, ticket, tx.now))


def _owner_to_call(
    desk: Desk, ticket: Ticket, clocks: Sequence[ClockThen], now: datetime
) -> str | None:
    """The owner, where a clock is within its warnings and no ping speaks of it by itself."""
    if ticket.assignee is None or ticket.state is not TicketState.OPEN:
        return None
    if not any(_is_pressing(desk, ticket, one, now) for one in clocks):
        return None
    if any(one.called_at is not None and now - one.called_at <= JUST_CALLED for one in clocks):
        return None
    called = who_is_called(
        desk.roster,
        Audience.ASSIGNEE,
        assignee=ticket.assignee,
        group=(),
        limit_at=min((one.due_at for one in clocks if _is_platforms(one)), default=None),
        now=now,
    )
    # Whoever has quiet hours sees the line later; it is not worth calling somebody else.
    return ticket.assignee if ticket.assignee in called.mentioned else None


def _is_pressing(desk: Desk, ticket: Ticket, clock: ClockThen, now: datetime) -> bool:
    if clock.warned_at is None or clock.due_at <= now:
        return False
    # At night a clock of business hours stands still.
    return _is_platforms(clock) or calendars_of(desk, ticket.inbox)[SHOP].next_open(now) <= now


def _is_platforms(clock: ClockThen) -> bool:
    return clock.scope != Scope.INTERNAL
