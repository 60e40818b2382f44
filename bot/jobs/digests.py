"""Look once a minute whether a digest is due."""

from collections.abc import Callable

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.digests import decide_digests, undecided


class DigestWatch:
    """Decides digests. Any number of processes may look at once."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """Decide what is due and was not decided yet."""
        desk, now = self._desk(), self._clock.now()
        if await self._db.read(lambda conn: undecided(conn, desk, now), urgent=False):
            await self._db.write(lambda tx: decide_digests(tx, desk), now=now)
