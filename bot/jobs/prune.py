"""Forgetting what only served to do things once: old Slack event ids, payloads of sent effects."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, Text, cast, delete, select, update

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database, Tx

EVENTS_KEPT = timedelta(hours=48)
"""Slack may deliver an event again for 24 hours after the first try ("Delayed Events")."""

PAYLOADS_KEPT = timedelta(days=30)
BATCH = 500
"""Rows in one transaction: interactive work waits for no more than that."""

_SETTLED = ("sent", "superseded", "dead")


class Pruner:
    """Prunes in small transactions. Outbox rows themselves stay: their dedupe keys are promises."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def prune(self) -> int:
        """Forget all that is old; how many rows that touched."""
        return await self._all(_forget_events) + await self._all(_empty_payloads)

    async def _all(self, step: Callable[[Tx], int]) -> int:
        touched = 0
        while True:
            now = self._clock.now()
            count = await self._db.write(step, now=now)
            touched += count
            if count < BATCH:
                return touched


def _forget_events(tx: Tx) -> int:
    seen = tables.slack_event.c
    ids = _some(tx.conn, tables.slack_event, seen.event_id, seen.seen_at < tx.now - EVENTS_KEPT)
    if ids:
        tx.conn.execute(delete(tables.slack_event).where(seen.event_id.in_(ids)))
    return len(ids)


def _empty_payloads(tx: Tx) -> int:
    box = tables.outbox.c
    old = (
        box.state.in_(_SETTLED)
        & (box.settled_at < tx.now - PAYLOADS_KEPT)
        & (cast(box.payload, Text) != "{}")
    )
    ids = _some(tx.conn, tables.outbox, box.id, old)
    if ids:
        tx.conn.execute(update(tables.outbox).where(box.id.in_(ids)).values(payload={}))
    return len(ids)


def _some(
    conn: Connection, table: Table, key: ColumnElement[Any], old: ColumnElement[bool]
) -> list[Any]:
    return list(conn.scalars(select(key).select_from(table).where(old).limit(BATCH)))
