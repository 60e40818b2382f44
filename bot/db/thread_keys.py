"""The names under which conversations are known, and whose ticket each one leads to."""

from collections.abc import Mapping
from typing import Any

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.unit import Tx
from bot.domain.inbound import bounded


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
