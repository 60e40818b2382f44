"""Promises over a window: "90 % of answers within 15 minutes, over 7 days", and how close they are.

Platforms give badges by such rates. All counting is in whole numbers: at exactly the share asked
for, the promise is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sla_rules.errors import CalendarError

_WHOLE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePromise:
    """`share` per cent of the answers of the last `over` are given `within` so long."""

    share: int
    within: timedelta
    over: timedelta
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One awaited answer: when it was awaited from, and how long it took; None: not given yet."""

    at: datetime
    took: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateStanding:
    """How a promise stands.

    `awaited` counts what is decided in the window, `on_time` those in time. `may_miss` is how many
    of the next answers may come late with none in between on time; `to_regain` how many in a row
    must be on time to have the share back. One of the two is 0.
    """

    awaited: int
    on_time: int
    may_miss: int
    to_regain: int

    @property
    def is_kept(self) -> bool:
        """Whether the share is reached; it is while nothing was awaited."""
        return not self.to_regain


def rate_standing(promise: RatePromise, samples: Iterable[Sample], now: datetime) -> RateStanding:
    """Count the samples of the window that ends at `now`.

    A sample counts from when its answer was awaited. One without an answer is late as soon as its
    time is over, and is left out before: it can still become either.

    Raises:
        CalendarError: for an instant without a zone.
    """
    opens = _aware(now) - promise.over
    awaited = on_time = 0
    for sample in samples:
        if not opens < _aware(sample.at) <= now:
            continue
        took = sample.took
        if took is None and now - sample.at <= promise.within:
            continue
        awaited += 1
        on_time += took is not None and took <= promise.within
    return RateStanding(
        awaited=awaited,
        on_time=on_time,
        may_miss=max(0, on_time * _WHOLE // promise.share - awaited),
        to_regain=_to_regain(promise.share, awaited, on_time),
    )


def _to_regain(share: int, awaited: int, on_time: int) -> int:
    missing = share * awaited - _WHOLE * on_time
    return max(0, -(-missing // (_WHOLE - share)))


def _aware(at: datetime) -> datetime:
    if at.utcoffset() is None:
        raise CalendarError(f"{at!r} has no zone; give an aware instant")
    return at
