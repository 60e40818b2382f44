"""A clock that stands until a test moves it."""

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from bot.clock import Clock

START = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


class SteppedClock(Clock):
    def __init__(self, at: datetime = START) -> None:
        super().__init__()
        self._at = at
        self._monotonic = 1000.0

    @override
    def now(self) -> datetime:
        return self._at

    @override
    def monotonic(self) -> float:
        return self._monotonic

    def move(self, seconds: float) -> None:
        """Let both kinds of time pass."""
        self._at += timedelta(seconds=seconds)
        self._monotonic += seconds

    def set_back(self, seconds: float) -> None:
        self._at -= timedelta(seconds=seconds)
