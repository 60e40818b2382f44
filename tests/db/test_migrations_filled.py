"""Every migration, taken back and made again over a desk with ten thousand tickets."""

import asyncio
from collections.abc import Mapping

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, inspect, text

from benchmarks.figures_past import Copy, a_week, bench_desk, copy_weeks
from bot.db import tables
from bot.db.unit import Tx
from tests.builders import NOW
from tests.conftest import ROOT
from tests.databases import open_database
from tests.db.filled import fill_every_table

TICKETS = 10_000

Held = Mapping[tuple[str, str], tuple[int, int, str | None, str | None]]
"""By table and column: rows, rows with a value, the least and the greatest of them."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


@pytest.fixture
def postgres_emptied_url(postgres_db_url: str) -> str:
    """One of its own: here the tables change."""
    return postgres_db_url


@pytest.mark.postgres
def test_each_migration_goes_down_and_up_over_a_filled_desk(db_url: str) -> None:
    asyncio.run(_fill(db_url))
    config = Config(ROOT / "alembic.ini")
    config.attributes["url"] = db_url
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())
    whole = asyncio.run(_held(db_url))

    for revision in revisions:
        command.downgrade(config, "-1")
        less = asyncio.run(_held(db_url))
        assert _of(whole, less) == _of(less, whole), revision.revision
        command.upgrade(config, "+1")
        again = asyncio.run(_held(db_url))
        assert again.keys() == whole.keys(), revision.revision
        assert _of(again, less) == _of(whole, less), revision.revision
        command.downgrade(config, "-1")
        whole = less

    assert {table for table, _ in asyncio.run(_held(db_url))} == {"alembic_version"}
    command.upgrade(config, "head")
    command.check(config)


async def _fill(url: str) -> None:
    tickets = await a_week(url, bench_desk())
    copies = TICKETS // tickets
    await copy_weeks(url, tickets, [Copy(number=n + 1, weeks=n, whole=True) for n in range(copies)])
    database = open_database(url)
    try:
        await database.write(_fill_what_has_no_past, now=NOW)
    finally:
        await database.close()


def _fill_what_has_no_past(tx: Tx) -> None:
    fill_every_table(tx.conn, 10 * TICKETS)
    # A desk with keys keeps their table, and the way back ends there: on purpose.
    tx.conn.execute(delete(tables.data_key))
    # Order data that a version before its seal would show as empty goes with the seal: the same.
    context = tables.ticket_context
    tx.conn.execute(delete(context).where(context.c.sealed.is_not(None)))


async def _held(url: str) -> Held:
    database = open_database(url)
    try:
        return await database.read(_looked)
    finally:
        await database.close()


def _looked(conn: Connection) -> Held:
    found: dict[tuple[str, str], tuple[int, int, str | None, str | None]] = {}
    schema = inspect(conn)
    shape = 'quote("{}")' if conn.dialect.name == "sqlite" else 'CAST("{}" AS text)'
    for table in schema.get_table_names():
        columns = [column["name"] for column in schema.get_columns(table)]
        values = [shape.format(column) for column in columns]
        asked = ", ".join(f"count({each}), min({each}), max({each})" for each in values)
        rows, *told = conn.execute(text(f'SELECT count(*), {asked} FROM "{table}"')).one()
        for column, place in zip(columns, range(0, len(told), 3), strict=True):
            found[table, column] = (rows, *told[place : place + 3])
    return found


def _of(held: Held, other: Held) -> Held:
    """What is held in columns that the other has as well. The version is another one by design."""
    return {key: held[key] for key in held if key in other and key[0] != "alembic_version"}
