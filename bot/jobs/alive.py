"""Says that this process works, and tells of the time in which none did."""

from collections.abc import Callable, Collection
from typing import Final

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.tick import LONGEST_SLEEP
from bot.usecases.downtime import Patience, is_away_noted, say_alive, tell_downtime

log = structlog.get_logger(__name__)

SAY_SECONDS: Final = 45.0
"""Real seconds between two words: about every minute one is written."""

ABSENCE_SECONDS: Final = 300.0
"""Real seconds without a word that are an absence. A restart or an update is shorter."""

LONGEST_SECONDS: Final = 900.0
"""Real seconds a summary waits for an inbox that cannot be read."""


class AliveWatch:
    """`inboxes` are those this process reads."""

    def __init__(
        self,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        inboxes: Collection[str],
    ) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._inboxes = tuple(inboxes)
        self._since = clock.now()
        self._said: float | None = None
        self._patience = Patience(
            absence=clock.real(ABSENCE_SECONDS),
            longest=clock.real(LONGEST_SECONDS),
            settle=clock.real(2 * LONGEST_SLEEP),
        )

    async def look(self) -> None:
        """Say it if it is time to, and tell of an absence that is caught up with."""
        now, steady = self._clock.now(), self._clock.monotonic()
        if self._said is None or steady - self._said >= SAY_SECONDS:
            away = await self._db.write(
                lambda tx: say_alive(tx, self._since, self._patience), now=now
            )
            self._said = steady
            if away is not None:
                seconds = round(away / self._clock.real(1.0))
                log.warning("desk.was_away", seconds=seconds)
        if not await self._db.read(is_away_noted, urgent=False):
            return
        desk = self._desk()
        names = [name for name in self._inboxes if name in desk.inboxes]
        told = await self._db.write(lambda tx: tell_downtime(tx, names, self._patience), now=now)
        if told:
            log.info("desk.absence_told")
