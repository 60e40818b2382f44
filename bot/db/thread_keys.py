"""The names under which conversations are known, and whose ticket each one leads to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import Insert as PgInsert
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from bot.db import tables
from bot.db.unit import Tx
from bot.domain.inbound import bounded


def upsert(dialect: str, table: Table) -> PgInsert | SqliteInsert:
    """An insert that can say `on_conflict_do_update`, in a dialect given by name."""
    return pg_insert(table) if dialect == "postgresql" else sqlite_insert(table)


def register_keys(tx: Tx, inbox_id: int, keys: Mapping[str, int]) -> None:
    """Let each key lead to its ticket from now on, whichever it led to before."""
    if not keys:
        return
    rows: list[dict[str, Any]] = [
        {
            "id": tx.new_id(),
            "inbox_id": inbox_id,
            "key": bounded(key),
            "ticket_id": ticket_id,
            "seen_at": tx.now,
        }
        for key, ticket_id in sorted(keys.items())
    ]
    statement = upsert(tx.conn.dialect.name, tables.ticket_key)
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["inbox_id", "key"],
            set_={
                "ticket_id": statement.excluded.ticket_id,
                "seen_at": statement.excluded.seen_at,
            },
        ),
        rows,
    )
