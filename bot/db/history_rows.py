"""The history and the chain over it, in the order in which it was sealed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, exists, func, insert, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.sealed import open_data
from bot.db.types import AnyRow
from bot.domain.chain import Event, Link

_E = tables.ticket_event.c
_L = tables.history_link.c
_COUNTER = tables.counter.c

CHAIN = "history_link"
"""The counter that says where the chain ends; whoever moves it may append."""

BATCH = 2_000
"""Rows read at a time, so that a long history needs little memory."""


def chain_length(conn: Connection) -> int:
    """The number of the last link; 0 before the first."""
    return conn.scalar(select(_COUNTER.value).where(_COUNTER.name == CHAIN)) or 0


def take_the_end(conn: Connection, length: int, more: int) -> bool:
    """Move the end of the chain on by `more`, unless somebody else did since it was `length`."""
    if length == 0:
        conn.execute(insert_ignore(conn, tables.counter).values(name=CHAIN, value=0))
    moved = conn.execute(
        update(tables.counter)
        .where(_COUNTER.name == CHAIN, _COUNTER.value == length)
        .values(value=length + more)
    )
    return moved.rowcount == 1


def link_at(conn: Connection, seq: int) -> Link | None:
    """One link."""
    row = conn.execute(select(tables.history_link).where(_L.seq == seq)).one_or_none()
    return None if row is None else _link(row)


def newest_linked(conn: Connection) -> int:
    """The largest id of an event in the chain; 0 before the first."""
    return conn.scalar(select(func.max(_L.event_id))) or 0


def unlinked(conn: Connection, *, from_id: int, limit: int) -> Sequence[Event]:
    """The oldest events from an id on that no link knows."""
    rows = conn.execute(
        select(tables.ticket_event)
        .where(_E.id >= from_id, ~exists().where(_L.event_id == _E.id))
        .order_by(_E.id)
        .limit(limit)
    )
    return [event_of(conn, row) for row in rows]


def unlinked_before(conn: Connection, before_id: int, *, limit: int) -> Sequence[int]:
    """Ids of events below an id that no link knows: at most `limit`."""
    return list(
        conn.scalars(
            select(_E.id)
            .where(_E.id < before_id, ~exists().where(_L.event_id == _E.id))
            .order_by(_E.id)
            .limit(limit)
        )
    )


def append_links(conn: Connection, links: Sequence[Link], now: datetime) -> None:
    """Write new links."""
    rows = [
        {
            "seq": link.seq,
            "event_id": link.event_id,
            "key_id": link.key_id,
            "fingerprint": link.fingerprint,
            "seal": link.seal,
            "linked_at": now,
        }
        for link in links
    ]
    if rows:
        conn.execute(insert(tables.history_link), rows)


def mark_erased(conn: Connection, event_ids: Sequence[int], now: datetime) -> int:
    """Note that personal words are being taken out of these events; how many links that was.

    To be written in the transaction that takes them out. The seals stay as they are.
    """
    return conn.execute(
        update(tables.history_link)
        .where(_L.event_id.in_(event_ids), _L.erased_at.is_(None))
        .values(erased_at=now)
    ).rowcount


def the_chain(conn: Connection) -> Iterator[tuple[Link, Event | None]]:
    """Every link from the first on, with its event or None where that is gone."""
    after = 0
    while True:
        rows = conn.execute(
            select(tables.history_link, tables.ticket_event)
            .join_from(tables.history_link, tables.ticket_event, _E.id == _L.event_id, isouter=True)
            .where(_L.seq > after)
            .order_by(_L.seq)
            .limit(BATCH)
        ).all()
        for row in rows:
            yield _link(row), None if row.id is None else event_of(conn, row)
        if len(rows) < BATCH:
            return
        after = rows[-1].seq


def event_of(conn: Connection, row: AnyRow) -> Event:
    """The event in a row."""
    return Event(
        id=row.id,
        ticket_id=row.ticket_id,
        type=row.type,
        actor=row.actor,
        at=row.at,
        data=None if row.data is None else open_data(conn, row.id, row.data),
    )


def _link(row: AnyRow) -> Link:
    return Link(
        seq=row.seq,
        event_id=row.event_id,
        key_id=row.key_id,
        fingerprint=bytes(row.fingerprint),
        seal=bytes(row.seal),
        erased=row.erased_at is not None,
    )
