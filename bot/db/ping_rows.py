"""Pings whose time has come, found through the partial index of those still to come."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, and_, bindparam, select, update

from bot.db import tables
from bot.db.clock_rows import write_pings
from bot.db.ids import new_id
from bot.db.ticket_rows import TICKET_COLUMNS, ticket_of
from bot.db.types import AnyRow
from bot.domain.clocks import StoredPing
from bot.domain.pings import ON_IT, DuePing, PingOutcome
from bot.domain.ticket import MessageState, Ticket
from sla_rules.pings import GRAVEST, OUR_GRAVEST
from sla_rules.vocabulary import Audience, ClockState, Scope, Until

_P = tables.ping.c
_D = tables.deadline.c

_SPOKEN = frozenset({PingOutcome.SENT, PingOutcome.MERGED})


def _due(now: Any) -> ColumnElement[bool]:
    return and_(_P.fired_at.is_(None), _P.cancelled_at.is_(None), _P.fire_at <= now)


@cache
def select_due() -> Select[Any]:
    """The tickets of the first `most` pings due `now`, one row a ping, locked against others."""
    # Asked at every tick: to build it costs more than to answer it.
    return (
        select(*TICKET_COLUMNS)
        .select_from(tables.ping)
        .join(tables.ticket, _P.ticket_id == tables.ticket.c.id)
        .join(tables.inbox, tables.ticket.c.inbox_id == tables.inbox.c.id)
        .where(_due(bindparam("now")))
        .order_by(_P.fire_at, _P.id)
        .limit(bindparam("most", type_=Integer))
        .with_for_update(of=tables.ticket, skip_locked=True)
    )


def lock_due_tickets(conn: Connection, now: datetime, limit: int) -> tuple[dict[int, Ticket], bool]:
    """Tickets with due pings, locked; and whether there may be more than `limit` pings due."""
    rows = conn.execute(select_due(), {"now": now, "most": limit}).all()
    return {row.id: ticket_of(row) for row in rows}, len(rows) == limit


def due_of(conn: Connection, ticket_ids: Collection[int], now: datetime) -> list[DuePing]:
    """All due pings of locked tickets, read after the lock: a click may just have stopped some."""
    if not ticket_ids:
        return []
    rows = conn.execute(
        select(
            _P.id,
            _P.ticket_id,
            _P.deadline_id,
            _P.step,
            _P.severity,
            _P.fire_at,
            _P.audience,
            _P.until,
            _D.due_at,
            _D.state,
            _D.breached_at,
        )
        .join_from(tables.ping, tables.deadline, _P.deadline_id == _D.id)
        .where(_due(now), _P.ticket_id.in_(ticket_ids))
        .order_by(_P.fire_at, _P.id)
    )
    return [_ping(row) for row in rows]


def answering(conn: Connection, ticket_ids: Collection[int], since: datetime) -> set[int]:
    """Which of the tickets have an answer that was sent off after `since` and is still on its way."""
    if not ticket_ids:
        return set()
    sent = tables.message.c
    return set(
        conn.scalars(
            select(sent.ticket_id).where(
                sent.ticket_id.in_(ticket_ids),
                sent.state.in_((MessageState.QUEUED, MessageState.SENDING)),
                sent.seen_at > since,
            )
        )
    )


def _ping(row: AnyRow) -> DuePing:
    return DuePing(
        id=row.id,
        ticket_id=row.ticket_id,
        deadline_id=row.deadline_id,
        step=row.step,
        severity=row.severity,
        fire_at=row.fire_at,
        due_at=row.due_at,
        clock=ClockState(row.state),
        breached_at=row.breached_at,
        audience=Audience(row.audience),
        until=Until(row.until),
    )


def settle(conn: Connection, ids: Sequence[int], outcome: PingOutcome, now: datetime) -> None:
    """Write what became of some pings, in one statement."""
    if not ids:
        return
    column = "fired_at" if outcome in _SPOKEN else "cancelled_at"
    conn.execute(
        update(tables.ping).where(_P.id.in_(ids)).values({column: now, "outcome": outcome})
    )


def remind_of_misses(conn: Connection, ticket_id: int, at: datetime, now: datetime) -> int:
    """Have the running clocks of a ticket that were missed told once more at `at`; how many."""
    missed = conn.execute(
        select(_D.id, _D.scope).where(
            _D.ticket_id == ticket_id,
            _D.state == ClockState.RUNNING,
            _D.breached_at.is_not(None),
        )
    ).all()
    reminders = [
        StoredPing(
            id=new_id(now),
            deadline_id=row.id,
            ticket_id=ticket_id,
            step=ON_IT,
            audience=Audience.MANAGERS,
            severity=OUR_GRAVEST if row.scope == Scope.INTERNAL else GRAVEST,
            fire_at=at,
            until=Until.ANSWERED,
        )
        for row in missed
    ]
    write_pings(conn, reminders)
    return len(reminders)
