"""How fast a platform may be called: our own pace, and what it tells us."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.errors import RateLimited

UNTOLD: Final = 60.0
"""Seconds to wait where a platform says "too many" and not for how long."""

MOST_TOLD: Final = 24 * 3600.0
"""A longer wait is a number misread; the desk asks again after a day."""

MOST_WAIT: Final = 20.0
"""Seconds a call waits in place for its turn. A longer wait is the desk's to plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Calls a second in the long run, and how many may go at once after a rest."""

    per_second: float = 2.0
    burst: int = 5


class Pacer:
    """Gives each call its turn. Time comes from the desk's clock."""

    def __init__(
        self,
        limits: Limits,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._interval = 1.0 / limits.per_second
        self._slack = (limits.burst - 1) * self._interval
        self._now = now
        self._sleep = sleep
        self._next = 0.0  # when the next call would go at an even pace; epoch seconds
        self._held_until = 0.0

    def hold(self, seconds: float) -> None:
        """No turn before so many seconds have passed. A shorter hold never shortens a longer."""
        if seconds > 0:
            until = self._now().timestamp() + min(seconds, MOST_TOLD)
            self._held_until = max(self._held_until, until)

    async def turn(self) -> None:
        """Wait for the next turn. Raises RateLimited instead of waiting long."""
        at = self._now().timestamp()
        even = max(self._next, at)
        wait = max(even - self._slack, self._held_until) - at
        if wait > MOST_WAIT:
            raise RateLimited(wait)
        self._next = even + self._interval
        if wait > 0:
            await self._sleep(wait)


def retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds a Retry-After header asks for, as a number or a date (RFC 9110, 10.2.3)."""
    told = headers.get("retry-after", "").strip()
    try:
        if told.isdecimal():
            seconds = float(told)
        else:
            at = parsedate_to_datetime(told)
            seconds = (at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()
    except (ValueError, OverflowError):
        return UNTOLD
    return min(max(seconds, 1.0), MOST_TOLD)
