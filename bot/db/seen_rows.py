"""What was acted on before: Slack delivers an event again when it is not sure."""

from typing import Final

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.unit import Tx

SIGNED: Final = "signed:"
"""Before signatures of Slack's: they are good for five minutes, and need not be known for long."""

_KEY_LIMIT = 80


def is_new(tx: Tx, key: str) -> bool:
    """Keep `key`; False when it was kept before."""
    statement = insert_ignore(tx.conn, tables.slack_event)
    row = {"event_id": key[:_KEY_LIMIT], "seen_at": tx.now}
    return tx.conn.execute(statement.values(row)).rowcount == 1
