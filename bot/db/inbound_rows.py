"""Raw items and the look-ups of one page, each for the whole page in one statement.

They are built once: to build one anew costs more than a page of a few mails.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    bindparam,
    case,
    exists,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.sealed import shown_text, try_bytes
from bot.db.ticket_rows import TICKET_COLUMNS, ticket_of
from bot.db.types import AnyRow, literally
from bot.db.unit import Tx
from bot.domain.ticket import Ticket, TicketState

UNREADABLE: Final = (
    b"Subject: Sealed\r\n\r\n"
    b"This item is kept sealed and does not open: its key is missing, or it was changed.\r\n"
)
"""Stands for a payload that does not open."""

_R = tables.raw_inbound.c
_K = tables.ticket_key.c
_M = tables.message.c
_P = tables.message_part.c
_T = tables.ticket.c
_I = tables.inbox.c
_C = tables.customer.c


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMessage:
    """A stored message that an item of the page names."""

    id: int
    ticket_id: int
    external_id: str
    outgoing: bool
    state: str
    agent: str | None
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCustomer:
    """A customer's row, as far as opening a ticket needs it."""

    id: int
    vip: bool
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """Raw items that are taken now. Those read `again` had been set aside before.

    `holds` says whether the inbox has items that are held back.
    """

    inbox_id: int
    waiting: frozenset[int]
    again: frozenset[int]
    holds: bool


def claim_raw(conn: Connection, inbox: str, verdicts: Mapping[int, str]) -> Claimed | None:
    """Mark raw items as done. None: none of them had still been waiting."""
    if not verdicts:
        return None
    alike: dict[str, list[int]] = defaultdict(list)
    for raw_id, verdict in verdicts.items():
        alike[verdict].append(raw_id)
    given: dict[str, Any] = {"inbox": inbox, "raw_ids": list(verdicts)}
    for place, (verdict, raw_ids) in enumerate(alike.items()):
        given |= {f"verdict_{place}": verdict, f"alike_{place}": raw_ids}
    rows = conn.execute(_claiming(len(alike)), given).all()
    if not rows:
        return None
    return Claimed(
        inbox_id=rows[0].inbox_id,
        waiting=frozenset(row.id for row in rows),
        again=frozenset(row.id for row in rows if row.detail is not None),
        holds=rows[0].holds,
    )


@cache
def _claiming(kinds: int) -> ReturningUpdate[Any]:
    inbox_id = select(_I.id).where(_I.name == bindparam("inbox")).scalar_subquery()
    held = tables.raw_inbound.alias("held").c
    holds = exists().where(held.inbox_id == inbox_id, literally(held.state, "held"))
    verdicts = (
        (
            _R.id.in_(_several(f"alike_{place}")),
            bindparam(f"verdict_{place}", type_=_R.verdict.type),
        )
        for place in range(kinds)
    )
    return (
        update(tables.raw_inbound)
        .where(
            _R.id.in_(_several("raw_ids")),
            literally(_R.state, "stored"),
            _R.inbox_id == inbox_id,
        )
        .values(state="done", verdict=case(*verdicts))
        .returning(_R.id, _R.inbox_id, _R.detail, holds.label("holds"))
    )


def set_aside(conn: Connection, items: Sequence[tuple[int, str, str]]) -> None:
    """Say of some raw items (id, state, detail) why no message became of them, or which one."""
    if not items:
        return
    conn.execute(
        update(tables.raw_inbound)
        .where(_R.id == bindparam("raw_id"))
        .values(state=bindparam("new_state"), detail=bindparam("new_detail")),
        [{"raw_id": id_, "new_state": state, "new_detail": why} for id_, state, why in items],
    )


def known_messages(
    conn: Connection, inbox_id: int, external_ids: Collection[str]
) -> dict[str, KnownMessage]:
    """Stored messages by external id, ours and theirs; ours also by each piece they went out in."""
    if not external_ids:
        return {}
    given = {"inbox": inbox_id, "names": list(external_ids)}
    rows = conn.execute(_called(), given)
    return {
        row.external_id: KnownMessage(
            id=row.id,
            ticket_id=row.ticket_id,
            external_id=row.external_id,
            outgoing=row.direction == "out",
            state=row.state,
            agent=row.agent,
            body=shown_text(conn, row.body, place=f"message.body:{row.id}"),
        )
        for row in rows
    }


@cache
def _called() -> CompoundSelect[Any]:
    rest = (_M.direction, _M.state, _M.agent, _M.body)
    inbox: BindParameter[int] = bindparam("inbox")
    names = _several("names")
    whole = select(_M.id, _M.ticket_id, _M.external_id, *rest).where(
        _M.inbox_id == inbox, _M.external_id.in_(names)
    )
    pieces = (
        select(_M.id, _M.ticket_id, _P.external_id, *rest)
        .join_from(tables.message_part, tables.message, _P.message_id == _M.id)
        .where(_P.inbox_id == inbox, _P.external_id.in_(names))
    )
    return union_all(pieces, whole)


