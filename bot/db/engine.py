"""How connections are opened: the pragmas and limits that make the promises of unit.py true."""

import sqlite3
from typing import Any

from sqlalchemy import Connection, ExceptionContext, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from bot.db.one_hop import OneHopConnection

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=5000",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)

CONNECT_SECONDS = 10
"""How long PostgreSQL may take to let us in."""


OVERFLOW = 3
"""Connections beyond the pool for a busy moment. PostgreSQL takes a hundred unless it is told
otherwise; a dozen processes then have room."""


def normalise_url(url: str) -> str:
    """Accept `sqlite:///file`, `postgres://…` and `postgresql://…`; return the async driver's form."""
    parsed = make_url(url)
    driver = {"sqlite": "sqlite+aiosqlite", "postgres": "postgresql+asyncpg"}
    driver["postgresql"] = driver["postgres"]
    return parsed.set(drivername=driver.get(parsed.drivername, parsed.drivername)).render_as_string(
        hide_password=False
    )


def is_sqlite(url: str) -> bool:
    """Whether this is the one-process kind of installation."""
    return make_url(url).get_backend_name() == "sqlite"


def create_engine(
    url: str, *, pool_size: int = 5, command_timeout: float | None = 10
) -> AsyncEngine:
    """An engine with our rules. SQLite gets exactly one connection: one writer, no surprises.

    SQLite before 3.51.3 can lose commits when two connections checkpoint at once; one connection
    also makes every transaction see the last one. `hide_parameters` keeps customer text out of
    error messages. `command_timeout` is in seconds: without one, a commit into a dead network
    hangs for ever; only migrations may take longer.
    """
    url = normalise_url(url)
    if is_sqlite(url):
        engine = create_async_engine(
            url,
            poolclass=AsyncAdaptedQueuePool,
            pool_size=1,
            max_overflow=0,
            hide_parameters=True,
            connect_args={"timeout": 5.0, "async_creator_fn": OneHopConnection},
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=OVERFLOW,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "timeout": CONNECT_SECONDS,
            "command_timeout": command_timeout,
            "server_settings": {
                "lock_timeout": "3000",
                "idle_in_transaction_session_timeout": "30000",
                "timezone": "UTC",
            },
        },
    )
    event.listen(engine.sync_engine, "handle_error", _distrust_after_a_timeout)
    return engine


def _distrust_after_a_timeout(context: ExceptionContext) -> None:
    # The driver's own TimeoutError is no error of a database to SQLAlchemy, which would go on with
    # the connection, and with all others of the pool, into the same dead network.
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN comes too late (before the first write only) and loses updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in SQLITE_PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("threadline_read", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def sqlite_takes_two_writers() -> bool:
    """Whether this SQLite library keeps every commit when a second process writes (fixed in 3.51.3)."""
    return sqlite3.sqlite_version_info >= (3, 51, 3) or sqlite3.sqlite_version_info[:2] in {
        (3, 50),
        (3, 44),
    }


def sqlite_verdict() -> str:
    """One line about the SQLite library in use, for `doctor`."""
    version = sqlite3.sqlite_version
    alone = "fine with one process: keep other writers away from the file"
    return f"SQLite {version}: {'fine' if sqlite_takes_two_writers() else alone}"
