"""Whether a model may be asked now: what was asked today, and what the owner pays for."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was asked today: requests begun, and tokens the provider counted."""

    requests: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyLimits:
    """What a day may cost; None is no limit."""

    requests: int | None
    tokens: int | None


class SpentUp(StrEnum):
    """Which limit is reached."""

    REQUESTS = "requests"
    TOKENS = "tokens"


def reached(spent: Spent, limits: DailyLimits) -> SpentUp | None:
    """The limit that forbids another request; None while there is room.

    The last request of a day may go over the tokens by what it takes itself: nobody knows before.
    """
    if limits.requests is not None and spent.requests >= limits.requests:
        return SpentUp.REQUESTS
    if limits.tokens is not None and spent.tokens >= limits.tokens:
        return SpentUp.TOKENS
    return None
