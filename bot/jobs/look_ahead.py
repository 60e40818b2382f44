"""Looks ahead before shifts end, every few seconds; nothing is written while no shift ends soon."""

from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.db.routing_rows import with_absences
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.look_ahead import leaving, look_ahead

log = structlog.get_logger(__name__)


class LookAhead:
    """Tells channels what breaches before anybody is on shift again."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """Look once."""
        desk, now = self._desk(), self._clock.now()
        if not desk.roster.shifts:
            return
        here = await self._db.read(lambda conn: with_absences(conn, desk, now), urgent=False)
        if not any(leaving(desk, here.roster, now)):
            return
        told = await self._db.write(lambda tx: look_ahead(tx, desk), now=now)
        if told:
            log.info("shift.looked_ahead", channels=told)
