import os
import sqlite3
import subprocess
import sys

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

from bot.db import tables
from bot.db.engine import create_engine
from tests.builders import NOW, a_desk, an_inbound, arrive
from tests.conftest import ROOT, migrate


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
    import asyncio  # noqa: PLC0415

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

steps = int(sys.argv[2])
create = op.create_table

def create_or_die(*args, **kwargs):
    global steps
    if steps == 0:
        os._exit(9)
    steps -= 1
    return create(*args, **kwargs)

op.create_table = create_or_die
config = Config("alembic.ini")
config.attributes["url"] = sys.argv[1]
command.upgrade(config, "head")
"""


@pytest.mark.parametrize("steps", [1, 5, 11])
def test_a_migration_killed_half_way_leaves_nothing_and_runs_again(tmp_path, steps):
    path = tmp_path / "killed.db"
    url = f"sqlite:///{path}"
    died = subprocess.run(
        [sys.executable, "-c", KILLED, url, str(steps)], cwd=ROOT, check=False, capture_output=True
    )
    assert died.returncode == 9, died.stderr
    opened = sqlite3.connect(path)
    left = {row[0] for row in opened.execute("SELECT name FROM sqlite_master WHERE type='table'")}
    opened.close()
    assert left <= {"alembic_version"}
    migrate(url)
    opened = sqlite3.connect(path)
    assert opened.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    opened.close()


@pytest.mark.postgres
async def test_a_migrated_database_works(db):
    assert (await arrive(db, a_desk(), an_inbound(), now=NOW)).opened == 1


async def test_sqlite_keeps_what_it_committed_and_checks_references(sqlite_db):
    async def pragma(name):
        return await sqlite_db.read(lambda conn: conn.scalar(text(f"PRAGMA {name}")))

    assert await pragma("journal_mode") == "wal"
    assert await pragma("synchronous") == 2  # FULL
    assert await pragma("foreign_keys") == 1
    assert await pragma("secure_delete") == 1
