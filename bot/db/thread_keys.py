"""The names under which conversations are known, and whose ticket each one leads to."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Insert

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.many import write_rows
from bot.db.unit import Tx
from bot.domain.inbound import bounded


def register_keys(tx: Tx, inbox_id: int, keys: Mapping[str, int]) -> None:
    """Let each key lead to its ticket from now on, whichever it led to before."""
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
    write_rows(tx.conn, _leading(tx.conn.dialect.name), rows)


@cache
def _leading(dialect: str) -> Insert:
    statement = upsert(dialect, tables.ticket_key)
    return statement.on_conflict_do_update(
        index_elements=["inbox_id", "key"],
        set_={
            "ticket_id": statement.excluded.ticket_id,
            "seen_at": statement.excluded.seen_at,
        },
    )
