"""Time that passes only when somebody waits."""

import asyncio
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
"""A Tuesday morning, ten o'clock in Rome."""


class VirtualTime:
    """A clock for a connector and its market alike. `slept` is the seconds anybody waited."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self.slept = 0.0

    def now(self) -> datetime:
        """The instant it is."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by

    async def sleep(self, seconds: float) -> None:
        """Wait without waiting; others get their turn."""
        self.slept += seconds
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)
