"""Slack's signed requests, as all processes of a desk know them: each is acted on once.

A signature is good for five minutes wherever it is shown. What one process took, another one, or
the same after a restart, would take again; so each is a row before anything is done about it.
"""

import asyncio
from collections import Counter
from functools import partial
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db.seen_rows import SIGNED, is_new
from bot.db.unit import Database
from bot.web.guard import Refusal

PATIENCE: Final = 2.0
"""Real seconds for that. Slack waits three; who is told at once that it did not work presses again."""

log = structlog.get_logger(__name__)


class SlackCalls:
    """`refused` counts requests that were turned away, by why, since the process began."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.refused: Counter[str] = Counter(dict.fromkeys((r.name.lower() for r in Refusal), 0))

    def count(self, refusal: Refusal) -> None:
        """Count one that is turned away."""
        self.refused[refusal.name.lower()] += 1

    async def refuse(self, signature: str) -> Refusal | None:
        """Why a request that is rightly signed must not be acted on, or None; it is known from now on.

        Where that cannot be kept, nothing is done either: what is not known to be the first could
        be the second.
        """
        keep = partial(is_new, key=f"{SIGNED}{signature}")
        try:
            async with asyncio.timeout(PATIENCE):
                first = await self._database.write(keep, now=self._clock.now(), urgent=True)
        except (SQLAlchemyError, OSError, TimeoutError) as exc:
            log.warning("slack.call_not_kept", error=type(exc).__name__)
            return Refusal.NOT_NOW
        return None if first else Refusal.REPLAYED
