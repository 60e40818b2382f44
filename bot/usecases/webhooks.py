"""A platform's call, proven and understood: what it brought is kept, and its inbox is woken."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.unit import Tx
from bot.domain.inbound import bounded
from bot.usecases.raw_items import store_items
from connectors.capabilities import WebhookOutcome

DELIVERIES_KEPT = timedelta(days=7)
"""How long a repeated call is known again. Platforms try for hours, some for a day or two."""

WAKES = "inbox:"
"""Begins the wake-up of an inbox in this process: `inbox:amazon-it`."""

_I = tables.inbox.c
_W = tables.webhook_delivery.c


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTaken:
    """What a call did: how many of its items are new, or that it had come before."""

    stored: int = 0
    repeated: bool = False


def take_call(tx: Tx, inbox: str, call: WebhookOutcome) -> CallTaken:
    """Keep what a proven call brought. Raises LookupError for an inbox without a row."""
    inbox_id = tx.conn.scalar(select(_I.id).where(_I.name == inbox).with_for_update())
    if inbox_id is None:
        raise LookupError(f"inbox {inbox} has no row; sync_inboxes comes first")
    if call.delivery_id is not None and not _is_new(tx, inbox_id, call.delivery_id):
        return CallTaken(repeated=True)
    stored = store_items(tx, inbox_id, call.items)
    if stored or call.poll:
        tx.conn.execute(update(tables.inbox).where(_I.id == inbox_id).values(woken_at=tx.now))
        tx.wakes.add(f"{WAKES}{inbox}")
    return CallTaken(stored=stored)


def _is_new(tx: Tx, inbox_id: int, delivery_id: str) -> bool:
    row = {
        "id": tx.new_id(),
        "inbox_id": inbox_id,
        "delivery_id": bounded(delivery_id),
        "seen_at": tx.now,
    }
    inserted = tx.conn.execute(
        insert_ignore(tx.conn, tables.webhook_delivery).returning(_W.id), [row]
    )
    return bool(inserted.all())


def woken_inboxes(conn: Connection) -> frozenset[str]:
    """Inboxes that a call woke, maybe in another process, and that nobody looked into since."""
    return frozenset(conn.scalars(select(_I.name).where(_I.woken_at.is_not(None))))


def forget_deliveries(tx: Tx, *, limit: int) -> int:
    """Forget calls no platform repeats any more; how many."""
    old = select(_W.id).where(_W.seen_at < tx.now - DELIVERIES_KEPT).limit(limit)
    ids = list(tx.conn.scalars(old))
    if ids:
        tx.conn.execute(delete(tables.webhook_delivery).where(_W.id.in_(ids)))
    return len(ids)
