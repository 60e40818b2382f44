"""Keeps the chain over the history up to date, and notes its end where nobody can change it."""

from datetime import date

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.chain import ChainKey
from bot.usecases.history import BATCH, head_now, seal_history, tell_head

log = structlog.get_logger(__name__)

SECONDS = 10.0
"""Real seconds between two looks: for so long an event of the moment can be changed unseen."""


class HistoryWatch:
    """Seals new events. Any number of processes may do so at once."""

    def __init__(self, db: Database, clock: Clock, key: ChainKey) -> None:
        self._db = db
        self._clock = clock
        self._key = key
        self._noted: date | None = None

    async def look(self) -> None:
        """Seal what is not sealed yet; once a day note where the chain ends."""
        while await self._seal() == BATCH:
            pass
        today = self._clock.now().date()
        if today != self._noted:
            await self._note()
            self._noted = today

    async def _seal(self) -> int:
        return await self._db.write(lambda tx: seal_history(tx, self._key), now=self._clock.now())

    async def _note(self) -> None:
        head = await self._db.read(head_now, urgent=False)
        if head is None:
            return
        log.info("history.head", head=head)
        await self._db.write(lambda tx: tell_head(tx, head), now=self._clock.now())
