"""APScheduler only says when; what is to be done is in rows, and who does it is a loop.

A wake-up that comes late still counts (`misfire_grace_time=None`), and several missed ones are
one (`coalesce`).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from apscheduler.schedulers.asyncio import AsyncIOScheduler

Timetable = Mapping[str, tuple[float, Callable[[], None]]]
"""What to call every so many real seconds, by name."""

WakesOf = Callable[[Timetable], Callable[[], Awaitable[None]]]
"""Makes the loop that keeps a timetable until it is cancelled."""

JITTER_SHARE = 0.1
"""Wake-ups come up to a tenth of their interval early or late, so that sources are not hit together."""


class Wakes:
    """Calls each of `wakes` every so many real seconds while it runs."""

    def __init__(self, wakes: Timetable) -> None:
        self._wakes = wakes

    async def run(self) -> None:
        """Wake until cancelled."""
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for name, (seconds, wake) in self._wakes.items():
            scheduler.add_job(
                _in_the_loop(wake),
                "interval",
                id=name,
                seconds=seconds,
                jitter=seconds * JITTER_SHARE,
            )
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)


def by_the_machine(wakes: Timetable) -> Callable[[], Awaitable[None]]:
    """The timetable kept by the machine's own clock."""
    return Wakes(wakes).run


def _in_the_loop(wake: Callable[[], None]) -> Callable[[], object]:
    # A plain function would be run in a thread, where an asyncio.Event must not be touched.
    async def call() -> None:
        wake()

    return call
