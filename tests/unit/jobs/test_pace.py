"""A poller that leaves its platform alone: floors, quotas, and calls that come in meanwhile."""

import asyncio

import pytest
from typing_extensions import override

from bot.db import tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.pacing import Budget, Cadence, Spent
from bot.jobs.poll import InboxPoller
from bot.runtime.call_meter import count_call
from bot.usecases.call_budget import spent_today
from bot.usecases.webhooks import take_call, woken_inboxes
from connectors.capabilities import WebhookOutcome
from connectors.contract import Cursor, RawItem
from connectors.errors import Unavailable
from tests.builders import AMAZON, NOW, minutes, prepare
from tests.db.outbox_world import HandClock
from tests.db.reading import count
from tests.unit.jobs.sources import Source

TIGHT = Cadence(usual=60, floor=30, budget=Budget(calls_per_day=100, reply_share=0.1))


class Calling(Source):
    """Every page costs so many calls of the shared client, which tells of each."""

    cost = 4

    @override
    async def fetch(self, cursor: Cursor | None):
        for _ in range(self.cost):
            count_call()
        async for page in super().fetch(cursor):
            yield page


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOW)


@pytest.fixture(autouse=True)
async def _prepared(db: Database, desk: Desk) -> None:
    await prepare(db, desk)


def a_poller(
    db: Database, desk: Desk, clock: HandClock, source: Source, cadence: Cadence = TIGHT
) -> InboxPoller:
    return InboxPoller(
        db=db,
        desk=lambda: desk,
        clock=clock,
        inbox=AMAZON,
        connector=source,
        owner="me",
        cadence=cadence,
    )


async def spent(db: Database) -> Spent:
    return (await db.read(lambda conn: spent_today(conn, NOW))).get(AMAZON, Spent())


async def test_what_a_look_costs_is_written_down_also_when_it_fails(
    db: Database, desk: Desk, clock: HandClock
) -> None:
    source = Calling("a")
    poller = a_poller(db, desk, clock, source)
    await poller.poll()
    source.trouble = Unavailable("no answer")
    await poller.poll()
    assert await spent(db) == Spent(reads=8)


async def test_a_quota_that_will_not_last_slows_the_poller_and_it_says_so(
    db: Database, desk: Desk, clock: HandClock
) -> None:
    poller = a_poller(db, desk, clock, Calling("a"))
    for _ in range(4):
        await poller.poll()
    assert poller.slowed is not None
    assert poller._rests_until > clock.monotonic() + 600


async def test_with_nothing_left_not_one_more_call_is_made_for_reading(
    db: Database, desk: Desk, clock: HandClock
) -> None:
    source = Calling("a")
    source.cost = 90
    poller = a_poller(db, desk, clock, source)
    await poller.poll()
    assert source.fetches == 1
    assert await spent(db) == Spent(reads=90)
    source.holds(["b"])
    assert (await poller.poll()).stored == 0
    assert await spent(db) == Spent(reads=90)


async def test_a_call_that_comes_while_the_inbox_rests_is_read_at_once_and_nothing_is_fetched(
    db: Database, desk: Desk, clock: HandClock
) -> None:
    source = Calling("a")
    poller = a_poller(db, desk, clock, source, Cadence(usual=60, floor=30))
    loop = asyncio.create_task(poller.run())
    await until(lambda: poller._rests_until > clock.monotonic())
    item = RawItem(source_id="call-1", received_at=NOW, payload=b'"pushed"')
    call = WebhookOutcome(items=(item,), delivery_id="d1")
    await db.write(lambda tx: take_call(tx, AMAZON, call), now=NOW)
    poller.wake()
    async with asyncio.timeout(30):
        while await count(db, tables.ticket) < 2:  # noqa: ASYNC110 - rows tell nobody
            await asyncio.sleep(0.01)
    assert source.fetches == 1

    async with asyncio.timeout(30):
        # A look that a busy disk spoilt rests a while, too.
        while source.fetches < 2:
            clock.move(31)
            poller.wake()
            await asyncio.sleep(0.05)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def test_the_look_that_a_call_asked_for_takes_the_wish_away(
    db: Database, desk: Desk, clock: HandClock
) -> None:
    await db.write(lambda tx: take_call(tx, AMAZON, WebhookOutcome(poll=True)), now=NOW)
    assert await db.read(woken_inboxes) == {AMAZON}
    await a_poller(db, desk, clock, Calling()).poll()
    assert await db.read(woken_inboxes) == frozenset()


async def test_the_newest_marketplace_time_is_kept_and_never_goes_back(
    db: Database, desk: Desk, clock: HandClock
) -> None:
    clock.move(minutes(1).total_seconds())
    poller = a_poller(db, desk, clock, Calling("a"))
    await poller.poll()
    inbox = tables.inbox
    row = await db.read(
        lambda conn: conn.execute(inbox.select().where(inbox.c.name == AMAZON)).one()
    )
    assert row.newest_sent_at == NOW
    await poller.poll()


async def until(condition) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the poller has no event to wait for
            await asyncio.sleep(0.01)
