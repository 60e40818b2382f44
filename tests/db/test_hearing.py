"""What one process commits, another one hears, on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
from sqlalchemy import text

from bot.clock import Clock
from bot.db.unit import Database, Tx
from bot.db.wakes import CHANNEL, SWEEP, read_wakes, tell_others
from bot.runtime.hearing import Hearing
from tests.builders import NOW
from tests.databases import open_engine
from tests.db.outbox_world import Outside, dispatcher, effect, emit
from tests.db.reading import statements

pytestmark = [pytest.mark.postgres, pytest.mark.timeout(120)]


class Heard:
    """What was heard, and a wait for the next of it."""

    def __init__(self) -> None:
        self.all: list[set[str]] = []
        self._more = asyncio.Event()

    def take(self, woken: set[str]) -> None:
        self.all.append(woken)
        self._more.set()

    async def until(self, woken: set[str], *, times: int = 1) -> None:
        async with asyncio.timeout(60):
            while self.all.count(woken) < times:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
async def talking(postgres_emptied_url: str) -> AsyncIterator[Database]:
    """The database as a process has it that does no work."""
    db = Database(open_engine(postgres_emptied_url), tells_others=tell_others)
    yield db
    await db.close()


@asynccontextmanager
async def a_worker(url: str, heard: Heard) -> AsyncIterator[Database]:
    """The database as a worker has it, hearing."""
    db = Database(open_engine(url))
    db.on_commit(heard.take)
    hearing = Hearing(db.engine, db.hear, again_seconds=0.01)
    task = asyncio.create_task(hearing.run())
    try:
        await heard.until(set(SWEEP))
        yield db
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await db.close()


async def test_what_a_click_commits_goes_out_of_a_worker_before_its_sweep(
    talking: Database, postgres_emptied_url: str
):
    outside, clock = Outside(), Clock()
    async with a_worker(postgres_emptied_url, Heard()) as db:
        sender = dispatcher(db, outside, clock, idle_seconds=3600.0)
        task = asyncio.create_task(sender.run())
        await asyncio.sleep(0.1)
        await emit(talking, clock, effect("clicked"))
        await outside.holds(1)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert outside.sends == ["clicked"]


async def test_what_was_told_while_the_connection_was_cut_is_looked_for(
    talking: Database, postgres_emptied_url: str
):
    heard = Heard()
    async with a_worker(postgres_emptied_url, heard):
        await talking.write(_end_who_listens, now=NOW)
        await heard.until(set(SWEEP), times=2)
        await talking.write(lambda tx: tx.wakes.add("pings"), now=NOW)
        await heard.until({"pings"})


def _end_who_listens(tx):
    ended = tx.conn.execute(
        text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
    ).all()
    assert ended == [(True,)]


async def test_nothing_is_heard_of_a_transaction_that_was_rolled_back(
    talking: Database, postgres_emptied_url: str
):
    heard = Heard()

    def fails(tx):
        tx.wakes.add("outbox")
        tx.flush()
        tell_others(tx.conn, tx.wakes)
        raise LookupError

    async with a_worker(postgres_emptied_url, heard):
        with pytest.raises(LookupError):
            await talking.write(fails, now=NOW)
        await talking.write(lambda tx: tx.wakes.add("pings"), now=NOW)
        await heard.until({"pings"})
    assert {"outbox"} not in heard.all


def notify(tx: Tx, said: str) -> None:
    question = text("SELECT pg_notify(:channel, :said)")
    tx.conn.execute(question, {"channel": CHANNEL, "said": said})


async def test_whatever_a_stranger_says_only_makes_workers_look(
    talking: Database, postgres_emptied_url: str
):
    heard, outside = Heard(), Outside()
    forged = ["", "inbox:nowhere", "a\nb", "x" * 7_000, "," * 7_000, "'; DROP TABLE ticket; --"]
    async with a_worker(postgres_emptied_url, heard) as db:
        sender = dispatcher(db, outside, Clock())
        for said in [*forged, "outbox"]:
            await talking.write(partial(notify, said=said), now=NOW)
        await heard.until({"outbox"})
        await sender.drain()
    assert outside.calls == []


async def test_telling_costs_one_statement_and_only_who_cannot_work_pays_it(
    talking: Database, postgres_emptied_url: str
):
    worker = Database(open_engine(postgres_emptied_url))
    costs = {}
    for name, db in (("talking", talking), ("worker", worker)):
        with statements(db) as sent:
            await emit(db, Clock(), effect(name))
        costs[name] = len(sent)
    with statements(talking) as sent:
        await talking.write(lambda tx: None, now=NOW)
    await worker.close()
    assert costs["talking"] == costs["worker"] + 1
    assert not [each for each in sent if "pg_notify" in each]


async def test_very_many_names_still_commit(talking: Database):
    names = {f"inbox:{'ü' * 40}{number}" for number in range(500)}
    await talking.write(lambda tx: tx.wakes.update(names), now=NOW)


def test_what_is_read_is_names():
    assert read_wakes("outbox,inbox:shop,,a\nb") == {"outbox", "inbox:shop"}
