"""Brings every sealed value under the newest data key, and plain ones of earlier versions too."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import structlog

from bot.clock import Clock
from bot.db.key_rows import SPOTS, Spot, Step, data_keys, note_moved, seal_batch
from bot.db.unit import Database
from bot.runtime.key_ring import KeyRing

log = structlog.get_logger(__name__)

SECONDS: Final = 60.0
"""Real seconds between two looks: for so long a process may seal by a key that was retired."""

SETTLED: Final = timedelta(minutes=10)
"""Until a data key is so old, another process may still seal by the one before it."""

_PAUSE: Final = 0.02
"""Real seconds between two batches: whoever waits for the database comes in between."""


class KeyChore:
    """Learns keys that another process made, and seals again what is not under the newest one."""

    def __init__(self, db: Database, clock: Clock, ring: KeyRing) -> None:
        self._db = db
        self._clock = clock
        self._ring = ring

    async def look(self) -> None:
        """Go on until nothing is left; once that is certain, it is noted and not looked again."""
        await self._db.read(self._ring.load, urgent=False)
        keys = await self._db.read(data_keys, urgent=False)
        newest = next((each for each in keys if each.kid == self._ring.newest), None)
        if newest is None or newest.moved_at is not None:
            return
        done = await self.walk()
        if done.sealed:
            log.info("keys.sealed", values=done.sealed, shut=done.shut)
        if self._clock.now() - newest.created_at > SETTLED:
            await self.finish()

    async def walk(
        self,
        spots: Sequence[Spot] = SPOTS,
        told: Callable[[Spot, Step], None] = lambda _spot, _step: None,
    ) -> Step:
        """Seal what is not under the newest key, a batch at a time; `told` hears of each batch."""
        whole, kid = Step(), self._ring.newest
        if kid is None:
            return whole
        for spot in spots:
            batch = partial(seal_batch, spot=spot, kid=kid)
            while True:
                step = await self._db.write(batch, now=self._clock.now())
                told(spot, step)
                whole += step
                if not step.read:
                    break
                await asyncio.sleep(_PAUSE)
        return whole

    async def finish(self) -> None:
        """Note that nothing is under an older key, and let go of pages that held plain words."""
        kid = self._ring.newest
        if kid is None:
            return
        await self._db.write(partial(note_moved, kid=kid), now=self._clock.now())
        await self._db.forget_pages()
        log.info("keys.moved", key=kid)
