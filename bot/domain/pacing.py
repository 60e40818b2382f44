"""When to look into an inbox again: as often as wanted, never more than its platform bears."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

DAY = timedelta(days=1)

SLOWED = 1.05
"""A pause longer than the usual one by this factor is worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Calls a platform takes in a day; `reply_share` of them is kept for answers."""

    calls_per_day: int
    reply_share: float

    @property
    def reserve(self) -> int:
        """Calls that only answers may use."""
        return round(self.calls_per_day * self.reply_share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Calls made today, for reading and for answers."""

    reads: int = 0
    replies: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    """How an inbox is looked into. All in seconds; `floor` is what its platform bears at most."""

    usual: float
    floor: float = 0.0
    budget: Budget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Seconds until the next look; `why` says so where it is longer than usual."""

    seconds: float
    why: str | None = None


def left_to_read(budget: Budget, spent: Spent) -> int:
    """Calls that reading may still make today. Answers beyond their share eat into it."""
    kept = max(0, budget.reserve - spent.replies)
    return max(0, budget.calls_per_day - spent.reads - spent.replies - kept)


def pause(cadence: Cadence, spent: Spent, cost: float, now: datetime) -> Pause:
    """How long to leave the inbox alone after a look that took `cost` calls.

    What is left of the day's calls is spread over what is left of the day (UTC: no platform says
    in which zone its day begins). When nothing is left, reading rests until the next day.
    """
    usual = max(cadence.usual, cadence.floor)
    budget = cadence.budget
    if budget is None:
        return Pause(seconds=usual)
    until_midnight = (_midnight(now) - now).total_seconds()
    left = left_to_read(budget, spent)
    used = spent.reads + spent.replies
    said = f"{used} of {budget.calls_per_day} calls of the day are spent"
    if left < max(1.0, cost):
        kept = budget.calls_per_day - used
        rest = f"reading goes on at 00:00 UTC, {max(0, kept)} calls are kept for answers"
        return Pause(seconds=until_midnight, why=f"{said}; {rest}")
    even = until_midnight * max(1.0, cost) / left
    if even <= usual * SLOWED:
        return Pause(seconds=usual)
    return Pause(seconds=even, why=f"{said}; the rest is spread over the day")


def _midnight(now: datetime) -> datetime:
    return datetime.combine((now + DAY).astimezone(UTC).date(), time.min, tzinfo=UTC)
