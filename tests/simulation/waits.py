"""Who was told to wait, and came back too early all the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from tests.simulation.processes import current

ROUNDING: Final = timedelta(seconds=1)
"""Waits are told in whole seconds, and the way there takes a moment."""


class Waits:
    """The gates of one platform. `early` are calls of somebody who knew better.

    What was decided before a wait was told may take as long as `under_way` until it calls.
    """

    def __init__(self, now: Callable[[], datetime], under_way: timedelta = timedelta()) -> None:
        self.early: list[str] = []
        self._under_way = under_way
        self._told: dict[tuple[int, str], datetime] = {}
        self._now = now
        self._until: dict[tuple[int, str], datetime] = {}

    def forget(self) -> None:
        """The process at work starts, and was told nothing."""
        self._until = {known: at for known, at in self._until.items() if known[0] != current()}

    def told(self, gate: str, until: datetime) -> None:
        """Whoever calls through `gate` hears of it now."""
        if self._until.get((current(), gate)) != until:
            self._told[current(), gate] = self._now()
        self._until[current(), gate] = until

    def asked(self, gate: str) -> None:
        """A call through `gate` begins."""
        left = self._until.get((current(), gate), self._now()) - self._now()
        told = self._told.get((current(), gate), self._now())
        if left > ROUNDING and self._now() - told >= self._under_way:
            self.early.append(f"{gate}, {left.total_seconds():.0f} s before the time")
