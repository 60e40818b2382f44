"""Keep what a source gave exactly as it came, before anybody tries to understand it."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from bot.db import tables
from bot.db.inbound_rows import payload_place, waiting_raw
from bot.db.inserts import insert_ignore
from bot.db.sealed import seal_bytes
from bot.db.types import literally
from bot.db.unit import Tx
from bot.domain.inbound import bounded
from bot.usecases.health import keep_readings
from bot.usecases.inboxes import note_ok
from connectors.contract import Page, RawItem

_R = tables.raw_inbound.c


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    """A raw item that waits to be understood. `attempts` counts readings that were begun."""

    raw_id: int
    item: RawItem
    attempts: int


def store_page(tx: Tx, inbox: str, page: Page) -> int:
    """Store a page's items and its cursor together; returns how many items are new.

    Nothing is parsed here: an item that no parser survives is safe already. Raises LookupError
    for an inbox without a row.
    """
    inbox_id = tx.conn.scalar(
        select(tables.inbox.c.id).where(tables.inbox.c.name == inbox).with_for_update()
    )
    if inbox_id is None:
        raise LookupError(f"inbox {inbox} has no row; sync_inboxes comes first")
    new = store_items(tx, inbox_id, page.items)
    if page.readings:
        keep_readings(tx, inbox_id, page.readings)
    tx.conn.execute(
        update(tables.inbox)
        .where(tables.inbox.c.id == inbox_id)
        .values(cursor=dict(page.cursor.state))
    )
    note_ok(tx, inbox)
    return new


def store_items(tx: Tx, inbox_id: int, items: Sequence[RawItem]) -> int:
    """Store items of an inbox, each once by its source id; returns how many are new."""
    rows = [
        {
            "id": raw_id,
            "inbox_id": inbox_id,
            "source_id": bounded(item.source_id),
            "sha256": hashlib.sha256(item.payload).hexdigest(),
            "payload": seal_bytes(tx.conn, item.payload, place=payload_place(raw_id)),
            "received_at": item.received_at,
            "state": "stored",
        }
        for raw_id, item in ((tx.new_id(), each) for each in items)
    ]
    if not rows:
        return 0
    stored = tx.conn.execute(insert_ignore(tx.conn, tables.raw_inbound).returning(_R.id), rows)
    return len(stored.all())


def stored_items(conn: Connection, inbox: str, limit: int = 50) -> list[StoredItem]:
    """Items that wait to be understood, oldest first; also those a crash left behind."""
    return [
        StoredItem(
            raw_id=raw_id,
            item=RawItem(source_id=source_id, received_at=received_at, payload=payload),
            attempts=attempts,
        )
        for raw_id, source_id, received_at, payload, attempts in waiting_raw(conn, inbox, limit)
    ]


def begin_reading(tx: Tx, raw_ids: Collection[int]) -> None:
    """Count a try before the parser touches the items: one that kills the process is found out."""
    if raw_ids:
        tx.conn.execute(
            update(tables.raw_inbound)
            .where(_R.id.in_(raw_ids), literally(_R.state, "stored"))
            .values(attempts=_R.attempts + 1)
        )


def pardon_reading(tx: Tx, raw_ids: Collection[int]) -> None:
    """Take back a counted try that ended without the items' fault."""
    tx.conn.execute(
        update(tables.raw_inbound)
        .where(_R.id.in_(raw_ids), literally(_R.state, "stored"), _R.attempts > 0)
        .values(attempts=_R.attempts - 1)
    )
