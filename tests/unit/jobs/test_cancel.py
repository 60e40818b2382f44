"""A poller told to end, at any moment: it ends, and whoever writes next is not kept waiting."""

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from typing_extensions import override

from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.pacing import Cadence
from bot.jobs.poll import InboxPoller
from bot.runtime.supervise import Supervisor
from tests.builders import AMAZON, NOW, hours, prepare
from tests.unit.jobs.sources import Source

COUNTER = tables.counter


@pytest.fixture
async def db(sqlite_url: str, desk: Desk) -> AsyncIterator[Database]:
    """Opened as the desk does it, with a thread of its own: a lock may be waited for."""
    opened = Database(create_engine(sqlite_url))
    await prepare(opened, desk)
    yield opened
    await opened.close()


def a_poller(db: Database, desk: Desk, source: Source) -> InboxPoller:
    return InboxPoller(
        db=db,
        desk=lambda: desk,
        clock=Clock(start=NOW + hours(7)),
        inbox=AMAZON,
        connector=source,
        owner="me",
        cadence=Cadence(usual=0.0),
    )


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=4)
    assert done, "it lives on"
    assert task.cancelled()


@pytest.mark.parametrize("rounds", [40, pytest.param(600, marks=pytest.mark.slow)])
async def test_a_poller_cancelled_at_any_moment_ends_and_leaves_nothing_locked(
    db: Database, desk: Desk, rounds: int
):
    dice, source = random.Random(rounds), Source()
    for number in range(rounds):
        source.holds([f"text {number}"])
        poller = a_poller(db, desk, source)
        task = asyncio.create_task(poller.run())
        poller.wake()
        await asyncio.sleep(dice.random() ** 2 * 0.06)
        await ended(task)
        async with asyncio.timeout(2):
            await db.write(lambda tx: tx.new_id(), now=NOW)
    await a_poller(db, desk, source).poll()
    raw = await db.read(lambda conn: conn.execute(tables.raw_inbound.select()).all())
    assert len(raw) == rounds
    # Twice interrupted over one item, it sets it aside, as a ticket that says so.
    assert {row.state for row in raw} <= {"done", "quarantined"}
    assert sum(row.state == "done" for row in raw) > rounds * 0.8


async def test_a_lease_that_cannot_be_given_back_does_not_keep_a_cancelled_poller_alive(
    db: Database, desk: Desk
):
    class Stuck(Source):
        @override
        async def fetch(self, cursor):
            blocked.set()
            await asyncio.Event().wait()
            yield

    blocked = asyncio.Event()
    task = asyncio.create_task(a_poller(db, desk, Stuck()).run())
    await blocked.wait()
    # Nothing can be written any more, the lease's end included.
    await db.write(lambda tx: tx.conn.exec_driver_sql("PRAGMA query_only=1"), now=NOW)
    await ended(task)


async def test_a_cancelled_write_is_whole_and_the_next_one_waits_for_nothing(db: Database):
    await db.write(lambda tx: tx.conn.execute(COUNTER.insert().values(name="n", value=0)), now=NOW)

    def add(tx):
        tx.conn.execute(COUNTER.update().values(value=COUNTER.c.value + 1))
        return tx.conn.execute(COUNTER.select()).one().value

    dice, answered, value = random.Random(3), 0, 0
    for _ in range(60):
        task = asyncio.create_task(db.write(add, now=NOW))
        await asyncio.sleep(dice.random() * 0.004)
        task.cancel()
        # Its traceback is remembered, as somebody's always is: it must not remember a lock.
        remembered = (await asyncio.gather(task, return_exceptions=True))[0]
        answered += isinstance(remembered, int)
        async with asyncio.timeout(2):
            value = await db.write(add, now=NOW)
        answered += 1
    assert answered <= value <= 120


async def test_a_loop_that_swallowed_its_end_and_broke_is_not_started_again():
    begun = asyncio.Event()
    lives = 0

    async def stubborn() -> None:
        nonlocal lives
        lives += 1
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise RuntimeError from None

    supervisor, stop = Supervisor(Clock()), asyncio.Event()
    supervisor.add("stubborn", stubborn)
    running = asyncio.create_task(supervisor.run(stop, grace_seconds=3))
    await begun.wait()
    stop.set()
    async with asyncio.timeout(2):
        await running
    assert lives == 1
