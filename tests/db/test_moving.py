"""A desk moves from a SQLite file to a real PostgreSQL, with every row, and goes on there."""

import asyncio
import os
import shutil
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import create_engine, func, insert, select, text

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.runtime import schema
from bot.runtime.storage import moving
from bot.runtime.storage.moving import Move
from bot.runtime.storage.problem import StorageProblem
from bot.usecases.fire_due import fire_due
from bot.usecases.restored import broken_promises, put_back
from sandbox.past.seeding import seed_history
from tests.builders import NOW, a_desk, an_inbound, arrive, days
from tests.conftest import ROOT
from tests.databases import open_database
from tests.db.filled import fill_every_table
from tests.db.reading import count
from tests.db.reading import rows as table_rows
from tests.unit.cli.desk import threadline


@pytest.fixture
def full(tmp_path: Path, sqlite_template: Path) -> Path:
    """A file with rows in every table."""
    file = tmp_path / "full.db"
    shutil.copy(sqlite_template, file)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as conn:
        fill_every_table(conn)
        conn.execute(text("UPDATE ticket SET subject = 'nul' || char(0) || 'byte' WHERE id = 1"))
    engine.dispose()
    return file


@pytest.fixture
async def target(postgres_db_url: str) -> Any:
    database = open_database(postgres_db_url)
    yield database
    await database.close()


def _plain(url: str) -> str:
    return url.replace("+asyncpg", "")


def _move(file: Path, url: str, **changed: Any) -> Move:
    return Move(source=f"sqlite:///{file}", target=_plain(url), **changed)


def test_every_table_and_type_arrives_as_it_was(
    full: Path, postgres_db_url: str, tmp_path: Path
) -> None:
    before, keys = full.read_bytes(), asyncio.run(_keys(postgres_db_url))

    said = threadline(
        tmp_path, "migrate", "--from", f"sqlite:///{full}", "--to", _plain(postgres_db_url)
    )

    assert said.code == 0, said.err
    assert "THREADLINE_INSTANCE_KEY" in said.out
    assert "ticket (1)" in said.out
    assert full.read_bytes() == before
    assert asyncio.run(_keys(postgres_db_url)) == keys
    there = open_database(postgres_db_url)
    here = open_database(f"sqlite:///{full}")

    async def compare() -> None:
        for table in tables.metadata.sorted_tables:
            found, wanted = await table_rows(there, table), await table_rows(here, table)
            cleaned = [tuple(_without_nul(v) for v in row) for row in wanted]
            assert [tuple(row) for row in found] == cleaned, table.name
            assert len(found) == 2
        await schema.require_head(there)
        await there.close()
        await here.close()

    asyncio.run(compare())


