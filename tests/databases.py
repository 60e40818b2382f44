"""The desk's databases as tests open them: its own engine and rules, without what only costs time.

Nobody pulls this machine's plug, so nothing waits for the disk: what is tested is our transactions.
And a process knows a statement's SQL once, as the desk does in its long life, though a test's
database is new.
"""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable, Generator
from functools import cache, partial
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
from sqlalchemy import Dialect, event
from sqlalchemy import create_engine as sync_engine
from sqlalchemy.ext.asyncio import AsyncEngine
from typing_extensions import override

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

    def connecting(_dialect: Any, _record: Any, _given: Any, options: dict[str, Any]) -> None:
        if engine.name == "sqlite":
            options["async_creator_fn"] = _Threadless

    event.listen(engine, "do_connect", connecting)
    event.listen(engine, "connect", connected)
    return opened


class _AtOnce:
    """Does what the driver would hand to its thread."""

    def put_nowait(self, job: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, work = job
        outcome: Callable[[asyncio.Future[Any]], None]
        try:
            outcome = partial(_done, result=work())
        except BaseException as exc:  # noqa: BLE001 - whoever waits is told, whatever it is
            outcome = partial(_failed, error=exc)
        if future is not None:
            future.get_loop().call_soon(outcome, future)


def _done(future: asyncio.Future[Any], *, result: Any) -> None:
    if not future.done():
        future.set_result(result)


def _failed(future: asyncio.Future[Any], *, error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)


class _Threadless(aiosqlite.Connection):
    """The driver without its thread: handing a statement over costs more than the statement.

    After each statement others have a turn, as they have while the thread is at work. But who waits
    for a lock keeps whoever holds it from letting go: tests of locks open their engines themselves.
    """

    def __init__(self, file: str, **options: Any) -> None:
        super().__init__(partial(sqlite3.connect, file, **options), iter_chunk_size=64)
        self._tx = _AtOnce()  # type: ignore[assignment]

    @override
    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()


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
