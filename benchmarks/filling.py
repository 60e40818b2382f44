"""Large databases are filled by themselves, statement by statement, without what only costs time."""

import sqlite3
from collections.abc import Sequence

import asyncpg
from sqlalchemy import make_url

from bot.db.engine import is_sqlite


async def run_script(url: str, script: Sequence[str], *, tables: Sequence[str]) -> None:
    """Run the statements in an otherwise unused database; `tables` are then known to its planner."""
    if is_sqlite(url):
        _on_sqlite(make_url(url).database or "", script)
    else:
        await _on_postgres(url.replace("+asyncpg", ""), script, tables)


def _on_sqlite(path: str, script: Sequence[str]) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    connection.execute("BEGIN")
    for statement in script:
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


async def _on_postgres(url: str, script: Sequence[str], tables: Sequence[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        # The rows are right by construction; checking every reference takes minutes.
        await connection.execute("SET session_replication_role = replica")
        for statement in script:
            await connection.execute(statement)
        for table in tables:
            await connection.execute(f"VACUUM ANALYZE {table}")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()