async def _keys(url: str) -> Counter[str]:
    """Every key and index, as PostgreSQL writes them down."""
    connection = await asyncpg.connect(_plain(url))
    try:
        found = await connection.fetch(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
            "SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) "
            "FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    return Counter(each[0] for each in found)


def _without_nul(value: Any) -> Any:
    return value.replace("\x00", "") if isinstance(value, str) else value


async def test_an_interrupted_move_shuts_the_target_and_is_gone_on_with(
    full: Path, target: Database, postgres_db_url: str
) -> None:
    move = _move(full, postgres_db_url)
    told: list[str] = []

    def dies(name: str) -> None:
        told.append(name)
        if len(told) == 9:
            raise KeyboardInterrupt

    await moving.begin(move)
    with pytest.raises(KeyboardInterrupt):
        await moving.copy_tables(move, full, dies)
    with pytest.raises(schema.WrongSchema, match="--resume"):
        await schema.require_head(target)
    assert await moving.is_begun(move.target)

    done = await moving.copy_tables(move, full, told.append)
    await moving.finish(move, full, done)

    assert sum(each.before for each in done) == 8
    assert all(each.digest for each in done)
    assert {each.rows for each in done} == {2}
    await schema.require_head(target)
    assert not await moving.is_begun(move.target)


@pytest.mark.slow
async def test_a_target_with_a_desk_in_it_is_refused(
    full: Path, target: Database, postgres_db_url: str
) -> None:
    await arrive(target, a_desk(), an_inbound())

    with pytest.raises(StorageProblem, match="not empty"):
        await moving.begin(_move(full, postgres_db_url))

    await schema.require_head(target)


@pytest.mark.slow
async def test_a_row_that_changed_on_the_way_is_found(
    full: Path, target: Database, postgres_db_url: str
) -> None:
    move = _move(full, postgres_db_url)
    await moving.begin(move)
    await moving.copy_tables(move, full)
    await target.write(
        lambda tx: tx.conn.execute(text("UPDATE message SET body = body || ' ' WHERE id = 1")),
        now=NOW,
    )

    with pytest.raises(StorageProblem, match="message is not the same"):
        await moving.finish(move, full)

    with pytest.raises(schema.WrongSchema):
        await schema.require_head(target)


async def test_a_file_that_went_on_between_two_tries_is_found(
    full: Path, target: Database, postgres_db_url: str
) -> None:
    move = _move(full, postgres_db_url)
    await moving.begin(move)
    await moving.copy_tables(move, full)
    with closing(sqlite3.connect(full)) as desk:
        desk.execute("UPDATE customer SET handle = 'another' WHERE id = 1")
        desk.commit()
    again = await moving.copy_tables(move, full)

    with pytest.raises(StorageProblem, match="customer is not the same"):
        await moving.finish(move, full, again)

    with pytest.raises(schema.WrongSchema):
        await schema.require_head(target)


@pytest.mark.slow
async def test_rows_that_a_key_refuses_are_named_and_the_target_stays_shut(
    full: Path, target: Database, postgres_db_url: str
) -> None:
    with closing(sqlite3.connect(full)) as desk:
        desk.execute("UPDATE inbox SET name = 'x' || char(0) WHERE id = 1")
        desk.execute("UPDATE inbox SET name = 'x' WHERE id = 2")
        desk.commit()
    move = _move(full, postgres_db_url)
    await moving.begin(move)
    done = await moving.copy_tables(move, full)

    with pytest.raises(StorageProblem, match="Rows of inbox break uq_inbox"):
        await moving.finish(move, full, done)

    with pytest.raises(schema.WrongSchema):
        await schema.require_head(target)


@pytest.mark.slow
async def test_a_role_that_does_not_own_the_tables_gets_a_sentence(
    full: Path, postgres_db_url: str
) -> None:
    connection = await asyncpg.connect(_plain(postgres_db_url))
    role = f"mover_{os.getpid()}"
    await connection.execute(
        f"CREATE ROLE {role} LOGIN; GRANT ALL ON SCHEMA public TO {role};"
        f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
    )
    other = _plain(postgres_db_url).replace("//postgres:", f"//{role}:")
    try:
        with pytest.raises(StorageProblem, match="tables of another role"):
            await moving.begin(Move(source=f"sqlite:///{full}", target=other))
        assert not await moving.is_begun(other)
    finally:
        await connection.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
        await connection.close()


@pytest.mark.slow
async def test_a_value_that_postgresql_refuses_is_named_without_its_words(
    full: Path, postgres_db_url: str
) -> None:
    engine = create_engine(f"sqlite:///{full}")
    with engine.begin() as conn:
        conn.execute(text("UPDATE customer SET display_name = :name"), {"name": "Rossi " * 100})
    engine.dispose()
    move = _move(full, postgres_db_url)
    await moving.begin(move)

    with pytest.raises(StorageProblem, match="refuses a row of customer") as refused:
        await moving.copy_tables(move, full)

    assert "Rossi" not in str(refused.value)


def test_a_move_goes_one_way_only(full: Path, tmp_path: Path) -> None:
    said = threadline(
        tmp_path, "migrate", "--from", "postgresql://a@b.example/c", "--to", f"sqlite:///{full}"
    )

    assert said.code == 1
    assert "and not back" in said.err


@pytest.mark.slow
async def test_a_desk_goes_on_where_it_was(
    tmp_path: Path, sqlite_template: Path, target: Database, postgres_db_url: str
) -> None:
    file = tmp_path / "desk.db"
    shutil.copy(sqlite_template, file)
    here, desk = open_database(f"sqlite:///{file}"), a_desk()
    known = an_inbound()
    await arrive(here, desk, known)
    await here.close()
    move = _move(file, postgres_db_url)
    await moving.begin(move)
    await moving.copy_tables(move, file)
    await moving.finish(move, file)

    await arrive(target, desk, known, now=NOW)
    fired = await target.write(lambda tx: fire_due(tx, desk), now=NOW + days(2))
    new = await arrive(target, desk, an_inbound(sent_at=NOW + days(2)))

    assert fired is not None
    assert len(await table_rows(target, tables.message)) == 2
    assert new is not None
    pings = tables.ping.c
    assert await target.read(
        lambda conn: conn.scalar(select(func.count()).where(pings.fired_at.is_not(None)))
    )
    numbers = await target.read(
        lambda conn: list(
            conn.scalars(select(tables.ticket.c.number).order_by(tables.ticket.c.number))
        )
    )
    assert numbers == [1, 2]


@pytest.mark.postgres
async def test_what_another_tool_put_back_is_doubted_on_either_database(db: Database) -> None:
    await arrive(db, a_desk(), an_inbound())
    (ticket,) = await table_rows(db, tables.ticket)
    asked = {"ticket_id": ticket.id, "author": "U0ANNA", "client_key": "k", "state": "asked"}
    times = {"asked_at": NOW, "ends_at": NOW + days(7), "body": "x", "choices": "{}"}
    await db.write(
        lambda tx: tx.conn.execute(insert(tables.approval).values(id=1, **asked, **times)), now=NOW
    )

    found = await db.write(
        lambda tx: put_back(tx, copied_at=NOW, last_number=None), now=NOW + days(1)
    )

    assert found.last_number == 1000
    assert found.posts > 0
    assert await db.read(broken_promises) == []
    (waiting,) = await table_rows(db, tables.approval)
    assert waiting.ends_at == NOW + days(1)


@pytest.fixture
def past(tmp_path: Path, sqlite_template: Path) -> Path:
    file = tmp_path / "past.db"
    shutil.copy(sqlite_template, file)

    async def seed() -> None:
        database = open_database(f"sqlite:///{file}")
        await seed_history(database, a_desk(), Clock(start=NOW), days=20, seed=3)
        await database.close()

    asyncio.run(seed())
    return file


def _command(file: Path, url: str, *more: str) -> list[str]:
    return [
        *(sys.executable, "-m", "bot", "migrate", "--from", f"sqlite:///{file}"),
        *("--to", _plain(url), *more),
    ]


async def _asked(url: str, question: str) -> int:
    connection = await asyncpg.connect(_plain(url))
    try:
        with suppress(asyncpg.UndefinedTableError):
            return int(await connection.fetchval(question))
        return -1
    finally:
        await connection.close()


async def _tables_there(url: str) -> bool:
    return await _asked(url, "SELECT count(*) FROM threadline_move") >= 6


async def _keys_there(url: str) -> bool:
    return await _asked(url, "SELECT coalesce(min(place), 99) FROM threadline_move_later") >= 20


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("so_far", [_tables_there, _keys_there])
async def test_a_killed_move_is_gone_on_with_and_nothing_is_missing(
    past: Path, postgres_db_url: str, so_far: Callable[[str], Awaitable[bool]]
) -> None:
    keys = await _keys(postgres_db_url)
    child = await asyncio.create_subprocess_exec(
        *_command(past, postgres_db_url), cwd=ROOT, env={**os.environ, "COLUMNS": "200"}
    )
    while not await so_far(postgres_db_url):
        assert child.returncode is None
        await asyncio.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    await child.wait()
    assert await so_far(postgres_db_url)

    refused = await asyncio.create_subprocess_exec(*_command(past, postgres_db_url), cwd=ROOT)
    assert await refused.wait() == 1
    again = await asyncio.create_subprocess_exec(
        *_command(past, postgres_db_url, "--resume"), cwd=ROOT
    )
    assert await again.wait() == 0

    assert await _keys(postgres_db_url) == keys
    there, here = open_database(postgres_db_url), open_database(f"sqlite:///{past}")
    await schema.require_head(there)
    for table in tables.metadata.sorted_tables:
        assert await count(there, table) == await count(here, table), table.name
    assert await there.read(broken_promises) == []
    await there.close()
    await here.close()
