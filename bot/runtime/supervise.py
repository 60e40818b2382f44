"""Tasks that must not die: one that fails is logged and started again, the others go on.

This is one of the few places that catch every exception: whatever a loop raised, the desk's other
loops have to keep their promises (invariant 10).
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from bot.clock import Clock

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
"""Seconds of running after which an earlier failure is forgotten."""

Loop = Callable[[], Awaitable[None]]


class Supervisor:
    """Runs named loops until told to stop. `restarts` counts by name, for the metrics."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loops: dict[str, Loop] = {}
        self.restarts: dict[str, int] = {}

    def add(self, name: str, loop: Loop) -> None:
        """Have `loop` run, from the next `run` on."""
        self._loops[name] = loop
        self.restarts[name] = 0

    async def run(self, stop: asyncio.Event, *, grace_seconds: float = 10.0) -> None:
        """Run every loop until `stop`; then cancel them and wait at most `grace_seconds`."""
        tasks = [
            asyncio.create_task(self._keep(name, loop), name=name)
            for name, loop in self._loops.items()
        ]
        try:
            await stop.wait()
        finally:
            for task in tasks:
                task.cancel()
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=grace_seconds)
                for task in late:
                    log.warning("task.left_behind", task=task.get_name())

    async def _keep(self, name: str, loop: Loop) -> None:
        pause = FIRST_PAUSE
        while True:
            begun = self._clock.monotonic()
            try:
                await loop()
            except Exception:
                log.exception("task.failed", task=name, again_in_seconds=pause)
            else:
                log.warning("task.ended", task=name, again_in_seconds=pause)
            self.restarts[name] += 1
            await asyncio.sleep(pause)
            steady = self._clock.monotonic() - begun > STEADY_AFTER
            pause = FIRST_PAUSE if steady else min(pause * 2, LONGEST_PAUSE)
