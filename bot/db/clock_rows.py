"""Deadline and ping rows, and the history they follow from: loaded and written set by set."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Insert,
    Select,
    String,
    Table,
    bindparam,
    cast,
    literal,
    null,
    select,
    true,
    union_all,
)

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.many import write_values
from bot.db.sealed import open_data
from bot.db.types import AnyRow
from bot.domain.clocks import StoredClock, StoredDeadline, StoredPing
from bot.domain.history import MARKS, History, MessageFact
from bot.domain.holds import Mark

_D = tables.deadline.c
_P = tables.ping.c
_M = tables.message.c
_E = tables.ticket_event.c


def load_histories(conn: Connection, ticket_ids: Collection[int]) -> dict[int, History]:
    """Messages and marks of some tickets, in one statement."""
    if not ticket_ids:
        return {}
    facts: dict[int, list[MessageFact]] = defaultdict(list)
    kept: dict[int, list[Mark]] = defaultdict(list)
    for row in conn.execute(_histories(), {"tickets": list(ticket_ids)}):
        if row.is_message:
            facts[row.ticket_id].append(_fact(row))
        else:
            kept[row.ticket_id].append(
                Mark(
                    id=row.id,
                    type=row.what,
                    actor=row.who,
                    at=row.at,
                    data=open_data(conn, row.id, row.data),
                )
            )
    return {
        each: History(messages=facts.get(each, ()), marks=kept.get(each, ())) for each in ticket_ids
    }


@cache
def _histories() -> CompoundSelect[Any]:
    tickets: BindParameter[Any] = bindparam("tickets", expanding=True)
    messages = select(
        _M.ticket_id,
        _M.id,
        true().label("is_message"),
        _M.sent_at.label("at"),
        _M.seen_at,
        _M.direction,
        _M.author.label("who"),
        _M.verdict.label("what"),
        _M.state,
        _M.respond_by,
        _M.waiting_since,
        _M.reply_until,
        _M.moved_at,
        cast(null(), _E.data.type).label("data"),
    ).where(_M.ticket_id.in_(tickets))
    marks = select(
        _E.ticket_id,
        _E.id,
        literal(value=False),
        _E.at,
        _E.at,
        cast(null(), String),
        _E.actor,
        _E.type,
        cast(null(), String),
        *(cast(null(), _M.respond_by.type) for _ in range(4)),
        _E.data,
    ).where(_E.ticket_id.in_(tickets), _E.type.in_(MARKS))
    return union_all(messages, marks)


def _fact(row: AnyRow) -> MessageFact:
    return MessageFact(
        id=row.id,
        inbound=row.direction == "in",
        author=row.who,
        verdict=row.what,
        state=row.state,
        sent_at=row.at,
        seen_at=row.seen_at,
        respond_by=row.respond_by,
        waiting_since=row.waiting_since,
        reply_until=row.reply_until,
        moved_at=row.moved_at,
    )


def load_clocks(conn: Connection, ticket_ids: Collection[int]) -> dict[int, list[StoredClock]]:
    """The clocks of some tickets with all their pings, in one statement."""
    if not ticket_ids:
        return {}
    rows = conn.execute(_clocks(), {"tickets": list(ticket_ids)})
    deadlines: dict[int, StoredDeadline] = {}
    pings: dict[int, list[StoredPing]] = defaultdict(list)
    for row in rows:
        if row.id not in deadlines:
            deadlines[row.id] = _deadline(row)
        if row.ping_id is not None:
            pings[row.id].append(_ping(row))
    clocks: dict[int, list[StoredClock]] = defaultdict(list)
    for each in deadlines.values():
        clocks[each.ticket_id].append(StoredClock(deadline=each, pings=pings[each.id]))
    return dict(clocks)


@cache
def _clocks() -> Select[Any]:
    return (
        select(
            tables.deadline,
            _P.id.label("ping_id"),
            _P.step,
            _P.audience,
            _P.severity,
            _P.fire_at,
            _P.fired_at,
            _P.cancelled_at,
            _P.outcome,
            _P.mention,
            _P.until,
        )
        .join_from(tables.deadline, tables.ping, isouter=True)
        .where(_D.ticket_id.in_(bindparam("tickets", expanding=True)))
    )


def load_deadlines(conn: Connection, ticket_ids: Collection[int]) -> dict[int, list[StoredClock]]:
    """The clocks of some tickets as if they had no pings: a third of the rows."""
    clocks: dict[int, list[StoredClock]] = defaultdict(list)
    for row in conn.execute(select(tables.deadline).where(_D.ticket_id.in_(ticket_ids))):
        clocks[row.ticket_id].append(StoredClock(deadline=_deadline(row)))
    return dict(clocks)


def _deadline(row: AnyRow) -> StoredDeadline:
    return StoredDeadline(
        **{column.name: getattr(row, column.name) for column in tables.deadline.columns}
    )


def _ping(row: AnyRow) -> StoredPing:
    return StoredPing(
        id=row.ping_id,
        deadline_id=row.id,
        ticket_id=row.ticket_id,
        step=row.step,
        audience=row.audience,
        severity=row.severity,
        fire_at=row.fire_at,
        fired_at=row.fired_at,
        cancelled_at=row.cancelled_at,
        outcome=row.outcome,
        mention=row.mention,
        until=row.until,
    )


def write_deadlines(conn: Connection, rows: Sequence[StoredDeadline]) -> None:
    """Insert or overwrite deadline rows, in one statement."""
    _write(conn, tables.deadline, ("ticket_id", "metric", "scope", "instance"), rows)


def write_pings(conn: Connection, rows: Sequence[StoredPing]) -> None:
    """Insert or overwrite ping rows, in one statement."""
    _write(conn, tables.ping, ("deadline_id", "step"), rows)


def _write(
    conn: Connection,
    table: Table,
    key: tuple[str, ...],
    rows: Sequence[StoredDeadline] | Sequence[StoredPing],
) -> None:
    write_values(conn, _overwriting(conn.dialect.name, table, key), rows)


@cache
def _overwriting(dialect: str, table: Table, key: tuple[str, ...]) -> Insert:
    """Built once: making it anew for each page cost a fourteenth of the whole page."""
    statement = upsert(dialect, table)
    written = [c.name for c in table.columns if c.name not in {"id", *key}]
    return statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in written}
    )
