"""Counts, shares and spreads of columns, for the whole or for every part of it at once.

A part is a number below `size`; `parts` names that of each case. What no case was made from has no
value, which is not a number here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bot.reports.counting.columns import Ints, Marks

Floats = NDArray[np.float64]

_LENGTH_BITS: Final = 36
"""Lengths are below 2 ** 36 seconds, which is two thousand years: part and length fit one number."""

_LONGEST: Final = (1 << _LENGTH_BITS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One figure of every part. `samples` counts what each value is made from."""

    values: Floats
    samples: Ints


Tallies = Mapping[str, Tally]
"""Figure key → its values."""


def count(parts: Ints, size: int) -> Tally:
    """How many cases there are."""
    samples = _counts(parts, size)
    return Tally(values=samples.astype(np.float64), samples=samples)


def share(parts: Ints, those: Marks, size: int) -> Tally:
    """Which share of the cases are `those`."""
    return ratio(_counts(parts[those], size), _counts(parts, size))


def ratio(some: Ints | Floats, samples: Ints) -> Tally:
    """`some` for each case of `samples`."""
    values = np.full(len(samples), np.nan)
    np.divide(some, samples, out=values, where=samples > 0)
    return Tally(values=values, samples=samples)


def mean(parts: Ints, amounts: Ints, size: int) -> Tally:
    """The mean of an amount for each case."""
    return ratio(sums(parts, amounts, size), _counts(parts, size))


def sums(parts: Ints, amounts: Ints, size: int) -> Floats:
    """The amounts of each part taken together."""
    return np.bincount(parts, weights=amounts, minlength=size).astype(np.float64)


def spread(key: str, parts: Ints, lengths: Ints, size: int) -> dict[str, Tally]:
    """The median, the mean and the 90th percentile of lengths of 0 and more.

    The median of an even number is the mean of the two in the middle. The percentile is the
    smallest length that at least nine in ten do not exceed (nearest rank), so it is one there was.
    """
    short = np.clip(lengths, 0, _LONGEST)
    ordered = np.sort((parts << _LENGTH_BITS) | short) & _LONGEST
    samples = _counts(parts, size)
    first = np.cumsum(samples) - samples
    some = samples > 0
    median, p90 = (np.full(size, np.nan) for _ in range(2))
    begins, many = first[some], samples[some]
    middle = ordered[begins + (many - 1) // 2] + ordered[begins + many // 2]
    median[some] = middle / 2
    p90[some] = ordered[begins + (9 * many + 9) // 10 - 1]
    return {
        f"{key}.median": Tally(values=median, samples=samples),
        f"{key}.mean": ratio(sums(parts, short, size), samples),
        f"{key}.p90": Tally(values=p90, samples=samples),
    }


def _counts(parts: Ints, size: int) -> Ints:
    return np.bincount(parts, minlength=size).astype(np.int64)
