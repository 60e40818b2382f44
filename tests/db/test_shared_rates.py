"""Workers of one database stay within Slack's limits together."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Executor, Sent, Throttled
from bot.outbox.lanes import Rate
from bot.outbox.shared_rates import SharedRates
from bot.slack.limits import SlackLimits
from sandbox.slack.errors import RateLimited
from sandbox.slack.limits import LimitSettings, RateLimits
from tests.databases import open_engine
from tests.db.outbox_world import KINDS, Outside, effect, emit
from tests.db.reading import rows

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(300)]

CHANNELS = 4
OURS = SlackLimits({"slack:chat.postMessage": Rate(per_second=8.0, burst=8)})


class Strict:
    """A workspace with the sandbox's limits, which counts what it took and what it refused."""

    def __init__(self) -> None:
        self.limits = RateLimits(LimitSettings(posts_per_window=480))
        self.posted: Counter[str] = Counter()
        self.refused = 0

    async def send(self, row):
        try:
            self.limits.take_post(row.lane_group)
        except RateLimited as told:
            self.refused += 1
            raise Throttled(told.seconds) from None
        self.posted[row.dedupe_key] += 1
        return Sent(result={})

    async def look_up(self, row):
        raise AssertionError(row.dedupe_key)


async def all_workers(url: str, count: int, outside: Executor, until, *, shared: bool = True):
    """Run so many dispatchers, each with connections of its own, until `until` says so."""
    dbs = [Database(open_engine(url)) for _ in range(count)]
    workers = [
        Dispatcher(
            db,
            dict.fromkeys(KINDS, outside),
            Clock(),
            OURS,
            shared=SharedRates(OURS) if shared else None,
        )
        for db in dbs
    ]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        async with asyncio.timeout(120):
            while not until():  # noqa: ASYNC110 - what is asked for is told by nobody
                await asyncio.sleep(0.02)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        for db in dbs:
            await db.close()


@pytest.fixture
async def a_db(postgres_emptied_url):
    db = Database(open_engine(postgres_emptied_url))
    yield db
    await db.close()


async def waiting_posts(db: Database, each: int) -> int:
    await emit(
        db,
        Clock(),
        *(
            effect(f"{channel}-{n}", lane=f"ticket:{channel}-{n}", lane_group=f"slack:C{channel}")
            for channel in range(CHANNELS)
            for n in range(each)
        ),
    )
    return CHANNELS * each


@pytest.mark.parametrize("count", [2, pytest.param(8, marks=pytest.mark.slow)])
async def test_many_workers_together_send_no_faster_than_one_may(a_db, postgres_emptied_url, count):
    slack = Strict()
    wanted = await waiting_posts(a_db, 5 if count == 2 else 30)
    await all_workers(postgres_emptied_url, count, slack, lambda: slack.posted.total() == wanted)
    assert set(slack.posted.values()) == {1}
    # Slack's clock and the database's meet a request at different moments.
    assert slack.refused <= 1 + wanted // 100


async def test_without_sharing_they_would_be_refused(a_db, postgres_emptied_url):
    slack = Strict()
    await waiting_posts(a_db, 12)
    await all_workers(postgres_emptied_url, 3, slack, lambda: slack.refused > 3, shared=False)


async def test_a_wait_that_one_is_told_all_keep(a_db, postgres_emptied_url):
    gate = "slack:C1:posts"
    shared = SharedRates(OURS)
    await a_db.write(lambda tx: shared.close(tx.conn, gate, 3600.0), now=Clock().now())
    await emit(a_db, Clock(), effect("held"), effect("free", lane="t2", lane_group="slack:C2"))
    outside = Outside()
    await all_workers(postgres_emptied_url, 2, outside, lambda: outside.arrived)
    assert outside.sends == ["free"]

    # The same workers go on when the hour is over.
    state = tables.desk_state
    over = Clock().now() - timedelta(seconds=1)
    name = f"rate:{gate}"
    await a_db.write(
        lambda tx: tx.conn.execute(update(state).where(state.c.name == name).values(at=over)),
        now=Clock().now(),
    )
    await all_workers(postgres_emptied_url, 2, outside, lambda: len(outside.arrived) == 2)
    assert sorted(outside.sends) == ["free", "held"]


async def test_tokens_last_over_a_restart_and_an_effect_another_took_costs_none(
    a_db, postgres_emptied_url
):
    outside = Outside()
    await emit(a_db, Clock(), *(effect(f"e{n}", lane=f"t{n}") for n in range(3)))
    await all_workers(postgres_emptied_url, 2, outside, lambda: len(outside.arrived) == 3)
    spent = {row.name: row.at for row in await rows(a_db, tables.desk_state)}
    left = spent["rate:slack:C1:posts"] - Clock().now()
    assert timedelta(0) < left <= timedelta(seconds=3)
