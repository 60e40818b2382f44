"""APScheduler only says when; what is to be done is in rows, and who does it is a loop.

A wake-up that comes late still counts (`misfire_grace_time=None`), and several missed ones are
one (`coalesce`). The library plans by the clock on the wall, which somebody may set: then what was
planned for in a minute is planned for in an hour and a minute. So every step of that clock against
the steady one moves the plan along.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from random import uniform

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.clock import Clock

log = structlog.get_logger(__name__)

Timetable = Mapping[str, tuple[float, Callable[[], None]]]
"""What to call every so many real seconds, by name."""

WakesOf = Callable[[Timetable], Callable[[], Awaitable[None]]]
"""Makes the loop that keeps a timetable until it is cancelled."""

JITTER_SHARE = 0.1
"""Wake-ups come up to a tenth of their interval early or late, so that sources are not hit together."""

LOOK_SECONDS = 1.0
"""How often the two clocks are held against each other; a clock set back costs at most so much."""

STEP_SECONDS = 0.5
"""A wall clock this far from the steady one since the last look was set, or the machine slept."""


class Wakes:
    """Calls each of `wakes` every so many real seconds while it runs, whatever the wall clock does.

    `clock` is the machine's own, by which APScheduler plans.
    """

    def __init__(self, wakes: Timetable, clock: Clock | None = None) -> None:
        self._wakes = wakes
        self._clock = clock or Clock()

    async def run(self) -> None:
        """Wake until cancelled."""
        scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for name, (seconds, wake) in self._wakes.items():
            scheduler.add_job(_in_the_loop(wake), _Every(seconds), id=name)
        scheduler.start()
        try:
            await self._follow_the_clock(scheduler)
        finally:
            scheduler.shutdown(wait=False)

    async def _follow_the_clock(self, scheduler: AsyncIOScheduler) -> None:
        seen, steady = self._clock.now(), self._clock.monotonic()
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            now, later = self._clock.now(), self._clock.monotonic()
            moved = (now - seen).total_seconds() - (later - steady)
            seen, steady = now, later
            if abs(moved) > STEP_SECONDS:
                log.warning("scheduler.clock_stepped", seconds=round(moved, 1))
                _replan(scheduler, moved)


def by_the_machine(wakes: Timetable) -> Callable[[], Awaitable[None]]:
    """The timetable kept by the machine's own clock."""
    return Wakes(wakes).run


class _Every(BaseTrigger):  # type: ignore[misc] # the library has no types
    """So long after the last time, a little more or less; however far the clock was set forward.

    The library's own interval counts every time that was missed, one by one: a machine without a
    clock of its own, set by the network after the start, would count years in steps of seconds.
    """

    __slots__ = ("_seconds",)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        share = uniform(1 - JITTER_SHARE, 1 + JITTER_SHARE)  # noqa: S311 - spreads calls, decides nothing
        return now + timedelta(seconds=self._seconds * share)


def _replan(scheduler: AsyncIOScheduler, moved: float) -> None:
    """Keep the distance to every wake-up. Set forward, what became due comes at once, once."""
    if moved < 0:
        for job in scheduler.get_jobs():
            job.modify(next_run_time=job.next_run_time + timedelta(seconds=moved))
    scheduler.wakeup()


def _in_the_loop(wake: Callable[[], None]) -> Callable[[], object]:
    # A plain function would be run in a thread, where an asyncio.Event must not be touched.
    async def call() -> None:
        wake()

    return call
