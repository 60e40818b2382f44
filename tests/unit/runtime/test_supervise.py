import asyncio

from typing_extensions import override

from bot.clock import Clock
from bot.runtime.lag import LoopLag
from bot.runtime.supervise import Supervisor


async def test_invariant_10_a_loop_that_fails_is_started_again_and_the_others_go_on() -> None:
    supervisor = Supervisor(Clock())
    stop = asyncio.Event()
    begun: list[str] = []

    async def fails_once() -> None:
        begun.append("fails")
        if begun.count("fails") == 1:
            raise RuntimeError("broken")
        stop.set()
        await asyncio.sleep(60)

    async def steady() -> None:
        begun.append("steady")
        await asyncio.sleep(60)

    supervisor.add("fails", fails_once)
    supervisor.add("steady", steady)
    await asyncio.wait_for(supervisor.run(stop), 30)

    assert begun.count("fails") == 2
    assert begun.count("steady") == 1
    assert supervisor.restarts == {"fails": 1, "steady": 0}


async def test_stopping_lets_a_loop_finish_what_it_does() -> None:
    supervisor = Supervisor(Clock())
    stop = asyncio.Event()
    finished = asyncio.Event()

    async def careful() -> None:
        stop.set()
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            finished.set()

    supervisor.add("careful", careful)
    await asyncio.wait_for(supervisor.run(stop), 30)

    assert finished.is_set()


async def test_a_loop_that_will_not_end_does_not_hold_up_the_stop() -> None:
    supervisor = Supervisor(Clock())
    stop = asyncio.Event()
    release = asyncio.Event()

    async def stubborn() -> None:
        stop.set()
        try:
            await asyncio.sleep(60)
        finally:
            await release.wait()

    supervisor.add("stubborn", stubborn)
    await asyncio.wait_for(supervisor.run(stop, grace_seconds=0.1), 30)
    release.set()
    await asyncio.sleep(0.01)


async def test_lag_grows_while_the_loop_is_blocked() -> None:
    class Hands(Clock):
        def __init__(self) -> None:
            super().__init__()
            self.seconds = 100.0

        @override
        def monotonic(self) -> float:
            return self.seconds

    clock = Hands()
    lag = LoopLag(clock)
    clock.seconds += 7

    assert lag.seconds() == 7.0
