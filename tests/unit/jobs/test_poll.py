import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import OperationalError
from typing_extensions import override

from bot.db import queries, tables
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.pardon import MOST_PARDONS
from bot.jobs.poll import AUTH_RETRY_SECONDS, InboxPoller
from bot.jobs.reading import MOST_ATTEMPTS
from bot.usecases.inboxes import lease_inbox
from bot.usecases.ingest import begin_reading, store_page, stored_items
from connectors.contract import Cursor, InboundMessage, Page
from connectors.errors import AuthExpired, Malformed, RateLimited, Unavailable
from tests.builders import AMAZON, NOW, SHOP, an_inbound, minutes, prepare
from tests.db.outbox_world import HandClock, states
from tests.unit.jobs.sources import PER_PAGE, Source

pytestmark = pytest.mark.postgres


class Polls:
    def __init__(self, db: Database, desk: Desk) -> None:
        self.db = db
        self.desk = desk
        self.clock = HandClock(NOW + minutes(1))
        self.healthy: list[str] = []

    def poller(
        self, source: Source, inbox: str = AMAZON, *, db: Database | None = None, **more: Any
    ) -> InboxPoller:
        return InboxPoller(
            db=db or self.db,
            desk=lambda: self.desk,
            clock=self.clock,
            inbox=inbox,
            connector=source,
            owner="me",
            healthy=self.healthy.append,
            **more,
        )

    async def subjects(self, inbox: str = AMAZON) -> list[str]:
        rows = await self.db.read(
            lambda conn: queries.queue(conn, "all", "", NOW, limit=500, inbox=inbox)
        )
        views = [
            await self.db.read(partial(queries.ticket_by_id, ticket_id=row.id))
            for row in sorted(rows, key=lambda row: row.number)
        ]
        return [v.first_message.body for v in views if v is not None and v.first_message]

    async def inbox(self, name: str = AMAZON):
        box = tables.inbox
        return await self.db.read(
            lambda conn: conn.execute(select(box).where(box.c.name == name)).one()
        )


@pytest.fixture
async def polls(db: Database, desk: Desk) -> Polls:
    await prepare(db, desk)
    return Polls(db, desk)


def count(table: str) -> Callable[[Connection], int]:
    return lambda conn: (
        conn.scalar(select(func.count()).select_from(tables.metadata.tables[table])) or 0
    )


async def test_what_the_source_holds_becomes_tickets_and_the_cursor_moves(polls: Polls):
    source = Source(*"abcdefgh")
    report = await polls.poller(source).poll()
    assert (report.stored, report.read, report.error) == (8, 8, None)
    assert await polls.subjects() == list("abcdefgh")
    row = await polls.inbox()
    assert row.cursor == {"at": 8}
    assert (row.last_ok_at, row.lease_owner) == (polls.clock.now(), None)
    assert polls.healthy == [f"inbox:{AMAZON}"]


async def test_a_second_look_brings_nothing_twice(polls: Polls):
    source = Source(*"abc")
    poller = polls.poller(source)
    await poller.poll()
    source.holds("d")
    await poller.poll()
    assert await polls.subjects() == list("abcd")


async def test_invariant_1_a_source_that_breaks_half_way_loses_nothing(polls: Polls):
    source = Source(*"abcdefgh")
    source.trouble, source.after_pages = Unavailable("connection reset"), 1
    poller = polls.poller(source)
    report = await poller.poll()
    assert (report.stored, report.error) == (PER_PAGE, "connection reset")
    assert (await polls.inbox()).cursor == {"at": PER_PAGE}
    source.trouble = None
    await poller.poll()
    assert await polls.subjects() == list("abcdefgh")


async def test_invariant_1_items_stored_by_a_life_that_ended_are_read_by_the_next(polls: Polls):
    source = Source(*"ab")
    async for page in source.fetch(None):
        await polls.db.write(partial(store_page, inbox=AMAZON, page=page), now=NOW)
    source.trouble = Unavailable("away")
    report = await polls.poller(source).poll()
    assert report.read == 2
    assert await polls.subjects() == list("ab")


