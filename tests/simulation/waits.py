"""Who was told to wait, and came back too early all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

ROUNDING: Final = timedelta(seconds=1)
"""Waits are told in whole seconds, and the way there takes a moment."""


class Waits:
    """The gates of one platform. `early` are calls of somebody who knew better."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.early: list[str] = []
        self._now = now
        self._until: dict[str, datetime] = {}

    def forget(self) -> None:
        """A process starts that was told nothing."""
        self._until.clear()

    def told(self, gate: str, until: datetime) -> None:
        """Whoever calls through `gate` hears of it now."""
        self._until[gate] = until

    def asked(self, gate: str) -> None:
        """A call through `gate` begins."""
        left = self._until.get(gate, self._now()) - self._now()
        if left > ROUNDING:
            self.early.append(f"{gate}, {left.total_seconds():.0f} s before the time")
