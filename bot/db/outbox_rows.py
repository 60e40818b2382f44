"""Writing effects into the outbox, inside the transaction that decided them."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Update, bindparam, update

from bot.db import tables
from bot.db.ids import new_id
from bot.db.inserts import insert_ignore
from bot.db.many import write_rows
from bot.db.types import literally
from bot.domain.effects import Effect


def insert_effects(conn: Connection, effects: Sequence[Effect], *, now: datetime) -> None:
    """Insert `effects`; one already there by its dedupe key is left alone, however far it got."""
    newest = {e.coalesce_key: e for e in effects if e.coalesce_key is not None}
    kept = [e for e in effects if e.coalesce_key is None or newest[e.coalesce_key] is e]
    if newest:
        conn.execute(_superseded(), {"keys": list(newest), "now": now})
    rows = [
        {
            "id": new_id(now),
            "dedupe_key": e.dedupe_key,
            "lane": e.lane,
            "lane_group": e.lane_group,
            "coalesce_key": e.coalesce_key,
            "kind": str(e.kind),
            "payload": e.payload,
            "priority": int(e.priority),
            "not_before": e.not_before or now,
            "state": "ready",
            "created_at": now,
        }
        for e in kept
    ]
    write_rows(conn, insert_ignore(conn, tables.outbox), rows)


@cache
def _superseded() -> Update:
    box = tables.outbox.c
    return (
        update(tables.outbox)
        .where(
            box.coalesce_key.in_(bindparam("keys", expanding=True)), literally(box.state, "ready")
        )
        .values(
            state="superseded",
            settled_at=bindparam("now"),
            last_error="a newer one replaced it",
        )
    )
