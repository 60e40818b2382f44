"""The desk's clock in a world: wall and steady time apart, because somebody may set the wall clock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from typing_extensions import override

from bot.clock import Clock


class SimClock(Clock):
    """`true` is the world's time, `steady` its seconds. `step` sets the wall clock wrong, or right."""

    def __init__(self, true: Callable[[], datetime], steady: Callable[[], float]) -> None:
        super().__init__()
        self._true = true
        self._steady = steady
        self.off = timedelta()

    @override
    def now(self) -> datetime:
        return self._true() + self.off

    @override
    def monotonic(self) -> float:
        return self._steady()

    def step(self, by: timedelta) -> None:
        """Set the wall clock."""
        self.off += by