async def test_invariant_10_refused_credentials_pause_the_inbox_and_are_told_once(polls: Polls):
    source = Source("a")
    source.trouble = AuthExpired("the mailbox refuses the password")
    poller = polls.poller(source)
    for _ in range(4):
        await poller.poll()
    row = await polls.inbox()
    assert row.paused_reason == "the mailbox refuses the password"
    told = [key for key in await states(polls.db) if key.startswith(f"ops:inbox:{AMAZON}")]
    assert len([key for key in told if key.endswith(":True")]) == 1

    source.trouble = None
    await poller.poll()
    assert (await polls.inbox()).paused_reason is None
    assert await polls.subjects() == ["a"]


async def test_refused_credentials_are_tried_every_few_minutes_only(polls: Polls):
    source = Source("a")
    source.trouble = AuthExpired("no")
    poller = polls.poller(source)
    loop = asyncio.create_task(poller.run())
    await until(lambda: source.fetches == 1)
    await rested(poller, polls)
    poller.wake()
    await asyncio.sleep(0.05)
    assert source.fetches == 1
    polls.clock.move(AUTH_RETRY_SECONDS)
    poller.wake()
    await until(lambda: source.fetches == 2)
    await rested(poller, polls)
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the source has no event to wait for
            await asyncio.sleep(0.01)


async def rested(poller: InboxPoller, polls: Polls) -> None:
    await until(lambda: poller._rests_until > polls.clock.monotonic())


async def test_a_source_that_asks_to_wait_is_given_its_time(polls: Polls):
    source = Source("a")
    source.trouble = RateLimited(45)
    poller = polls.poller(source)
    await poller.poll()
    assert poller._rests_until == polls.clock.monotonic() + 45


async def test_invariant_10_one_broken_inbox_stops_no_other(polls: Polls):
    broken, fine = Source("x"), Source("y")
    broken.trouble = ZeroDivisionError("a customer's words")
    report = await polls.poller(broken).poll()
    await polls.poller(fine, SHOP).poll()
    assert report.error == "ZeroDivisionError"
    assert (await polls.inbox()).last_error == "ZeroDivisionError"
    assert await polls.subjects(SHOP) == ["y"]


async def test_a_source_that_never_answers_is_given_up(polls: Polls):
    class Silent(Source):
        @override
        async def fetch(self, cursor):
            await asyncio.sleep(60)
            yield Page(items=[], cursor=Cursor(state={}))

    report = await polls.poller(Silent(), page_seconds=0.05).poll()
    assert report.error == "TimeoutError"
    assert (await polls.inbox()).failures == 1


async def test_invariant_10_a_malformed_item_becomes_a_ticket_that_says_so(polls: Polls):
    def reader(text: str) -> InboundMessage:
        if text == "b":
            raise Malformed("body", "no text in any known encoding")
        return an_inbound(text=text, thread=f"case-{text}")

    source = Source(*"abc")
    source.reader = reader
    await polls.poller(source).poll()
    bodies = await polls.subjects()
    assert bodies[0] == "a"
    assert bodies[2] == "c"
    assert len(bodies) == 3


async def test_invariant_10_a_stalling_item_is_given_up_after_three_tries(polls: Polls):
    hold = threading.Event()
    tries: list[str] = []

    def reader(text: str) -> InboundMessage:
        if text == "b":
            tries.append(text)
            hold.wait(30)
        return an_inbound(text=text, thread=f"case-{text}")

    source = Source(*"abcd")
    source.reader = reader
    report = await polls.poller(source, reading_seconds=0.6).poll()
    hold.set()
    assert tries == ["b"] * MOST_ATTEMPTS
    assert report.read == 4
    bodies = await polls.subjects()
    assert len(bodies) == 4
    assert {"a", "c", "d"} <= set(bodies)


async def test_an_item_that_killed_the_process_often_is_not_read_again_and_blames_no_neighbour(
    polls: Polls,
):
    read: list[str] = []

    def reader(text: str) -> InboundMessage:
        read.append(text)
        return an_inbound(text=text, thread=f"case-{text}")

    source = Source(*"abc")
    source.reader = reader
    async for page in source.fetch(None):
        await polls.db.write(partial(store_page, inbox=AMAZON, page=page), now=NOW)
    items = await polls.db.read(lambda conn: stored_items(conn, AMAZON))
    every = [item.raw_id for item in items]
    await polls.db.write(lambda tx: begin_reading(tx, every), now=NOW)
    for _ in range(MOST_ATTEMPTS - 1):
        await polls.db.write(lambda tx: begin_reading(tx, every[:1]), now=NOW)

    await polls.poller(source).poll()
    assert read == ["b", "c"]
    assert len(await polls.subjects()) == 3


