"""What a benchmark hands back: figures with their spread, and the goal each is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Final

from typing_extensions import override

TIMES: Final = "\u00d7"
"""The unit of a ratio."""


class WrongResult(Exception):
    """The work that was timed did not do what it should: its time says nothing."""


class NotHere(Exception):
    """This machine lacks what the benchmark needs; the text says what."""


def must(holds: bool, what: str) -> None:
    """Refuse the figures of work that went wrong. Raises WrongResult."""
    if not holds:
        raise WrongResult(what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound on the middle value. `source` says where the number comes from."""

    least: float | None = None
    most: float | None = None
    source: str

    def met(self, value: float) -> bool:
        """Whether the bound holds for `value`."""
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)

    @override
    def __str__(self) -> str:
        return f"≥ {self.least:g}" if self.least is not None else f"≤ {self.most:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured quantity: smallest, middle and largest of its rounds."""

    bench: str
    what: str
    on: str
    unit: str
    low: float
    middle: float
    high: float
    rounds: int
    goal: Goal | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        return None if self.goal is None else self.goal.met(self.middle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A figure that could not be had here, and why."""

    bench: str
    what: str
    reason: str


Result = Figure | Skipped


def figure(
    bench: str,
    what: str,
    values: Sequence[float],
    *,
    unit: str,
    on: str = "",
    goal: Goal | None = None,
) -> Figure:
    """The figure of one value a round."""
    return Figure(
        bench=bench,
        what=what,
        on=on,
        unit=unit,
        low=min(values),
        middle=median(values),
        high=max(values),
        rounds=len(values),
        goal=goal,
    )


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Ratio of what was measured in the same round, round by round."""
    return [a / b for a, b in zip(above, below, strict=True)]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0 to 1) of the values do not exceed."""
    return sorted(values)[max(0, ceil(len(values) * share) - 1)]
