"""Pings whose time has come, found through the partial index of those still to come."""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    exists,
    select,
    update,
)

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
_M = tables.message.c

_SPOKEN = frozenset({PingOutcome.SENT, PingOutcome.MERGED})


def _due(now: Any) -> ColumnElement[bool]:
    return and_(_P.fired_at.is_(None), _P.cancelled_at.is_(None), _P.fire_at <= now)


# These are asked whenever something is due: to build them costs more than to answer them.


@cache
def select_due() -> Select[Any]:
    """The tickets of the first `most` pings due `now`, one row a ping, locked against others."""
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


def due_of(
    conn: Connection, ticket_ids: Collection[int], now: datetime, *, since: datetime
) -> tuple[list[DuePing], set[int]]:
    """All due pings of locked tickets, read after the lock: a click may just have stopped some.

    And which of those tickets have an answer that was sent off after `since` and is on its way.
    """
    if not ticket_ids:
        return [], set()
    given = {"now": now, "tickets": list(ticket_ids), "since": since}
    rows = conn.execute(_pings_of(), given).all()
    return [_ping(row) for row in rows], {row.ticket_id for row in rows if row.answering}


@cache
def _pings_of() -> Select[Any]:
    on_its_way = exists().where(
        _M.ticket_id == _P.ticket_id,
        _M.state.in_((MessageState.QUEUED, MessageState.SENDING)),
        _M.seen_at > bindparam("since"),
    )
    return (
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
            on_its_way.label("answering"),
        )
        .join_from(tables.ping, tables.deadline, _P.deadline_id == _D.id)
        .where(
            _due(bindparam("now")),
            _P.ticket_id.in_(bindparam("tickets", expanding=True)),
        )
        .order_by(_P.fire_at, _P.id)
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
    spoken = outcome in _SPOKEN
    conn.execute(_settled(spoken=spoken), {"pings": ids, "at": now, "became": outcome})


@cache
def _settled(*, spoken: bool) -> Update:
    column = _P.fired_at if spoken else _P.cancelled_at
    of_these = _P.id.in_(bindparam("pings", expanding=True))
    became: dict[Any, Any] = {column: bindparam("at"), _P.outcome: bindparam("became")}
    return update(tables.ping).where(of_these).values(became)


def note_breaches(conn: Connection, deadline_ids: Sequence[int], now: datetime) -> None:
    """Write that these clocks were missed."""
    if deadline_ids:
        conn.execute(_breached(), {"deadlines": deadline_ids, "at": now})


@cache
def _breached() -> Update:
    of_these = _D.id.in_(bindparam("deadlines", expanding=True))
    return update(tables.deadline).where(of_these).values(breached_at=bindparam("at"))


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
