"""A stall is told with its place and nothing else; a vital loop that keeps dying ends the process."""

import asyncio
import threading
import time
from collections import deque
from contextlib import suppress

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from typing_extensions import override

from bot.clock import Clock
from bot.runtime.lag import LoopLag
from bot.runtime.stall import StallWatch, places
from bot.runtime.supervise import LoopKeepsDying, Supervisor


class Late:
    """A loop that is as late as the test says."""

    def __init__(self, *seconds: float) -> None:
        self._seconds = deque(seconds)

    def seconds(self) -> float:
        return self._seconds.popleft()


def test_a_stall_is_told_once_and_its_end_as_well() -> None:
    watch = StallWatch(Late(0.1, 6.0, 7.0, 0.2, 0.1))
    with capture_logs() as lines:
        for _ in range(5):
            watch.look()

    assert [line["event"] for line in lines] == ["loop.stalled", "loop.goes_on"]


def test_invariant_11_places_name_code_and_show_no_values() -> None:
    found: dict[str, str] = {}

    def stuck(word: str) -> dict[str, str]:
        looking = threading.Thread(target=lambda: found.update(places()))
        looking.start()
        looking.join()
        return found if word else {}

    told = str(stuck("5ecret-word"))
    assert "test_stall.py:" in told
    assert " stuck" in told
    assert "5ecret" not in told


@pytest.mark.slow
async def test_a_loop_that_is_blocked_for_real_is_noticed_while_it_is() -> None:
    lag = LoopLag(Clock())
    measuring = asyncio.create_task(lag.run())
    await asyncio.sleep(0.1)
    with capture_logs() as lines:
        time.sleep(7)  # noqa: ASYNC251 - that is the stall
        told = [line for line in lines if line["event"] == "loop.stalled"]
    measuring.cancel()
    await asyncio.gather(measuring, return_exceptions=True)

    assert len(told) == 1
    assert "test_a_loop_that_is_blocked_for_real" in str(told[0]["threads"])


class Leap(Clock):
    """Every look at it is so many seconds later."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._at, self._step = 0.0, seconds

    @override
    def monotonic(self) -> float:
        self._at += self._step
        return self._at


async def dies(
    cause: Exception, *, vital: bool, step: float = 0.1, works_at: int | None = None
) -> int:
    """How often such a loop was begun before the supervisor ended, or we ended it.

    It does a piece of work before it dies for the `works_at`th time.
    """
    supervisor, stop, begun = Supervisor(Leap(step), first_pause=0.0), asyncio.Event(), 0

    async def loop() -> None:
        nonlocal begun
        begun += 1
        if begun >= 9:
            stop.set()
            await asyncio.sleep(30)
        if begun == works_at:
            supervisor.worked()
        raise cause

    supervisor.add("loop", loop, vital=vital)
    with capture_logs(), suppress(LoopKeepsDying):
        await asyncio.wait_for(supervisor.run(stop), 20)
    return begun


async def test_a_vital_loop_that_dies_five_times_ends_the_process() -> None:
    assert await dies(RuntimeError("broken"), vital=True) == 5


async def test_invariant_10_any_other_loop_ends_nothing() -> None:
    assert await dies(RuntimeError("broken"), vital=False) == 9


async def test_deaths_that_are_far_apart_are_no_pattern() -> None:
    assert await dies(RuntimeError("broken"), vital=True, step=100.0) == 9


async def test_a_short_outage_of_the_database_is_waited_out_and_a_long_one_is_not() -> None:
    away = OperationalError("SELECT 1", {}, OSError("gone"))
    assert await dies(away, vital=True, step=0.1) == 9
    assert await dies(away, vital=True, step=8.0) == 5


async def test_a_database_that_is_back_in_between_ends_nothing_and_a_broken_loop_still_does() -> (
    None
):
    away = OperationalError("SELECT 1", {}, OSError("gone"))
    assert await dies(away, vital=True, step=8.0, works_at=5) == 9
    assert await dies(RuntimeError("broken"), vital=True, works_at=4) == 5
