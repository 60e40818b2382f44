from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.db import tables
from bot.db.unit import Database
from bot.jobs.prune import BATCH, EVENTS_KEPT, PAYLOADS_KEPT, Pruner
from tests.db.outbox_world import HandClock, Outside, column, dispatcher, effect, emit

pytestmark = pytest.mark.postgres


async def remember(db: Database, count: int, at: datetime, prefix: str) -> None:
    rows = [{"event_id": f"{prefix}{n}", "seen_at": at} for n in range(count)]
    await db.write(lambda tx: tx.conn.execute(insert(tables.slack_event), rows), now=at)


async def test_old_slack_events_are_forgotten_and_recent_ones_kept(db: Database):
    clock = HandClock()
    old = clock.now() - EVENTS_KEPT - timedelta(minutes=1)
    await remember(db, BATCH + 7, old, "old")
    await remember(db, 3, clock.now() - timedelta(hours=47), "new")
    assert await Pruner(db, clock).prune() == BATCH + 7
    left = await db.read(lambda conn: conn.scalars(select(tables.slack_event.c.event_id)).all())
    assert sorted(left) == ["new0", "new1", "new2"]


async def test_a_sent_effect_keeps_its_row_and_result_but_not_its_payload(db: Database):
    clock, outside = HandClock(), Outside()
    await emit(db, clock, effect("log:1"))
    await dispatcher(db, outside, clock).drain()
    await emit(db, clock, effect("log:2", not_before=clock.now() + timedelta(days=90)))
    clock.move(PAYLOADS_KEPT.total_seconds() + 60)
    assert await Pruner(db, clock).prune() == 1
    assert await Pruner(db, clock).prune() == 0
    assert await column(db, "log:1", "payload") == {}
    assert await column(db, "log:1", "result") == {"at": 1}
    assert await column(db, "log:2", "payload") == {"ticket_id": 1}

    await emit(db, clock, effect("log:1"))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["log:1"]
