import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.pacing import Cadence
from bot.jobs.scheduler import Wakes
from bot.jobs.worker import Worker
from connectors.errors import Unavailable
from tests.builders import AMAZON, NOW, SHOP, hours, prepare
from tests.db.outbox_world import KINDS, Outside
from tests.unit.jobs.sources import Source


async def running(loops: dict[str, Callable[[], Awaitable[None]]]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(_run(loop)) for loop in loops.values()]


async def _run(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()


async def until(condition: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - several loops work on it at once
            await asyncio.sleep(0.02)


async def stopped(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def outside() -> Outside:
    return Outside()


def a_worker(db: Database, desk: Desk, outside: Outside, **sources: Source) -> Worker:
    return Worker(
        db=db,
        desk=lambda: desk,
        clock=Clock(start=NOW + hours(7)),
        connectors={name.replace("_", "-"): source for name, source in sources.items()},
        executors=dict.fromkeys(KINDS, outside),
        owner="me",
        cadences={AMAZON: Cadence(usual=0.2), SHOP: Cadence(usual=0.2)},
    )


async def test_a_customers_words_become_a_card_and_a_ping_with_nobody_asking(
    db: Database, desk: Desk, outside: Outside
):
    await prepare(db, desk)
    worker = a_worker(db, desk, outside, amazon_it=Source("hello"))
    tasks = await running(dict(worker.loops()))
    await until(lambda: len(outside.arrived) >= 2)
    await stopped(tasks)
    kinds = [call.kind for call in outside.calls]
    assert kinds[:2] == ["post_root", "post_ping"]


async def test_invariant_10_a_broken_inbox_leaves_the_others_running(
    db: Database, desk: Desk, outside: Outside
):
    await prepare(db, desk)
    broken, fine = Source("x"), Source()
    broken.trouble = Unavailable("away")
    worker = a_worker(db, desk, outside, amazon_it=broken, shop=fine)
    tasks = await running(dict(worker.loops()))
    await until(lambda: fine.fetches >= 2)
    fine.holds("later")
    await until(lambda: any(call.kind == "post_root" for call in outside.calls))
    await stopped(tasks)
    assert broken.fetches >= 1


async def test_every_loop_can_be_started_again_after_it_ended(
    db: Database, desk: Desk, outside: Outside
):
    await prepare(db, desk)
    source = Source("one")
    worker = a_worker(db, desk, outside, amazon_it=source)
    await stopped(await running(dict(worker.loops())))
    tasks = await running(dict(worker.loops()))
    await until(lambda: bool(outside.arrived))
    await stopped(tasks)


async def test_wake_ups_come_again_and_again_in_the_loops_own_thread():
    woken: list[asyncio.AbstractEventLoop] = []
    wakes = Wakes({"often": (0.1, lambda: woken.append(asyncio.get_running_loop()))})
    task = asyncio.create_task(wakes.run())
    await until(lambda: len(woken) >= 3)
    await stopped([task])
    seen = len(woken)
    await asyncio.sleep(0.3)
    assert len(woken) == seen
    assert set(woken) == {asyncio.get_running_loop()}
