"""A claim that nothing follows ends: the owner is told before, then the ticket is anybody's again.

The truth is one row a claim, looked at when it is due. Whatever makes it pointless meanwhile (an
answer, another owner, a resolution) need not know of it.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from bot.db.claim_rows import (
    DueClaim,
    NewClaim,
    due_claims,
    forget_claim,
    has_acted,
    keep_claims,
    postpone_claim,
    was_given,
)
from bot.db.routing_rows import away_at
from bot.db.ticket_rows import change_ticket
from bot.db.unit import Tx
from bot.domain.desk import Desk
from bot.domain.routing import SHOP, calendars_of
from bot.domain.shifts import has_hours, next_on_shift, on_shift
from bot.domain.ticket import DESK, EventType, Ticket, TicketState
from bot.usecases.access import call, redraw, say, since
from sla_rules.calendar import ALWAYS, CalendarError

TOLD_BEFORE = 4
"""The owner is told when a quarter of the time is left."""


def expires_after(desk: Desk, inbox: str) -> timedelta | None:
    """How long an owner may do nothing, in the inbox's business time; None: for ever."""
    route = desk.inboxes.get(inbox)
    return route.claim_expires if route else None


def watch_claim(
    tx: Tx, desk: Desk, ticket: Ticket, agent: str, *, claimed_at: datetime | None = None
) -> None:
    """`agent` owns the ticket from now on, by whose hand ever: plan when that ends, where claims do."""
    if ticket.state is TicketState.OPEN:
        watch_claims(tx, desk, [(ticket, agent)], claimed_at=claimed_at)


def watch_claims(
    tx: Tx,
    desk: Desk,
    owned: Iterable[tuple[Ticket, str]],
    *,
    claimed_at: datetime | None = None,
) -> None:
    """The same for open tickets with their new owners, in one statement.

    Where somebody has a ticket back, `claimed_at` is when they got it first; their time counts anew.
    """
    claims = [
        NewClaim(
            ticket_id=ticket.id,
            agent=agent,
            claimed_at=claimed_at or tx.now,
            due_at=_later(desk, ticket.inbox, start, length - length / TOLD_BEFORE),
            ends_at=_later(desk, ticket.inbox, start, length),
        )
        for ticket, agent, start in _beginning(tx, desk, owned)
        if (length := expires_after(desk, ticket.inbox)) is not None
    ]
    keep_claims(tx, claims)
    if claims:
        tx.wakes.add("pings")


def _beginning(
    tx: Tx, desk: Desk, owned: Iterable[tuple[Ticket, str]]
) -> Iterator[tuple[Ticket, str, datetime]]:
    """Since when each owner could do something: whoever is given a ticket before their shift, then."""
    roster, away = desk.roster, None
    for ticket, agent in owned:
        start = tx.now
        if has_hours(roster, agent) and agent not in on_shift(roster, tx.now):
            away = away_at(tx.conn, tx.now) if away is None else away
            coming = next_on_shift(roster.without(away), tx.now, {agent})
            start = coming.at if coming is not None else tx.now
        yield ticket, agent, start


def _later(desk: Desk, inbox: str, start: datetime, length: timedelta) -> datetime:
    calendar = calendars_of(desk, inbox)[SHOP]
    try:
        return calendar.deadline(start, length)
    except CalendarError:
        # A shop that never opens again: every hour counts.
        return ALWAYS.deadline(start, length)


def expire_claims(tx: Tx, desk: Desk, limit: int = 100) -> bool:
    """Warn the owners of claims that end soon, end those whose time is over; whether more are due."""
    due = due_claims(tx.conn, tx.now, limit)
    for ticket, claim in due:
        length = expires_after(desk, ticket.inbox)
        if length is None or not _is_idle(tx, ticket, claim):
            forget_claim(tx.conn, ticket.id)
        elif claim.told_at is None:
            _tell(tx, desk, ticket, claim, length)
        else:
            _end(tx, desk, ticket, claim)
    return len(due) == limit


def _is_idle(tx: Tx, ticket: Ticket, claim: DueClaim) -> bool:
    same = ticket.assignee == claim.agent and ticket.claimed_at == claim.claimed_at
    return (
        same
        and ticket.state is TicketState.OPEN
        and not has_acted(tx.conn, ticket.id, claim.agent, claim.claimed_at)
    )


def _tell(tx: Tx, desk: Desk, ticket: Ticket, claim: DueClaim, length: timedelta) -> None:
    # After a time when nothing ran, the owner still has the quarter that was promised.
    left = _later(desk, ticket.inbox, tx.now, length / TOLD_BEFORE)
    ends_at = max(claim.ends_at, left)
    call(
        tx,
        desk,
        ticket,
        EventType.CLAIM_ENDS_SOON,
        actor=DESK,
        called=[claim.agent],
        agent=claim.agent,
        ends_at=ends_at.isoformat(),
        given=_given(tx, ticket, claim),
    )
    postpone_claim(tx, ticket.id, ends_at)


def _given(tx: Tx, ticket: Ticket, claim: DueClaim) -> str | None:
    return "yes" if was_given(tx.conn, ticket.id, claim.claimed_at) else None


def _end(tx: Tx, desk: Desk, ticket: Ticket, claim: DueClaim) -> None:
    version = change_ticket(tx.conn, ticket, tx.now, assignee=None, claimed_at=None)
    say(
        tx,
        desk,
        ticket,
        EventType.CLAIM_EXPIRED,
        actor=DESK,
        from_agent=ticket.assignee,
        since=since(ticket),
        given=_given(tx, ticket, claim),
    )
    forget_claim(tx.conn, ticket.id)
    redraw(tx, desk, ticket, version)
