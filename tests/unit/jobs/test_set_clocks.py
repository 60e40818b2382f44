"""A timetable whose machine's clock is set: wake-ups keep their distance, and none is counted twice."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from freezegun import freeze_time
from typing_extensions import override

from bot.clock import Clock
from bot.jobs.scheduler import Wakes
from tests.builders import NOW


class WallClock(Clock):
    """The wall's hands are freezegun's; the steady clock is the loop's, which it leaves alone."""

    @override
    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


@pytest.fixture
def wall():
    with freeze_time(NOW, tick=True, real_asyncio=True) as hands:
        yield hands


@pytest.fixture
async def woken(wall: Any) -> AsyncIterator[list[float]]:
    """The loop's time at each wake-up of a job that comes every 0.3 s."""
    loop, times = asyncio.get_running_loop(), list[float]()
    wakes = Wakes({"often": (0.3, lambda: times.append(loop.time()))}, WallClock())
    task = asyncio.create_task(wakes.run())
    while len(times) < 2:  # noqa: ASYNC110 - the wake-ups tell nobody
        await asyncio.sleep(0.02)
    yield times
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def longest_gap(woken: list[float], seconds: float) -> float:
    await asyncio.sleep(seconds)
    gaps = [later - earlier for earlier, later in pairwise(woken)]
    return max([*gaps, asyncio.get_running_loop().time() - woken[-1]])


async def test_a_clock_set_back_an_hour_holds_no_wake_up_for_an_hour(wall: Any, woken: list[float]):
    wall.tick(timedelta(hours=-1))
    assert await longest_gap(woken, 2.5) < 2.0
    assert len(woken) >= 4


@pytest.mark.parametrize("step", [timedelta(hours=1), timedelta(days=20_000)], ids=str)
async def test_a_clock_set_forward_wakes_once_for_all_that_was_missed(
    wall: Any, woken: list[float], step: timedelta
):
    before = len(woken)
    wall.tick(step)
    assert await longest_gap(woken, 1.5) < 1.2
    assert 3 <= len(woken) - before <= 8
