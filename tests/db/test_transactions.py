"""What a unit of work promises. The first experiment shows why SQLite is opened as it is."""

import asyncio

import pytest
from sqlalchemy import column, select, table, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.db import tables
from bot.db.engine import create_engine, is_sqlite, normalise_url, sqlite_verdict
from bot.db.unit import Database
from bot.domain.effects import post_ops, update_card
from tests.builders import NOW
from tests.db.reading import count, effects, rows

TASKS, ROUNDS = 4, 25

COUNTER = tables.counter


async def add_one(conn):
    """Read, then write: the pattern that loses updates where a read opens no transaction."""
    value = (await conn.execute(select(COUNTER.c.value))).scalar_one()
    await asyncio.sleep(0)
    await conn.execute(update(COUNTER).values(value=value + 1))


async def test_the_drivers_own_transactions_lose_updates_in_silence(sqlite_url):
    engine = create_async_engine(normalise_url(sqlite_url), connect_args={"timeout": 30})
    async with engine.begin() as conn:
        await conn.execute(COUNTER.insert().values(name="n", value=0))
    committed = 0

    async def work():
        nonlocal committed
        for _ in range(ROUNDS):
            async with engine.begin() as conn:
                await add_one(conn)
            committed += 1

    await asyncio.gather(*(work() for _ in range(TASKS)))
    async with engine.connect() as conn:
        value = (await conn.execute(select(COUNTER.c.value))).scalar_one()
    await engine.dispose()
    assert committed == TASKS * ROUNDS
    assert value < committed


@pytest.mark.postgres
async def test_a_unit_of_work_loses_no_update(db):
    await db.write(lambda tx: tx.conn.execute(COUNTER.insert().values(name="n", value=0)), now=NOW)

    def read_then_write(tx):
        value = tx.conn.execute(select(COUNTER.c.value).with_for_update()).scalar_one()
        tx.conn.execute(update(COUNTER).values(value=value + 1))

    async def work():
        for _ in range(ROUNDS):
            await db.write(read_then_write, now=NOW)

    await asyncio.gather(*(work() for _ in range(TASKS)))
    (row,) = await rows(db, COUNTER)
    assert row.value == TASKS * ROUNDS


@pytest.mark.postgres
async def test_what_fails_leaves_no_row_no_event_and_no_effect(db):
    def fails(tx):
        tx.record(None, "note", actor="desk")
        tx.emit(post_ops("k", "text"))
        tx.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await db.write(fails, now=NOW)
    assert await count(db, tables.outbox) == 0
    assert await count(db, tables.ticket_event) == 0


@pytest.mark.postgres
async def test_an_effect_is_emitted_once_for_its_key(db):
    for _ in range(3):
        await db.write(lambda tx: tx.emit(post_ops("same", "text")), now=NOW)
    assert await effects(db) == ["post_ops"]


@pytest.mark.postgres
async def test_only_the_newest_edit_of_a_card_waits(db):
    def edits(tx):
        tx.emit(update_card(1, 1, channel="C0"))
        tx.emit(update_card(1, 2, channel="C0"))

    await db.write(edits, now=NOW)
    await db.write(lambda tx: tx.emit(update_card(1, 3, channel="C0")), now=NOW)
    await db.write(lambda tx: tx.emit(update_card(2, 1, channel="C0")), now=NOW)
    found = await rows(db, tables.outbox)
    assert [(row.dedupe_key, row.state) for row in found] == [
        ("card:1:2", "superseded"),
        ("card:1:3", "ready"),
        ("card:2:1", "ready"),
    ]


@pytest.mark.postgres
async def test_listeners_hear_after_the_commit_what_woke(db):
    heard: list[set[str]] = []
    db.on_commit(heard.append)
    await db.write(lambda _tx: None, now=NOW)
    await db.write(lambda tx: tx.emit(post_ops("k", "t")), now=NOW)
    assert heard == [{"outbox"}]


async def test_people_go_ahead_of_polled_mail(sqlite_db):
    order = []

    def writes(name):
        return lambda _tx: order.append(name)

    await asyncio.gather(
        sqlite_db.write(writes("first"), now=NOW),
        *(sqlite_db.write(writes("mail"), now=NOW) for _ in range(3)),
        sqlite_db.write(writes("click"), now=NOW, urgent=True),
    )
    assert order == ["first", "click", "mail", "mail", "mail"]


async def test_a_cancelled_wait_lets_the_others_go_on(sqlite_db):
    running = [
        asyncio.create_task(sqlite_db.write(lambda tx: tx.new_id(), now=NOW)) for _ in range(5)
    ]
    await asyncio.sleep(0)
    running[2].cancel()
    done = await asyncio.gather(*running, return_exceptions=True)
    assert sum(isinstance(each, int) for each in done) >= 4
    assert isinstance(await sqlite_db.write(lambda tx: tx.new_id(), now=NOW), int)


async def test_a_locked_database_is_tried_again(sqlite_url):
    blocker = Database(create_engine(sqlite_url))
    db = Database(create_engine(sqlite_url))
    async with blocker.engine.connect() as conn:
        await conn.execute(update(COUNTER).values(value=1))
        waiting = asyncio.create_task(
            db.write(
                lambda tx: tx.conn.execute(COUNTER.insert().values(name="n", value=1)), now=NOW
            )
        )
        await asyncio.sleep(0.2)
        await conn.rollback()
    await waiting
    assert await count(db, COUNTER) == 1
    await blocker.close()
    await db.close()


@pytest.mark.postgres
async def test_a_broken_rule_is_not_tried_again(db):
    tries = []

    def breaks(tx):
        tries.append(1)
        tx.conn.execute(COUNTER.insert(), [{"name": "n", "value": 1}, {"name": "n", "value": 2}])

    with pytest.raises(IntegrityError):
        await db.write(breaks, now=NOW)
    assert len(tries) == 1


@pytest.mark.postgres
async def test_invariant_11_a_database_error_tells_nothing_of_the_data(db):
    with pytest.raises(Exception, match="nosuchtable") as caught:
        await db.write(
            lambda tx: tx.conn.execute(
                select(text("1"))
                .select_from(table("nosuchtable", column("secret")))
                .where(column("secret") == "Mara Rinaldi")
            ),
            now=NOW,
        )
    assert "Mara" not in str(caught.value)


@pytest.mark.postgres
async def test_a_naive_instant_is_refused(db):
    with pytest.raises(Exception, match="time zone"):
        await db.write(
            lambda tx: tx.conn.execute(
                tables.slack_event.insert().values(event_id="e", seen_at=NOW.replace(tzinfo=None))
            ),
            now=NOW,
        )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("sqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql+asyncpg://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
    ],
)
def test_addresses_of_databases_are_understood(given, expected):
    assert normalise_url(given) == expected
    assert is_sqlite(given) == given.startswith("sqlite")


def test_the_sqlite_library_is_judged():
    assert sqlite_verdict().startswith("SQLite 3.")
