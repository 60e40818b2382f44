"""Counts of lengths of time by how long they were, kept by one process since it began."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from typing import Final, Generic, TypeVar

K = TypeVar("K", bound=Hashable)

SECONDS: Final[Sequence[float]] = (0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600, 14400)
"""Upper ends of the classes, in seconds; what is longer belongs to none of them."""


class Buckets(Generic[K]):
    """Observed seconds by kind."""

    def __init__(self, ends: Sequence[float] = SECONDS) -> None:
        self.ends = tuple(ends)
        self._counts: dict[K, list[int]] = {}
        self._sums: dict[K, float] = {}

    def observe(self, kind: K, seconds: float) -> None:
        """Count one; a negative length, as of a clock that was set, counts as none."""
        length = max(0.0, seconds)
        counts = self._counts.setdefault(kind, [0] * (len(self.ends) + 1))
        counts[bisect_left(self.ends, length)] += 1
        self._sums[kind] = self._sums.get(kind, 0.0) + length

    def cumulated(self) -> Mapping[K, tuple[Sequence[tuple[str, float]], float]]:
        """By kind: how many were at most so long, for each end and `+Inf`, and the sum."""
        names = [*(f"{end:g}" for end in self.ends), "+Inf"]
        found: dict[K, tuple[Sequence[tuple[str, float]], float]] = {}
        for kind, counts in self._counts.items():
            total, rising = 0, []
            for name, count in zip(names, counts, strict=True):
                total += count
                rising.append((name, float(total)))
            found[kind] = (rising, self._sums[kind])
        return found
