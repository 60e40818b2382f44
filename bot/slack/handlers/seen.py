"""Slack delivers an event again when it is not sure; we act on the first only."""

from bot.db import tables
from bot.db.inserts import insert_ignore
from bot.db.unit import Tx
from bot.slack.handlers.wiring import Wiring


async def is_first(wiring: Wiring, event_id: str) -> bool:
    """Keep `event_id`; False when it was kept before. Kept before anything is done about it."""

    def keep(tx: Tx) -> bool:
        statement = insert_ignore(tx.conn, tables.slack_event)
        row = {"event_id": event_id[:80], "seen_at": tx.now}
        return tx.conn.execute(statement.values(row)).rowcount == 1

    return await wiring.db.write(keep, now=wiring.now(), urgent=True)
