"""The desk's databases as tests open them: its own engine and rules, without what only costs time.

Nobody pulls this machine's plug, so nothing waits for the disk: what is tested is our transactions.
And a process knows a statement's SQL once, as the desk does in its long life, though a test's
database is new.
"""

import asyncio
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import Dialect, event
from sqlalchemy import create_engine as sync_engine
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database

_known: dict[str, Dialect] = {}
"""One dialect a driver, as its first connection found the server: SQL is remembered by dialect."""
_sql: dict[Any, Any] = {}


def open_engine(url: str) -> AsyncEngine:
    """An engine for a database that lives no longer than a test."""
    opened = create_engine(url)
    engine = opened.sync_engine
    engine.update_execution_options(compiled_cache=_sql)
    engine.dialect = _known.get(engine.driver, engine.dialect)

    def connected(connection: Any, _record: Any) -> None:
        _known.setdefault(engine.driver, engine.dialect)
        if engine.name == "sqlite":
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

    event.listen(engine, "connect", connected)
    return opened


def open_database(url: str) -> Database:
    """The desk's database at `url`, for a test."""
    return Database(open_engine(url))


def new_file(path: Path) -> str:
    """Make an empty SQLite database with the desk's tables; returns its URL."""
    path.write_bytes(_tables())
    return f"sqlite:///{path}"


_EMPTY = """
DO $$
DECLARE filled regclass;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR filled IN SELECT oid FROM pg_class WHERE relkind = 'r'
    AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
  LOOP
    EXECUTE 'DELETE FROM ' || filled;
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S';
END $$
"""


class ReusedPostgres:
    """One migrated PostgreSQL database for many tests: emptying it is far cheaper than a new one.

    Not for tests that change its tables, or ask the planner, who remembers.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._connection = self._loop.run_until_complete(asyncpg.connect(url))

    def emptied(self) -> str:
        """The database's URL, after whoever was still connected is gone and every row with them."""
        for statement in (_EMPTY, f"VACUUM {', '.join(tables.metadata.tables)}"):
            self._loop.run_until_complete(self._connection.execute(statement))
        return self._url

    def close(self) -> None:
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()


@cache
def _tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "tables.db"
        engine = sync_engine(f"sqlite:///{file}")
        tables.metadata.create_all(engine)
        engine.dispose()
        return file.read_bytes()
