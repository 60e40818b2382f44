"""The one place that reads the machine's clock.

The demo runs hours in seconds: desk time then passes `speed` times as fast as the machine's.
Whatever must last for a person or a network (a lease, an undo window, a back-off) is said in
real seconds and turned into desk time with `Clock.real`.
"""

import asyncio
import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Desk time, always aware and UTC. `speed` 1 is the machine's own time."""

    def __init__(self, *, speed: float = 1.0, start: datetime | None = None) -> None:
        self.speed = speed
        self._origin = time.monotonic()
        self._start = start

    def now(self) -> datetime:
        """Desk time now."""
        if self._start is None and self.speed == 1.0:
            return datetime.now(UTC)
        if self._start is None:
            self._start = datetime.now(UTC)
        return self._start + timedelta(seconds=(time.monotonic() - self._origin) * self.speed)

    def monotonic(self) -> float:
        """Real seconds that no clock change moves; for rate limits and time-outs."""
        return time.monotonic()

    def real(self, seconds: float) -> timedelta:
        """The desk time that passes in so many real seconds."""
        return timedelta(seconds=seconds * self.speed)

    async def sleep(self, seconds: float) -> None:
        """Sleep so many seconds of desk time."""
        await asyncio.sleep(max(0.0, seconds) / self.speed)
