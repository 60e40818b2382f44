"""A COMMIT whose answer is lost on the wire: what was done counts once, what was not is done again."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError

from bot.db import tables
from bot.db.commits import Mark, was_committed
from bot.db.engine import create_engine
from bot.db.unit import Database, Tx
from tests.builders import NOW
from tests.e2e.servers import socket_of, through
from tests.e2e.wire import Wire, a_wire

pytestmark = pytest.mark.timeout(60)

COUNTER = tables.counter


@dataclass(kw_only=True)
class Far:
    """A database behind a wire, and beside it."""

    db: Database
    wire: Wire
    beside: Database

    async def value(self) -> int:
        return await self.beside.read(_value)


def _value(conn: Connection) -> int:
    return int(conn.execute(COUNTER.select()).one().value)


@pytest.fixture
async def far(postgres_emptied_url: str) -> AsyncIterator[Far]:
    async with a_wire(socket_of(postgres_emptied_url)) as wire:
        db = Database(create_engine(through(postgres_emptied_url, wire.port), command_timeout=1))
        beside = Database(create_engine(postgres_emptied_url))
        await db.write(
            lambda tx: tx.conn.execute(COUNTER.insert().values(name="n", value=0)), now=NOW
        )
        yield Far(db=db, wire=wire, beside=beside)
        await db.close()
        await beside.close()


@dataclass
class Adding:
    """Adds one each time it is run; to be run again is to be seen."""

    runs: int = 0

    def __call__(self, tx: Tx) -> int:
        self.runs += 1
        tx.wakes.add("outbox")
        tx.conn.execute(COUNTER.update().values(value=COUNTER.c.value + 1))
        return _value(tx.conn)


async def test_a_commit_that_was_done_and_not_answered_is_known_to_be_done(far: Far):
    heard: list[set[str]] = []
    far.db.on_commit(heard.append)
    add = Adding()
    far.wire.cuts = 1
    assert await far.db.write(add, now=NOW) == 1
    assert far.wire.severed == 1
    assert (add.runs, await far.value()) == (1, 1)
    assert heard == [{"outbox"}]


async def test_a_commit_that_never_came_is_made_again(far: Far):
    add = Adding()
    far.wire.strikes = 1
    assert await far.db.write(add, now=NOW) == 1
    assert (add.runs, await far.value()) == (2, 1)


@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
async def test_a_commit_into_a_silent_network_ends_in_seconds_and_counts_once(far: Far, done: bool):
    add = Adding()

    def then_silence(tx: Tx) -> int:
        value = add(tx)
        if add.runs == 1:
            # What follows is the signature's question, answered; and then the COMMIT.
            far.wire.silent_from = "answer" if done else "commit"
        return value

    working = asyncio.create_task(far.db.write(then_silence, now=NOW))
    await asyncio.wait_for(far.wire.silenced.wait(), 10)
    await asyncio.sleep(1.5)  # past the limit of one statement
    far.wire.hear_again()
    assert await asyncio.wait_for(working, 20) == 1
    assert await far.value() == 1
    assert add.runs == (1 if done else 2)


async def test_every_commit_in_a_hail_of_cuts_counts_exactly_once(far: Far):
    added = 0
    for number in range(30):
        far.wire.cuts, far.wire.strikes = (1, 0) if number % 3 == 0 else (0, number % 3 == 1)
        await far.db.write(Adding(), now=NOW)
        added += 1
    assert far.wire.severed == 20
    assert await far.value() == added


async def test_the_number_of_a_transaction_means_nothing_to_another_server(far: Far):
    number, pid, server = await far.db.write(
        lambda tx: tx.conn.execute(
            text("SELECT CAST(pg_current_xact_id() AS text), 0, pg_postmaster_start_time()")
        ).one(),
        now=NOW,
    )
    ours = Mark(number=number, pid=pid, server=server)
    assert await was_committed(far.db.engine, ours)
    assert not await was_committed(far.db.engine, replace(ours, server=NOW))


async def test_only_what_wrote_asks_for_its_number_and_once(far: Far):
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "pg_current_xact_id" in statement:
            asked.append(statement)

    event.listen(far.db.engine.sync_engine, "before_cursor_execute", note)
    await far.db.write(lambda tx: _value(tx.conn), now=NOW)
    await far.db.read(_value)
    assert asked == []
    await far.db.write(Adding(), now=NOW)
    assert len(asked) == 1
    await far.db.write(lambda tx: _value(tx.conn), now=NOW)
    assert len(asked) == 1


async def test_a_server_that_is_away_is_said_to_be_the_databases_trouble(far: Far):
    # A bare OSError would be taken for the mail server's by whoever reads an inbox.
    far.wire.to = "/nowhere/socket"
    far.wire.sever()
    with pytest.raises(OperationalError):
        await far.db.write(Adding(), now=NOW)
