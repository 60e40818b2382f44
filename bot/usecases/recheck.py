"""Are stored deadlines what the rules make of the ticket's history? Looked at, never changed.

Deadlines are a pure function of history and rules (invariant 7); the stored ones are a cache of it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, func, literal, select, tuple_

from bot.db import tables
from bot.db.clock_rows import load_deadlines, load_histories
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.db.types import UtcDateTime, literally
from bot.domain.clocks import StoredClock
from bot.domain.desk import Desk
from bot.domain.history import History
from bot.domain.ticket import Ticket
from bot.usecases.planning import plan_ticket
from bot.usecases.rule_versions import meet_rules
from sla_rules.deadlines import PlannedDeadline
from sla_rules.vocabulary import LASTING, ClockState

_D = tables.deadline.c


Place = tuple[datetime, int]
"""Where a look over running clocks stopped: when the last one was due, and its ticket."""

_RUNNING = literally(_D.state, ClockState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Tickets whose clock runs, by the nearness of their deadlines. `upto` None: the last ones."""

    ticket_ids: Sequence[int]
    upto: Place | None


def running_after(conn: Connection, after: Place | None, limit: int) -> Sample:
    """The next tickets behind `after`; from the nearest deadline for None."""
    other = tables.deadline.alias("other").c
    nearer = select(other.id).where(
        other.ticket_id == _D.ticket_id,
        literally(other.state, ClockState.RUNNING),
        tuple_(other.due_at, other.id) < tuple_(_D.due_at, _D.id),
    )
    # A ticket comes once, with the nearest of its clocks: the whole ticket is worked out.
    query = select(_D.due_at, _D.ticket_id).where(_RUNNING, ~nearer.exists())
    if after is not None:
        due, ticket = after
        place = tuple_(literal(due, UtcDateTime), literal(ticket, BigInteger))
        query = query.where(tuple_(_D.due_at, _D.ticket_id) > place)
    rows = conn.execute(query.order_by(_D.due_at, _D.ticket_id).limit(limit)).all()
    last = (rows[-1].due_at, rows[-1].ticket_id) if len(rows) == limit else None
    return Sample(ticket_ids=tuple(row.ticket_id for row in rows), upto=last)


def running_now(conn: Connection) -> int:
    """How many tickets have a clock that runs, or some more: a wait has up to three clocks."""
    return conn.scalar(select(func.count()).where(_RUNNING)) or 0


def drifted(
    conn: Connection, desk: Desk, ticket_ids: Collection[int], now: datetime
) -> Sequence[Ticket]:
    """Those of the tickets whose running clocks are due at another time than they would be."""
    if not ticket_ids:
        return []
    rows = conn.execute(select_tickets().where(tables.ticket.c.id.in_(ticket_ids)))
    tickets = [ticket_of(row) for row in rows]
    ids = [ticket.id for ticket in tickets]
    histories, clocks = load_histories(conn, ids), load_deadlines(conn, ids)
    meet_rules(conn, desk, tickets, clocks.values())
    return [
        ticket
        for ticket in tickets
        if _drifts(
            desk, ticket, histories.get(ticket.id, History()), clocks.get(ticket.id, ()), now
        )
    ]


def _drifts(
    desk: Desk, ticket: Ticket, history: History, stored: Sequence[StoredClock], now: datetime
) -> bool:
    planned = plan_ticket(desk, ticket, history, now, stored, with_pings=False).planned
    lasting: dict[tuple[str, str, int], PlannedDeadline] = {
        (p.metric, p.scope, p.instance): p for p in planned if p.state in LASTING
    }
    for clock in stored:
        row = clock.deadline
        if row.state != ClockState.RUNNING:
            continue
        true = lasting.get(row.key)
        if true is None or (true.state == ClockState.RUNNING and true.due_at != row.due_at):
            return True
    return False
