"""Tasks that must not die: one that fails is logged and started again, the others go on.

This is one of the few places that catch every exception: whatever a loop raised, the desk's other
loops have to keep their promises (invariant 10). A vital one that dies again and again is another
matter: the process then ends, so that whoever started it starts a fresh one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError

from bot.clock import Clock
from bot.errors import DeskError

log = structlog.get_logger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
"""Seconds a loop that died rests: twice as long each time, from the first to the longest."""

STEADY_AFTER = 60.0
"""Seconds of running after which an earlier failure is forgotten."""

MOST_DEATHS = 5
WITHIN = 600.0
"""So many deaths of a vital loop in so many seconds end the process."""

OUTAGE = 60.0
"""Seconds a database or a network may be away before its deaths count: a restart mends neither, but
it frees a lock that a dead connection holds."""

OUTAGE_PAUSE = 5.0
"""The longest a vital loop rests when something outside failed: what became due meanwhile waits for it."""

_OUTSIDE = (DBAPIError, OSError, TimeoutError)

Loop = Callable[[], Awaitable[None]]


def end_if_told() -> None:
    """End the running task if it was cancelled, although something it called took that for itself.

    Python 3.11 loses a cancellation that meets the end of a `wait_for`, as drivers use it.

    Raises:
        CancelledError: it was.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


class LoopKeepsDying(DeskError):
    """A vital loop died too often: only a fresh process may help."""


class Supervisor:
    """Runs named loops until told to stop. `restarts` counts by name, for the metrics."""

    def __init__(self, clock: Clock, *, first_pause: float = FIRST_PAUSE) -> None:
        self._clock = clock
        self._first_pause = first_pause
        self._loops: dict[str, Loop] = {}
        self._vital: set[str] = set()
        self._deaths: dict[str, list[_Death]] = {}
        self.restarts: dict[str, int] = {}

    def add(self, name: str, loop: Loop, *, vital: bool = False) -> None:
        """Have `loop` run, from the next `run` on. Without a `vital` one the desk is no desk."""
        self._loops[name] = loop
        if vital:
            self._vital.add(name)
        self._deaths[name] = []
        self.restarts[name] = 0

    def worked(self) -> None:
        """A loop did what it is there for: whatever outside loops died of before is back.

        A database that goes away again and again, and is back in between, is no reason to end.
        """
        for deaths in self._deaths.values():
            deaths[:] = [death for death in deaths if not death.outside]

    async def run(self, stop: asyncio.Event, *, grace_seconds: float = 10.0) -> None:
        """Run every loop until `stop`; then cancel them and wait at most `grace_seconds`.

        Raises:
            LoopKeepsDying: a vital loop died five times in ten minutes.
        """
        tasks = [
            asyncio.create_task(self._keep(name, loop), name=name)
            for name, loop in self._loops.items()
        ]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                if task.done() and not task.cancelled() and (why := task.exception()) is not None:
                    raise why
        finally:
            stopping.cancel()
            for task in tasks:
                task.cancel()
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=grace_seconds)
                for task in late:
                    log.warning("task.left_behind", task=task.get_name())

    async def _keep(self, name: str, loop: Loop) -> None:
        pause = self._first_pause
        while True:
            begun = self._clock.monotonic()
            outside = False
            try:
                await loop()
            except Exception as exc:
                outside = isinstance(exc, _OUTSIDE)
                log.exception("task.failed", task=name, again_in_seconds=pause)
            else:
                log.warning("task.ended", task=name, again_in_seconds=pause)
            end_if_told()
            self.restarts[name] += 1
            if self._died_too_often(name, outside=outside):
                log.critical("task.given_up", task=name, deaths=MOST_DEATHS)
                raise LoopKeepsDying(
                    f"The loop {name} died {MOST_DEATHS} times within ten minutes. The log says "
                    "why; this process ends, so that a fresh one can begin."
                )
            await asyncio.sleep(pause)
            steady = self._clock.monotonic() - begun > STEADY_AFTER
            longest = OUTAGE_PAUSE if outside and name in self._vital else LONGEST_PAUSE
            pause = self._first_pause if steady else min(pause * 2, longest)

    def _died_too_often(self, name: str, *, outside: bool) -> bool:
        """Note a death; whether that is the end."""
        now, deaths = self._clock.monotonic(), self._deaths[name]
        deaths[:] = [death for death in deaths if now - death.at <= WITHIN]
        deaths.append(_Death(at=now, outside=outside))
        if name not in self._vital or len(deaths) < MOST_DEATHS:
            return False
        return not outside or now - deaths[0].at >= OUTAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class _Death:
    """When a loop died, and whether of a database or a network that is away."""

    at: float
    outside: bool
