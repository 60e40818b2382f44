"""How far a figure is from its threshold, in whole cases. All counting is in whole numbers. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WHOLE: Final = 10_000
"""A threshold is in hundredths of a per cent: 2.5 % is 250."""


class Direction(StrEnum):
    """On which side of its threshold a figure has to be."""

    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"

    @property
    def is_ceiling(self) -> bool:
        """Whether less is better."""
        return self in {Direction.BELOW, Direction.AT_MOST}

    def holds(self, value: float, bound: float) -> bool:
        """Whether a value is on the right side of a bound."""
        match self:
            case Direction.BELOW:
                return value < bound
            case Direction.AT_MOST:
                return value <= bound
            case Direction.AT_LEAST:
                return value >= bound
            case Direction.ABOVE:
                return value > bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A share that is asked for. `limit` is in parts of `WHOLE`, more than none and less than all.

    So many misses as `grace` break nothing, whatever their share. `grows`: a miss is one more case
    (a message that is answered late), not one that befalls a case already counted (an order).
    """

    limit: int
    direction: Direction
    grace: int = 0
    grows: bool = False

    @property
    def tolerated(self) -> int:
        """The share that may be missed, in parts of `WHOLE`."""
        return self.limit if self.direction.is_ceiling else WHOLE - self.limit

    @property
    def is_strict(self) -> bool:
        """Whether the threshold itself is a miss already."""
        return self.direction in {Direction.BELOW, Direction.ABOVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many misses are left; where there are too many, how many cases bring the share back.

    Of a threshold that `grows`, `to_regain` are the next cases, all without a miss; of another,
    the misses that have to leave the window. One of the two numbers is 0.
    """

    misses_left: int
    to_regain: int

    @property
    def is_kept(self) -> bool:
        """Whether the threshold is kept."""
        return not self.to_regain


def most_misses(threshold: Threshold, out_of: int) -> int:
    """How many of `out_of` cases may be missed; none of none."""
    by_share = (threshold.tolerated * out_of - threshold.is_strict) // WHOLE
    return max(by_share, min(threshold.grace, out_of), 0)


def room(threshold: Threshold, misses: int, out_of: int) -> Room | None:
    """What is left at `misses` of `out_of` cases; None where nothing was counted."""
    if not out_of:
        return None
    most = most_misses(threshold, out_of)
    if not threshold.grows:
        return Room(misses_left=max(0, most - misses), to_regain=max(0, misses - most))
    if misses > most:
        return Room(misses_left=0, to_regain=_without_a_miss(threshold, misses, out_of))
    return Room(misses_left=_in_a_row(threshold, misses, out_of), to_regain=0)


def _in_a_row(threshold: Threshold, misses: int, out_of: int) -> int:
    """The most m with misses + m of out_of + m allowed: (misses + m) · W ≤ t · (out_of + m) - s."""
    tolerated = threshold.tolerated
    spare = tolerated * out_of - threshold.is_strict - misses * WHOLE
    return max(spare // (WHOLE - tolerated), threshold.grace - misses, 0)


def _without_a_miss(threshold: Threshold, misses: int, out_of: int) -> int:
    """The least k with misses of out_of + k allowed: misses · W ≤ t · (out_of + k) - s."""
    tolerated = threshold.tolerated
    lacking = misses * WHOLE + threshold.is_strict - tolerated * out_of
    return -(-lacking // tolerated)


def is_small(threshold: Threshold, out_of: int) -> bool:
    """Whether so little was counted that one miss alone breaks the threshold."""
    return most_misses(threshold, out_of) == 0
