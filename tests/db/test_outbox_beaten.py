"""Workers of one database that meet: one is faster than the other, or slow to get its lease."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from sqlalchemy import select

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database, Tx
from bot.outbox import store
from bot.outbox.lanes import NoLimits
from tests.databases import open_engine
from tests.db.outbox_world import Outside, dispatcher, effect, emit


class Beaten(Database):
    """Somebody else leases `first` right before this one takes what it chose."""

    first: str | None = None

    async def write(self, fn, *, now, urgent=False):
        if urgent and (key := self.first) is not None:
            self.first = None
            await super().write(lambda tx: self._lease(tx, key), now=now)
        return await super().write(fn, now=now, urgent=urgent)

    @staticmethod
    def _lease(tx: Tx, key: str) -> None:
        box = tables.outbox.c
        [row] = tx.conn.scalars(select(box.id).where(box.dedupe_key == key))
        assert store.lease(tx.conn, [row], now=tx.now, until=tx.now + timedelta(minutes=1))


class OneByOne(NoLimits):
    def in_flight(self, lane_group):
        return 1


async def test_a_worker_that_was_beaten_takes_what_is_left_at_once(sqlite_url):
    db, clock, outside = Beaten(open_engine(sqlite_url)), Clock(), Outside()
    await emit(db, clock, effect("one", lane="ticket:1"), effect("two", lane="ticket:2"))
    sender = dispatcher(db, outside, clock, OneByOne(), idle_seconds=60.0)
    db.first = "one"
    sending = asyncio.create_task(sender.run())
    try:
        async with asyncio.timeout(20):
            await outside.holds(1)
    finally:
        sending.cancel()
        with suppress(asyncio.CancelledError):
            await sending
        await db.close()
    assert outside.sends == ["two"]


class Waiting(Database):
    """Each lease is written late, as where others hold what it needs."""

    async def write(self, fn, *, now, urgent=False):
        await asyncio.sleep(0.4 if urgent else 0.0)
        return await super().write(fn, now=now, urgent=urgent)


async def test_invariant_4_nobody_is_called_under_a_lease_that_was_too_long_in_coming(sqlite_url):
    db, clock, outside = Waiting(open_engine(sqlite_url)), Clock(), Outside()
    await emit(db, clock, effect("one"))
    sender = dispatcher(db, outside, clock, send_seconds=0.2, lease_seconds=0.3)
    assert await sender._step() == 1
    await asyncio.wait(sender._tasks.values())
    await db.close()
    # Another worker may look it up already: it is left to whoever does.
    assert outside.arrived == []
