"""Forecast once an hour which deadlines will be missed. Nobody is told: it is there to be looked at."""

import asyncio
from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.forecast import foreseen, is_due, keep, outlook_of

log = structlog.get_logger(__name__)


class ForecastWatch:
    """Makes forecasts. Any number of processes may look at once; one keeps that of an hour."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """Make the forecast of this hour, where there is none."""
        desk, now = self._desk(), self._clock.now()
        if not await self._db.read(lambda conn: is_due(conn, now), urgent=False):
            return
        outlook, roster = await self._db.read(
            lambda conn: outlook_of(conn, desk, now), urgent=False
        )
        # Slow for a large queue: neither in the loop nor in a transaction.
        found = await asyncio.to_thread(foreseen, outlook, roster)
        if await self._db.write(lambda tx: keep(tx, found), now=now):
            log.info("forecast.made", tickets=len(outlook.tickets), missed=len(found))
