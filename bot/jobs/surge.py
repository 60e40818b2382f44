"""Look every few seconds whether more waits for Slack than Slack takes."""

from collections.abc import Callable

from bot.clock import Clock
from bot.db.surge_rows import rank_roots
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.usecases.surge import is_stormy, new_ranks, watch_surge


class SurgeWatch:
    """Begins and ends storms. Any number of processes may look at once."""

    def __init__(self, db: Database, desk: Callable[[], Desk], clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock

    async def look(self) -> None:
        """Bring the storms up to date, where there is one to begin or to go on with.

        What waits for its card is ranked by the urgency of this moment.
        """
        desk, now = self._desk(), self._clock.now()
        if not await self._db.read(lambda conn: is_stormy(conn, desk, now), urgent=False):
            return
        await self._db.write(lambda tx: watch_surge(tx, desk), now=now)
        ranks = await self._db.read(lambda conn: new_ranks(conn, now), urgent=False)
        if ranks:
            await self._db.write(lambda tx: rank_roots(tx.conn, ranks), now=now)
