"""How late the event loop runs: the one number that says a process is stuck."""

import asyncio

from bot.clock import Clock
from bot.runtime.stall import StallWatch

EVERY = 0.5


class LoopLag:
    """Measures by sleeping. `seconds` is the lag last seen, or the one going on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._expected = clock.monotonic()
        self._last = 0.0

    def seconds(self) -> float:
        """The greater of the last lag and how long the present measurement is overdue."""
        return max(self._last, self._clock.monotonic() - self._expected)

    async def run(self) -> None:
        """Measure until cancelled; a thread says in the log where a stall is."""
        self._expected = self._clock.monotonic()
        with StallWatch(self).watching():
            while True:
                self._expected = self._clock.monotonic() + EVERY
                await asyncio.sleep(EVERY)
                self._last = max(0.0, self._clock.monotonic() - self._expected)
