"""Promises counted answer by answer, as their rules are worded: what the desk's own count is held to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sla_rules.rates import RatePromise, RateStanding, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One awaited answer: when it was awaited from, and how long it took; None: not given yet."""

    at: datetime
    took: timedelta | None


def rate_standing(promise: RatePromise, samples: Iterable[Sample], now: datetime) -> RateStanding:
    """Count the samples of the window that ends at `now`.

    A sample counts from when its answer was awaited. One without an answer is late as soon as its
    time is over, and is left out before: it can still become either.
    """
    opens = now - promise.over
    awaited = on_time = 0
    for sample in samples:
        if not opens < sample.at <= now:
            continue
        took = sample.took
        if took is None and now - sample.at <= promise.within:
            continue
        awaited += 1
        on_time += took is not None and took <= promise.within
    return standing_of(promise, awaited=awaited, on_time=on_time)
