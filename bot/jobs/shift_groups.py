"""Look every few seconds whether who is on shift changed, where user groups follow it."""

from collections.abc import Callable

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.shift_groups import changed_groups, follow_shifts, has_groups

log = structlog.get_logger(__name__)


class GroupWatch:
    """Has user groups changed. Any number of processes may look at once."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """Look once; nothing is written while nothing changed."""
        desk, now = self._desk(), self._clock.now()
        if not has_groups(desk):
            return
        if await self._db.read(lambda conn: changed_groups(conn, desk, now), urgent=False):
            changed = await self._db.write(lambda tx: follow_shifts(tx, desk), now=now)
            log.info("shift_groups.changed", groups=changed)
