"""The outbox table itself: claims that two workers cannot share, and queries that stay quick."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import post_message, post_ping, post_root
from bot.outbox import store
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Throttled
from bot.outbox.store import Held
from tests.db.outbox_world import (
    KINDS,
    START,
    HandClock,
    Outside,
    column,
    dispatcher,
    effect,
    emit,
    states,
)


async def lease(db: Database, clock: HandClock, ids: list[int]):
    now = clock.now()
    return await db.write(
        lambda tx: store.lease(tx.conn, ids, now=now, until=now + timedelta(seconds=60)), now=now
    )


async def heads(db: Database, clock: HandClock) -> list[int]:
    now = clock.now()
    found = await db.read(
        lambda conn: store.heads(conn, now=now, kinds=KINDS, held=Held(), limit=50)
    )
    return [head.id for head in found]


@pytest.mark.postgres
async def test_a_row_is_leased_once(db: Database):
    clock = HandClock()
    await emit(db, clock, effect("log:1"))
    ids = await heads(db, clock)
    (first,) = await lease(db, clock, ids)
    assert (first.fence, first.attempts, first.doubts) == (1, 1, 1)
    assert await lease(db, clock, ids) == []
    assert await heads(db, clock) == []


@pytest.mark.postgres
async def test_a_settlement_with_an_old_fence_writes_nothing(db: Database):
    clock = HandClock()
    await emit(db, clock, effect("log:1"))
    (first,) = await lease(db, clock, await heads(db, clock))
    clock.move(61)
    now = clock.now()
    (second,) = await db.write(
        lambda tx: store.lease_doubtful(
            tx.conn, [first.id], now=now, until=now + timedelta(seconds=60)
        ),
        now=now,
    )
    assert (second.fence, second.attempts) == (2, 1)
    dead = {"state": "dead"}
    assert not await db.write(lambda tx: store.settle(tx.conn, first, dead), now=now)
    assert (await states(db))["log:1"] == "sending"
    assert await db.write(lambda tx: store.settle(tx.conn, second, dead), now=now)


@pytest.mark.postgres
async def test_two_workers_share_the_work_and_no_effect(db: Database):
    clock, outside = Clock(start=START), Outside()
    every = [
        effect(f"log:{lane}:{n}", lane=f"ticket:{lane}", lane_group=f"slack:C{lane % 3}")
        for n in range(5)
        for lane in range(12)
    ]

    def emit_all(tx):
        for each in every:
            tx.emit(each)

    await db.write(emit_all, now=clock.now())
    workers = [Dispatcher(db, dict.fromkeys(KINDS, outside), clock) for _ in range(2)]
    await asyncio.gather(*(worker.drain(timeout=30) for worker in workers))
    assert sorted(outside.arrived) == sorted(each.dedupe_key for each in every)
    for lane in range(12):
        of_lane = [key for key in outside.arrived if key.startswith(f"log:{lane}:")]
        assert of_lane == [f"log:{lane}:{n}" for n in range(5)]


async def test_choosing_reads_open_rows_through_their_indexes(db: Database):
    asked = store._heads(urgent=False, lanes=False, streams=False)
    query = asked.params(now=START, kinds=KINDS, most=50)
    statement = str(query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    plan = await db.read(
        lambda conn: " / ".join(
            row[3] for row in conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")
        )
    )
    assert "ix_outbox_ready" in plan
    assert "ix_outbox_open (lane=?)" in plan


async def test_choosing_stays_quick_when_thousands_wait(db: Database):
    def fill(tx):
        for n in range(3_000):
            channel = f"C{n % 10}"
            tx.emit(post_root(n, channel=channel))
            tx.emit(post_message(n, n, channel=channel))
            if n % 10 == 0:
                tx.emit(post_ping(n, [n], channel=channel, at=START, breach=True))

    clock = HandClock()
    await db.write(fill, now=START)
    begun = time.process_time()
    for _ in range(5):
        assert len(await heads(db, clock)) == 50
    assert (time.process_time() - begun) / 5 < 0.25


class Locked(Database):
    """A database that cannot be written while `locked`."""

    def __init__(self, real: Database) -> None:
        super().__init__(real.engine)
        self._gate = real._gate
        self.locked = False

    @override
    async def write(self, fn, *, now, urgent=False):
        if self.locked:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return await super().write(fn, now=now, urgent=urgent)


async def test_while_nothing_can_be_written_nothing_is_sent_and_afterwards_all_of_it(
    sqlite_db: Database,
):
    clock, outside, db = Clock(start=START), Outside(), Locked(sqlite_db)
    sender = dispatcher(db, outside, clock)
    loop = asyncio.create_task(sender.run())
    await asyncio.sleep(0.05)
    db.locked = True
    await emit(sqlite_db, clock, effect("ping:1"))
    await asyncio.sleep(1.2)
    assert outside.calls == []
    db.locked = False
    async with asyncio.timeout(30):
        while await states(sqlite_db) != {"ping:1": "sent"}:  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.02)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert len(outside.calls) == 1


async def test_what_was_sent_while_nothing_could_be_written_is_not_sent_again(sqlite_db: Database):
    clock, db = HandClock(), Locked(sqlite_db)

    class Locking(Outside):
        @override
        async def send(self, row):
            db.locked = True
            return await super().send(row)

    outside = Locking()
    await emit(sqlite_db, clock, effect("ping:1"))
    await dispatcher(db, outside, clock).drain(timeout=30)
    assert (await states(sqlite_db))["ping:1"] == "sending"
    db.locked = False
    clock.move(61)
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["ping:1"]
    assert await column(sqlite_db, "ping:1", "state") == "sent"


class Slow(Locked):
    """A database whose next lease waits, once it is told to be `slow`, until that is `over`."""

    def __init__(self, real: Database) -> None:
        super().__init__(real)
        self.slow = False
        self.waits, self.over = asyncio.Event(), asyncio.Event()

    @override
    async def write(self, fn, *, now, urgent=False):
        if self.slow and urgent:
            self.slow = False
            self.waits.set()
            await self.over.wait()
        return await super().write(fn, now=now, urgent=urgent)


class Refusing(Outside):
    """Another side that says to wait, once it is `released`."""

    @override
    async def _answer(self, row):
        if row.dedupe_key == "c1:0":
            await self.released.wait()
        return await super()._answer(row)


async def ended(db: Database, key: str) -> bool:
    """Whether an effect was leased, and that lease is over."""
    leased = await column(db, key, "fence") != 0
    return leased and await column(db, key, "state") != "sending"


async def test_what_waited_for_the_database_heeds_a_throttle_that_came_meanwhile(
    sqlite_db: Database,
):
    clock, outside, db = HandClock(), Refusing(), Slow(sqlite_db)
    outside.will("c1:0", Throttled(30.0))
    sender = dispatcher(db, outside, clock)
    loop = asyncio.create_task(sender.run())
    async with asyncio.timeout(60):
        await emit(db, clock, effect("c1:0", lane="a"))
        await outside.asked.wait()
        db.slow = True
        await emit(db, clock, effect("c1:1", lane="b"))
        await db.waits.wait()
        outside.released.set()
        while not sender.throttles:  # noqa: ASYNC110 - a shut gate tells nobody
            await asyncio.sleep(0)
        db.over.set()
        while not await ended(db, "c1:1"):  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.01)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)

    assert outside.sends == ["c1:0"]
    assert await column(db, "c1:1", "attempts") == 0
    clock.move(30)
    await sender.drain()
    assert sorted(outside.arrived) == ["c1:0", "c1:1"]


@pytest.mark.postgres
@pytest.mark.parametrize("moved", [timedelta(hours=-1), timedelta(hours=1)])
async def test_a_clock_that_is_set_moves_what_waits_and_nothing_else(db: Database, moved):
    clock = HandClock()
    seen = clock.now()
    undo = timedelta(seconds=10)
    await emit(db, clock, effect("reply:before", not_before=seen + undo), effect("log:ready"))
    new = seen + moved
    later = effect("reply:after", not_before=new + undo)
    await db.write(lambda tx: tx.emit(later), now=new)

    await db.write(lambda tx: store.follow_clock(tx.conn, seen=seen, moved=moved), now=new)

    assert await column(db, "reply:before", "not_before") == new + undo
    assert await column(db, "reply:after", "not_before") == new + undo
    # What was due stays due: an hour's step back would have it wait for that hour.
    assert await column(db, "log:ready", "not_before") == min(seen, new)


async def test_what_the_new_clock_timed_is_not_moved_by_its_step_again(db: Database):
    clock, moved = HandClock(), timedelta(hours=1)
    seen = clock.now()
    again, until = seen + moved + timedelta(seconds=30), seen + moved + timedelta(seconds=60)
    await emit(db, clock, effect("reply:1", not_before=again), effect("reply:2"))
    leased = update(tables.outbox).where(tables.outbox.c.dedupe_key == "reply:2")
    await db.write(
        lambda tx: tx.conn.execute(leased.values(state="sending", lease_until=until)), now=seen
    )

    await db.write(lambda tx: store.follow_clock(tx.conn, seen=seen, moved=moved), now=seen + moved)

    assert await column(db, "reply:1", "not_before") == again
    assert await column(db, "reply:2", "lease_until") == until


async def test_a_lease_that_was_over_is_over_though_the_clock_was_set_back(db: Database):
    clock = HandClock()
    await emit(db, clock, effect("reply:1"))
    await db.write(
        lambda tx: tx.conn.execute(
            update(tables.outbox).values(state="sending", lease_until=clock.now())
        ),
        now=clock.now(),
    )
    clock.move(600)
    seen, moved = clock.now(), timedelta(hours=-1)

    await db.write(lambda tx: store.follow_clock(tx.conn, seen=seen, moved=moved), now=seen + moved)

    assert await column(db, "reply:1", "lease_until") == seen + moved
