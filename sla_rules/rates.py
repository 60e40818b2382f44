"""Promises over a window: "90 % of answers within 15 minutes, over 7 days", and how close they are.

Platforms give badges by such rates. All counting is in whole numbers: at exactly the share asked
for, the promise is kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sla_rules.vocabulary import Metric

_WHOLE: Final = 100

EVERY_ANSWER: Final = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE)
"""What most platforms count: every awaited answer, not only a conversation's first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RatePromise:
    """`share` per cent of the answers of the last `over` are given `within` so long.

    `metrics` says which answers count: every one, or a conversation's first only. One that is
    `opt_in` is nobody's duty: it is counted where an inbox asks for it.
    """

    share: int
    within: timedelta
    over: timedelta
    source: str = ""
    metrics: tuple[Metric, ...] = EVERY_ANSWER
    opt_in: bool = False


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

    @property
    def percent(self) -> int | None:
        """Per cent on time, rounded down so that a miss never hides; None: nothing was awaited."""
        return self.on_time * _WHOLE // self.awaited if self.awaited else None


def fewest(promise: RatePromise) -> int:
    """How many awaited answers it takes that one late one alone does not break the promise."""
    return -(-_WHOLE // (_WHOLE - promise.share))


def standing_of(promise: RatePromise, *, awaited: int, on_time: int) -> RateStanding:
    """The standing of answers that are counted already."""
    return RateStanding(
        awaited=awaited,
        on_time=on_time,
        may_miss=max(0, on_time * _WHOLE // promise.share - awaited),
        to_regain=_to_regain(promise.share, awaited, on_time),
    )


def _to_regain(share: int, awaited: int, on_time: int) -> int:
    missing = share * awaited - _WHOLE * on_time
    return max(0, -(-missing // (_WHOLE - share)))
