"""Slack delivers an event again when it is not sure; we act on the first only."""

from bot.db.seen_rows import is_new
from bot.slack.handlers.wiring import Wiring


async def is_first(wiring: Wiring, event_id: str) -> bool:
    """Keep `event_id`; False when it was kept before. Kept before anything is done about it."""
    return await wiring.db.write(lambda tx: is_new(tx, event_id), now=wiring.now(), urgent=True)
