"""Long reads beside the desk's work: a connection, a thread and an event loop of their own.

A report reads a hundred thousand rows and counts for a second. On the desk's own loop, and on
SQLite behind its one connection, mail and pings would wait for that. What is read here is one
state of the database, and nothing can be written.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.db.engine import is_sqlite, normalise_url
from bot.db.sealed import Keys, with_keys

T = TypeVar("T")

AT_ONCE: Final = 2
"""So many long reads run at once in a process; the others wait for their turn."""

PATIENCE: Final = 60.0
"""Seconds a statement of such a read may take."""


class ReadApart:
    """Runs reads apart from everything else on the database at `url`."""

    def __init__(self, url: str, keys: Keys | None = None) -> None:
        """`keys` open what is sealed there."""
        self._url = normalise_url(url)
        self._keys = keys
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def read(self, fn: Callable[[Connection], T]) -> T:
        """Run `fn`, in a thread, in a read-only transaction; the language spoken stays."""
        async with self._turns:
            return await asyncio.to_thread(lambda: asyncio.run(_read(self._url, fn, self._keys)))


async def _read(url: str, fn: Callable[[Connection], T], keys: Keys | None) -> T:
    engine = _engine(url) if keys is None else with_keys(_engine(url), keys)
    try:
        async with engine.connect() as conn, conn.begin():
            return await conn.run_sync(fn)
    finally:
        await engine.dispose()


def _engine(url: str) -> AsyncEngine:
    if not is_sqlite(url):
        settings = {"timezone": "UTC", "default_transaction_read_only": "on"}
        arguments = {"command_timeout": PATIENCE, "server_settings": settings}
        return create_async_engine(
            url,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args=arguments,
        )
    engine = create_async_engine(
        _read_only(make_url(url)), poolclass=NullPool, hide_parameters=True
    )
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _read_only(url: URL) -> URL:
    """A connection that cannot write cannot checkpoint either (see `bot.db.engine`)."""
    return url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA trusted_schema=OFF")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