async def test_an_inbox_another_process_reads_is_left_alone(polls: Polls):
    source = Source()
    poller = polls.poller(source)
    await poller.poll()
    await polls.db.write(
        lambda tx: lease_inbox(tx, AMAZON, "other", polls.clock.now() + minutes(10)),
        now=polls.clock.now(),
    )
    source.holds("a")
    await poller.poll()
    assert source.fetches == 1
    polls.clock.move(600)
    await poller.poll()
    assert await polls.subjects() == ["a"]


async def test_what_a_killed_process_held_is_read_at_once_by_the_next_on_sqlite(
    sqlite_db: Database, desk: Desk
):
    await prepare(sqlite_db, desk)
    polls = Polls(sqlite_db, desk)
    await sqlite_db.write(lambda tx: lease_inbox(tx, AMAZON, "killed", NOW + minutes(10)), now=NOW)
    await polls.poller(Source("a")).poll()
    assert await polls.subjects() == ["a"]


class FullDisk(Database):
    """A database whose writes fail from the `fails_from`-th on."""

    def __init__(self, real: Database, fails_from: int) -> None:
        super().__init__(real.engine)
        self._gate = real._gate
        self.writes = 0
        self.fails_from = fails_from

    @override
    async def write(self, fn, *, now, urgent=False):
        self.writes += 1
        if self.writes >= self.fails_from:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))
        return await super().write(fn, now=now, urgent=urgent)


@pytest.mark.parametrize("fails_from", [1, 2, 3, 4, 5, 6])
async def test_invariant_1_a_full_disk_stops_the_poller_and_loses_nothing(
    polls: Polls, fails_from: int
):
    source = Source(*"abcde")
    full = FullDisk(polls.db, fails_from)
    report = await polls.poller(source, db=full).poll()
    assert report.error == "the database could not be written"
    cursor = (await polls.inbox()).cursor or {"at": 0}
    assert await polls.db.read(count("raw_inbound")) == cursor["at"]
    polls.clock.move(600)
    await polls.poller(source).poll()
    assert sorted(await polls.subjects()) == list("abcde")


class GoesAway(Database):
    """A database that fails when a message would be written, so many times."""

    def __init__(self, real: Database, times: int, cause: Exception) -> None:
        super().__init__(real.engine)
        self._gate = real._gate
        self.times = times
        self.cause = cause

    @override
    async def write(self, fn, *, now, urgent=False):
        def cut(tx):
            result = fn(tx)
            if self.times and tx.recorded:
                self.times -= 1
                raise OperationalError("INSERT", {}, self.cause)
            return result

        return await super().write(cut, now=now, urgent=urgent)


@pytest.mark.parametrize(
    ("cause", "shown"),
    [(ConnectionResetError(), "a"), (ValueError(), "This message could not be read.")],
    ids=["the-database", "the-message"],
)
async def test_what_the_database_did_is_not_held_against_the_message_that_was_read(
    polls: Polls, cause: Exception, shown: str
):
    poller = polls.poller(Source("a"), db=GoesAway(polls.db, 4, cause))
    for _ in range(8):
        await poller.poll()
        polls.clock.move(600)
    (body,) = await polls.subjects()
    assert body.startswith(shown)


async def test_a_message_that_breaks_the_connection_every_time_is_found_out(polls: Polls):
    source = Source("a")
    poller = polls.poller(source, db=GoesAway(polls.db, 2 * MOST_PARDONS, ConnectionResetError()))
    for _ in range(MOST_PARDONS + MOST_ATTEMPTS + 1):
        await poller.poll()
        polls.clock.move(600)
    raw = tables.raw_inbound
    (attempts,) = await polls.db.read(lambda conn: conn.scalars(select(raw.c.attempts)).all())
    assert attempts == MOST_ATTEMPTS
