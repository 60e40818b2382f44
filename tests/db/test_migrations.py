import asyncio
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import bindparam, inspect, text

from bot.db import tables
from bot.db.engine import create_engine
from bot.db.types import UtcDateTime
from bot.db.unit import Database
from bot.runtime.schema import heads
from bot.usecases.clocks import replan
from tests.builders import NOW, a_desk, an_inbound, arrive, hours, prepare
from tests.conftest import ROOT, migrate
from tests.db.reading import rows


@pytest.fixture
def postgres_emptied_url(postgres_db_url):
    """One of its own for each test: here the tables change."""
    return postgres_db_url


@pytest.fixture
def config(db_url):
    found = Config(ROOT / "alembic.ini")
    found.attributes["url"] = db_url
    return found


async def names(url):
    engine = create_engine(url)
    try:
        async with engine.connect() as conn:
            return set(await conn.run_sync(lambda sync: inspect(sync).get_table_names()))
    finally:
        await engine.dispose()


@pytest.mark.postgres
def test_the_models_are_what_the_migrations_make(config):
    command.check(config)


@pytest.mark.postgres
def test_migrations_go_up_and_down_and_up(db_url, config):
    expected = set(tables.metadata.tables) | {"alembic_version"}
    assert asyncio.run(names(db_url)) == expected
    migrate(db_url, "base")
    assert asyncio.run(names(db_url)) == {"alembic_version"}
    migrate(db_url)
    assert asyncio.run(names(db_url)) == expected
    command.check(config)


@pytest.mark.postgres
async def test_every_table_of_the_models_has_its_indexes_and_unique_keys(db):
    def unique_keys(conn):
        found = inspect(conn)
        return {
            name: {tuple(each["column_names"]) for each in found.get_unique_constraints(name)}
            for name in tables.metadata.tables
        }

    keys = await db.read(unique_keys)
    assert ("inbox_id", "external_id") in keys["message"]
    assert ("ticket_id", "client_key") in keys["message"]
    assert ("inbox_id", "source_id") in keys["raw_inbound"]
    assert ("ticket_id", "metric", "scope", "instance") in keys["deadline"]
    assert ("deadline_id", "step") in keys["ping"]
    assert ("dedupe_key",) in keys["outbox"]
    assert ("inbox_id", "external_thread") in keys["ticket"]


def test_upgrade_reads_the_address_from_the_environment(tmp_path):
    path = tmp_path / "new.db"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}"}
    subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    with sqlite3.connect(path) as opened:
        assert opened.execute("SELECT version_num FROM alembic_version").fetchall()
    opened.close()


KILLED = """
import os, sys
from alembic import command, op
from alembic.config import Config

url, revision, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])

def dying(change):
    def change_or_die(*args, **kwargs):
        global steps
        if steps == 0:
            os._exit(9)
        steps -= 1
        return change(*args, **kwargs)
    return change_or_die

for name in ("create_table", "create_index", "add_column"):
    setattr(op, name, dying(getattr(op, name)))
config = Config("alembic.ini")
config.attributes["url"] = url
command.upgrade(config, revision)
"""


def killed_on_the_way(url, revision, steps):
    """An upgrade whose process dies before its change number `steps`."""
    died = subprocess.run(
        [sys.executable, "-c", KILLED, url, revision, str(steps)],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert died.returncode == 9, died.stderr


def schema_of(path):
    """Every table, column and index there is, and the revision that the database says it has."""
    with closing(sqlite3.connect(path)) as opened:
        made = opened.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        applied = opened.execute("SELECT version_num FROM alembic_version").fetchall()
    return [row for row in made if "alembic_version" not in row[0]], applied


@pytest.mark.parametrize("steps", [1, 12, 20])
def test_the_first_migration_killed_half_way_leaves_nothing_and_runs_again(tmp_path, steps):
    path = tmp_path / "killed.db"
    url = f"sqlite:///{path}"
    killed_on_the_way(url, "0001", steps)
    with closing(sqlite3.connect(path)) as opened:
        found = opened.execute("SELECT name FROM sqlite_master WHERE type='table'")
        left = {row[0] for row in found}
    assert left <= {"alembic_version"}
    migrate(url)
    assert schema_of(path)[1] == newest()


@pytest.mark.parametrize("steps", [1, 9, 11])
def test_a_later_migration_killed_half_way_leaves_what_was_before_it(tmp_path, steps):
    path = tmp_path / "killed.db"
    url = f"sqlite:///{path}"
    migrate(url, "0001")
    before = schema_of(path)
    killed_on_the_way(url, "0002", steps)
    assert schema_of(path) == before
    migrate(url)
    assert schema_of(path)[1] == newest()


def newest():
    return [(revision,) for revision in heads()]


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_each_migration_can_be_taken_back_and_made_again(tmp_path, revision):
    path = tmp_path / "again.db"
    url = f"sqlite:///{path}"
    migrate(url, revision)
    before = schema_of(path)
    migrate(url, "base")
    migrate(url, revision)
    assert schema_of(path) == before


@pytest.mark.postgres
async def test_a_process_of_before_goes_on_writing_beside_the_new_schema(db):
    """It names no column that it does not know; each has a default or may be empty."""
    await prepare(db, a_desk())
    inbox_id = (await rows(db, tables.inbox))[0].id
    values = {
        "id": 1,
        "number": 1,
        "inbox_id": inbox_id,
        "external_thread": "old",
        "subject": "old",
        "kind": "message",
        "stage": "unknown",
        "risk": "normal",
        "state": "open",
        "card_stage": "calm",
        "opened_at": NOW,
        "updated_at": NOW,
    }
    columns = ", ".join(values)
    names_ = ", ".join(f":{name}" for name in values)
    statement = text(f"INSERT INTO ticket ({columns}) VALUES ({names_})").bindparams(
        bindparam("opened_at", type_=UtcDateTime), bindparam("updated_at", type_=UtcDateTime)
    )

    await db.write(lambda tx: tx.conn.execute(statement, values), now=NOW)

    (row,) = await rows(db, tables.ticket)
    assert (row.topic, row.marketplace, row.policy_version) == ("other", "", None)


@pytest.mark.postgres
async def test_tickets_of_before_there_were_versions_survive_and_are_frozen_once(db_url, config):
    desk = a_desk()
    db = Database(create_engine(db_url))
    await arrive(db, desk, an_inbound(), now=NOW)
    before = await rows(db, tables.deadline)
    await db.close()
    await asyncio.to_thread(command.downgrade, config, "0001")
    await asyncio.to_thread(command.upgrade, config, "head")
    db = Database(create_engine(db_url))
    (row,) = await rows(db, tables.ticket)
    assert row.policy_version is None

    await prepare(db, desk)
    await db.write(lambda tx: replan(tx, desk, [row.id]), now=NOW + hours(1))

    (row,) = await rows(db, tables.ticket)
    assert row.policy_version == before[0].policy_version
    assert await rows(db, tables.deadline) == before
    await db.close()


@pytest.mark.postgres
async def test_a_migrated_database_works(db):
    assert (await arrive(db, a_desk(), an_inbound(), now=NOW)).opened == 1


async def test_sqlite_keeps_what_it_committed_and_checks_references(sqlite_url):
    db = Database(create_engine(sqlite_url))

    async def pragma(name):
        return await db.read(lambda conn: conn.scalar(text(f"PRAGMA {name}")))

    assert await pragma("journal_mode") == "wal"
    assert await pragma("synchronous") == 2  # FULL
    assert await pragma("foreign_keys") == 1
    assert await pragma("secure_delete") == 1
    await db.close()
