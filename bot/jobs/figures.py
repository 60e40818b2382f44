"""Measure what changed, so that a report has little left to do."""

from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.figures import catch_up

log = structlog.get_logger(__name__)


class FigureWatch:
    """Measures tickets. Any number of processes may do so at once."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """Measure every ticket that changed."""
        count = await catch_up(self._db, self._desk(), self._clock)
        if count:
            log.debug("figures.measured", tickets=count)
