import asyncio
from datetime import timedelta

import pytest
import structlog.testing

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.poll import LEASE_SECONDS
from bot.jobs.tick import LONGEST_SLEEP, Ticker
from bot.usecases.inboxes import lease_inbox
from tests.builders import AMAZON, NOW, a_ticket, an_inbound, arrive, hours, minutes, prepare
from tests.db.outbox_world import HandClock, column, effect, emit, states


async def pings(db: Database) -> list[str]:
    return [key for key in await states(db) if key.startswith("ping:")]


async def test_a_tick_fires_what_is_due_and_nothing_else(db: Database, desk: Desk):
    clock = HandClock(NOW)
    ticker = Ticker(db, lambda: desk, clock)
    await a_ticket(db, desk)
    await ticker.tick()
    assert await pings(db) == []
    clock.move(6 * 3600)
    await ticker.tick()
    assert len(await pings(db)) == 1
    await ticker.tick()
    assert len(await pings(db)) == 1


async def test_the_loop_fires_at_the_due_time_and_not_at_its_ceiling(db: Database, desk: Desk):
    start = NOW + hours(6) - timedelta(seconds=0.4)  # much less than the loop ever sleeps
    clock = Clock(start=start)
    await a_ticket(db, desk)
    ticker = Ticker(db, lambda: desk, clock)
    loop = asyncio.create_task(ticker.run())
    async with asyncio.timeout(30):
        while not await pings(db):  # noqa: ASYNC110 - only the rows say that it fired
            await asyncio.sleep(0.02)
    late = clock.now() - (NOW + hours(6))
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    assert timedelta(0) <= late < timedelta(seconds=LONGEST_SLEEP - 0.5)


async def test_new_clocks_wake_the_loop(db: Database, desk: Desk):
    clock = Clock(start=NOW + hours(13))
    ticker = Ticker(db, lambda: desk, clock)
    loop = asyncio.create_task(ticker.run())
    await asyncio.sleep(0.1)
    await arrive(db, desk, an_inbound(), now=clock.now())
    async with asyncio.timeout(30):
        while not await pings(db):  # noqa: ASYNC110 - only the rows say that it fired
            await asyncio.sleep(0.02)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_a_clock_that_was_set_is_noticed_and_un_fires_nothing(db: Database, desk: Desk):
    clock = HandClock(NOW)
    ticker = Ticker(db, lambda: desk, clock)
    await a_ticket(db, desk)
    clock.move(7 * 3600)
    await ticker.tick()
    fired = await pings(db)
    clock._now -= timedelta(hours=2)
    with structlog.testing.capture_logs() as logs:
        await ticker.tick()
        await ticker.tick()
    assert [(e["event"], e["seconds"]) for e in logs] == [("clock.stepped", -7200.0)]
    assert await pings(db) == fired


@pytest.mark.parametrize("noticed", [True, False], ids=["while-running", "at-the-start"])
async def test_who_died_before_a_clock_was_set_back_holds_its_inbox_for_minutes_at_the_most(
    db: Database, desk: Desk, noticed: bool
):
    await prepare(db, desk)
    clock = HandClock(NOW)
    ticker = Ticker(db, lambda: desk, clock)
    held = NOW + timedelta(seconds=LEASE_SECONDS)
    assert await db.write(lambda tx: lease_inbox(tx, AMAZON, "dead", held), now=NOW)
    clock._now -= timedelta(hours=2)
    if noticed:
        await ticker.tick()
    else:
        loop = asyncio.create_task(Ticker(db, lambda: desk, clock).run())
        await asyncio.sleep(0.2)
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)

    async def taken(after: float) -> bool:
        now = clock.now() + timedelta(seconds=after)
        until = now + timedelta(seconds=LEASE_SECONDS)
        return await db.write(lambda tx: lease_inbox(tx, AMAZON, "other", until), now=now)

    assert not await taken(LEASE_SECONDS - 1)
    assert await taken(LEASE_SECONDS + 1)


@pytest.mark.parametrize("step", [timedelta(hours=-1), timedelta(hours=1)], ids=str)
async def test_workers_that_notice_the_same_step_move_what_waits_once(
    db: Database, desk: Desk, step: timedelta
):
    await prepare(db, desk)
    clock = HandClock(NOW)
    first, second = (Ticker(db, lambda: desk, clock) for _ in range(2))
    # Twice: whoever was first knows the second for another step, though it is the like.
    for turn in ("once", "again"):
        waits = {f"{turn}:short": minutes(10), f"{turn}:long": hours(3)}
        for key, wait in waits.items():
            await emit(db, clock, effect(key, not_before=clock.now() + wait))
        clock._now += step
        await first.tick()
        await second.tick()
        due = {key: await column(db, key, "not_before") for key in waits}
        assert due == {key: clock.now() + wait for key, wait in waits.items()}
