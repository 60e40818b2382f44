"""Rows as `threadline export` hands them out, page by page in the order of their keys.

A page is one statement that goes on behind the last key, so a million rows need no more memory
than a page, and no statement skips over what was read before.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, case, literal, select
from sqlalchemy import tuple_ as row_of

from bot.db import tables
from bot.db.sealed import shown_text

PAGE: Final = 10_000
"""Rows of one statement: about 10 MB of them are in memory at once."""

_T = tables.ticket.c
_M = tables.message.c
_D = tables.deadline.c
_E = tables.ticket_event.c
_F = tables.ticket_figure.c
_W = tables.wait_figure.c
_I = tables.inbox.c

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which rows. `bodies_of` are the ids of the inboxes whose customers' words may be told."""

    columns: Sequence[str]
    since: datetime | None = None
    until: datetime | None = None
    bodies_of: Collection[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where one table comes from: what it is joined from, its key, when a row happened, its columns."""

    origin: FromClause
    key: Sequence[ColumnElement[Any]]
    at: ColumnElement[Any]
    columns: Mapping[str, ColumnElement[Any]]
    opened: Mapping[str, Callable[[Connection, int, Any], Any]] = field(default_factory=dict)
    """How the stored value of a column becomes what is told, by the key of its row."""


def pages(conn: Connection, table: str, wish: Wish, size: int = PAGE) -> Iterator[Sequence[Row]]:
    """The rows of a table, by its key, with the columns wished for in their order."""
    source = _SOURCES[table](wish)
    statement = _narrowed(
        select(*(source.columns[name].label(name) for name in wish.columns), *_keys(source))
        .select_from(source.origin)
        .order_by(*source.key)
        .limit(size),
        source,
        wish,
    )
    width, last = len(wish.columns), None
    while True:
        asked = statement if last is None else statement.where(_behind(source, last))
        rows = conn.execute(asked).all()
        if not rows:
            return
        yield [_told(conn, source, wish, row[:width], row[width]) for row in rows]
        if len(rows) < size:
            return
        last = tuple(rows[-1][width:])


def _told(conn: Connection, source: _Source, wish: Wish, row: Row, key: int) -> Row:
    if not source.opened:
        return tuple(row)
    return tuple(
        source.opened[name](conn, key, value) if name in source.opened else value
        for name, value in zip(wish.columns, row, strict=True)
    )


def inbox_ids(conn: Connection) -> Mapping[str, int]:
    """Every inbox there ever was, by name."""
    return {row.name: row.id for row in conn.execute(select(_I.name, _I.id))}


def _keys(source: _Source) -> list[ColumnElement[Any]]:
    return [column.label(f"key_{at}") for at, column in enumerate(source.key)]


def _behind(source: _Source, last: tuple[Any, ...]) -> ColumnElement[bool]:
    return row_of(*source.key) > row_of(*map(literal, last))


def _narrowed(statement: Select[Any], source: _Source, wish: Wish) -> Select[Any]:
    if wish.since is not None:
        statement = statement.where(source.at >= wish.since)
    if wish.until is not None:
        statement = statement.where(source.at < wish.until)
    return statement


def _tickets(_wish: Wish) -> _Source:
    figure = tables.ticket_figure
    measured = (
        *("merged_at", "first_claimed_at", "first_answer_at", "first_answer_by"),
        *("resolution_due_at", "handling_seconds", "customer_turns", "answer_turns"),
        *("hand_overs", "reopened", "pings", "needless_pings", "mood_first", "mood_last"),
        *("stars", "bought_again_at", "bought_again_cents"),
    )
    own = (
        *("number", "marketplace", "kind", "stage", "risk", "topic", "language", "vip", "tags"),
        *("state", "customer_id", "order_value_cents", "currency", "policy", "opened_at"),
        *("updated_at", "waiting_since", "resolved_at"),
    )
    return _Source(
        origin=tables.ticket.join(tables.inbox, _T.inbox_id == _I.id).outerjoin(
            figure, _F.ticket_id == _T.id
        ),
        key=(_T.id,),
        at=_T.opened_at,
        columns={
            "ticket_id": _T.id,
            "inbox": _I.name,
            "connector": _I.connector,
            "owner": _T.assignee,
            "resolution_worked_seconds": _F.resolution_worked,
            **{name: _T[name] for name in own},
            **{name: _F[name] for name in measured},
        },
    )


def _messages(wish: Wish) -> _Source:
    may = _M.inbox_id.in_(sorted(wish.bodies_of))
    own = (
        *("ticket_id", "direction", "author", "agent", "verdict", "state", "sent_at", "seen_at"),
        *("respond_by", "reply_until", "public"),
    )
    return _Source(
        origin=tables.message.join(tables.inbox, _M.inbox_id == _I.id),
        key=(_M.id,),
        at=_M.sent_at,
        columns={
            "message_id": _M.id,
            "inbox": _I.name,
            "length": _M.body,
            "subject": case((may, _M.subject)),
            "body": case((may, _M.body)),
            **{name: _M[name] for name in own},
        },
        opened={"length": _length, "body": _body},
    )


def _body(conn: Connection, message_id: int, stored: str | None) -> str | None:
    if stored is None:
        return None
    return shown_text(conn, stored, place=f"message.body:{message_id}")


def _length(conn: Connection, message_id: int, stored: str) -> int:
    return len(shown_text(conn, stored, place=f"message.body:{message_id}"))


def _deadlines(_wish: Wish) -> _Source:
    own = (
        *("ticket_id", "metric", "scope", "instance", "started_at", "due_at", "target_seconds"),
        *("state", "stopped_at", "breached_at", "paused_at", "policy", "policy_version"),
        *("calendar", "calendar_version"),
    )
    return _Source(
        origin=tables.deadline.join(tables.ticket, _D.ticket_id == _T.id).join(
            tables.inbox, _T.inbox_id == _I.id
        ),
        key=(_D.id,),
        at=_D.started_at,
        columns={"deadline_id": _D.id, "inbox": _I.name, **{name: _D[name] for name in own}},
    )


def _events(_wish: Wish) -> _Source:
    told: dict[str, ColumnElement[Any]] = {
        name: _E.data[name].as_string() for name in ("to_agent", "from_agent", "step")
    }
    return _Source(
        origin=tables.ticket_event.outerjoin(
            tables.ticket.join(tables.inbox, _T.inbox_id == _I.id), _E.ticket_id == _T.id
        ),
        key=(_E.id,),
        at=_E.at,
        columns={
            "event_id": _E.id,
            "ticket_id": _E.ticket_id,
            "inbox": _I.name,
            "type": _E.type,
            "actor": _E.actor,
            "at": _E.at,
            "message_id": _E.data["message_id"].as_string(),
            **told,
        },
    )


def _waits(_wish: Wish) -> _Source:
    own = (
        *("ticket_id", "instance", "began_at", "seen_at", "claimed_at", "ended_at", "end"),
        *("answered_by", "worked_seconds", "limit_due_at", "limit_cause", "target_due_at"),
        "target_cause",
    )
    return _Source(
        origin=tables.wait_figure.join(tables.inbox, _W.inbox_id == _I.id),
        key=(_W.ticket_id, _W.instance),
        at=_W.began_at,
        columns={"inbox": _I.name, **{name: _W[name] for name in own}},
    )


_SOURCES: Final[Mapping[str, Callable[[Wish], _Source]]] = {
    "tickets": _tickets,
    "messages": _messages,
    "deadlines": _deadlines,
    "events": _events,
    "waits": _waits,
}
