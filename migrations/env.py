"""Runs migrations with the desk's own engine, each in one transaction on both databases.

SQLite would otherwise commit half of a migration when the process dies in the middle of it.
"""

import asyncio
import os
from typing import Any

from alembic import context
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db.engine import create_engine
from bot.db.tables import metadata
from bot.settings import Environment


def _url() -> str:
    given = context.config.attributes.get("url") or os.environ.get("DATABASE_URL")
    return str(given or Environment.model_fields["database_url"].default)


def _engine() -> AsyncEngine:
    engine = create_engine(_url(), command_timeout=None)
    if engine.dialect.name == "sqlite":
        event.listen(engine.sync_engine, "connect", _without_foreign_keys)
    return engine


def _without_foreign_keys(connection: Any, _record: Any) -> None:
    # SQLite changes a table by copying and dropping it, which must not cascade.
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        transactional_ddl=True,
        transaction_per_migration=True,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=False,
    )
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = _engine()
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_migrate)
    finally:
        await engine.dispose()


def _offline() -> None:
    context.configure(url=_url(), target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    _offline()
elif (given := context.config.attributes.get("connection")) is not None:
    _migrate(given)
else:
    asyncio.run(_online())