def known_threads(
    conn: Connection, inbox_id: int, keys: Collection[str]
) -> tuple[dict[str, int], dict[int, Ticket]]:
    """Where thread keys lead: ticket ids by key, and those tickets, locked."""
    if not keys:
        return {}, {}
    rows = conn.execute(_led_to(), {"inbox": inbox_id, "names": list(keys)}).all()
    return {row.key: row.id for row in rows}, {row.id: ticket_of(row) for row in rows}


@cache
def _led_to() -> Select[Any]:
    return (
        select(_K.key, *TICKET_COLUMNS)
        .select_from(tables.ticket_key)
        .join(tables.ticket, _K.ticket_id == _T.id)
        .join(tables.inbox, _T.inbox_id == _I.id)
        .where(_K.inbox_id == bindparam("inbox"), _K.key.in_(_several("names")))
        .order_by(_T.id)
        .with_for_update(of=tables.ticket)
    )


def open_tickets_of(conn: Connection, customer_ids: Collection[int]) -> list[int]:
    """Tickets in which one of these customers awaits an answer."""
    if not customer_ids:
        return []
    return list(
        conn.scalars(
            select(_T.id).where(
                _T.customer_id.in_(customer_ids), literally(_T.state, TicketState.OPEN)
            )
        )
    )


def upsert_customers(tx: Tx, inbox_id: int, names: Mapping[str, str]) -> dict[str, KnownCustomer]:
    """Rows of customers by handle; a name that is given replaces an older one."""
    if not names:
        return {}
    rows = tx.conn.execute(
        _named_anew(tx.conn.dialect.name),
        [
            {"id": tx.new_id(), "inbox_id": inbox_id, "handle": handle, "display_name": name}
            for handle, name in sorted(names.items())
        ],
    )
    return {
        row.handle: KnownCustomer(id=row.id, vip=row.vip, tags=frozenset(row.tags or ()))
        for row in rows
    }


@cache
def _named_anew(dialect: str) -> ReturningInsert[Any]:
    statement = upsert(dialect, tables.customer)
    given = func.nullif(statement.excluded.display_name, "")
    return statement.on_conflict_do_update(
        index_elements=["inbox_id", "handle"],
        set_={"display_name": func.coalesce(given, _C.display_name)},
    ).returning(_C.id, _C.handle, _C.vip, _C.tags)


def next_numbers(conn: Connection, count: int) -> range:
    """So many ticket numbers, never given out before and never again."""
    statement = upsert(conn.dialect.name, tables.counter).values(name="ticket", value=count)
    last: int = conn.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": tables.counter.c.value + count}
        ).returning(tables.counter.c.value)
    ).scalar_one()
    return range(last - count + 1, last + 1)


def set_message_states(conn: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write `state`, `error` and `sent_at` of some messages of ours, in one statement."""
    if not changes:
        return
    conn.execute(
        update(tables.message)
        .where(_M.id == bindparam("message_id"))
        .values(
            state=bindparam("new_state"),
            error=bindparam("new_error"),
            sent_at=func.coalesce(bindparam("new_sent_at", type_=_M.sent_at.type), _M.sent_at),
        ),
        [
            {
                "message_id": message_id,
                "new_state": change["state"],
                "new_error": change.get("error"),
                "new_sent_at": change.get("sent_at"),
            }
            for message_id, change in changes.items()
        ],
    )


def waiting_raw(
    conn: Connection, inbox: str, limit: int
) -> list[tuple[int, str, datetime, bytes, int]]:
    """Raw items nobody understood yet, oldest first. One that does not open says so in its place."""
    rows = conn.execute(_waiting(), {"inbox": inbox, "most": limit})
    return [
        (row.id, row.source_id, row.received_at, opened_payload(conn, row), row.attempts)
        for row in rows
    ]


@cache
def _waiting() -> Select[Any]:
    return (
        select(_R.id, _R.source_id, _R.received_at, _R.payload, _R.attempts)
        .join_from(tables.raw_inbound, tables.inbox)
        .where(_I.name == bindparam("inbox"), literally(_R.state, "stored"))
        .order_by(_R.id)
        .limit(bindparam("most", type_=Integer))
    )


def opened_payload(conn: Connection, row: AnyRow) -> bytes:
    """The payload of a raw item as it came.

    One that no key opens is handed on as a mail that says so, or as what no reader understands:
    either way people hear of it, and the items after it are read.
    """
    found = try_bytes(conn, row.payload, place=payload_place(row.id))
    return UNREADABLE if found is None else found


def _several(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


def payload_place(raw_id: int) -> str:
    """Where the payload of a raw item is sealed for."""
    return f"raw_inbound.payload:{raw_id}"
