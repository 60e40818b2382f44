"""How often forecasts were right: of what was foreseen how much came, and of what came how much was foreseen.

A forecast that made somebody act in time counts as wrong: the desk cannot tell it from a false one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

NOTICE: Final = timedelta(hours=1)
"""A miss counts as foreseen when it was so long before: later nobody could do much about it."""

SMALL: Final = 30
"""Of fewer cases than this a share says little, and it is said that they are few."""

LOOKS_BACK: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A deadline that was forecast to be missed, at `made_at`, and what became of it."""

    deadline_id: int
    made_at: datetime
    is_over: bool
    was_missed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A deadline that was missed."""

    deadline_id: int
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRate:
    """Since `since`, None where nothing was forecast yet.

    `came` of the `foreseen` deadlines were missed; `warned` of the `missed` were forecast in time.
    """

    since: datetime | None = None
    foreseen: int = 0
    came: int = 0
    missed: int = 0
    warned: int = 0

    @property
    def is_small(self) -> bool:
        """Whether there are too few cases to go by."""
        return min(self.foreseen, self.missed) < SMALL


def hit_rate(since: datetime | None, said: Sequence[Said], missed: Iterable[Missed]) -> HitRate:
    """The rate of forecasts: each deadline counts once, however many hours it was forecast in."""
    first: dict[int, datetime] = {}
    for each in said:
        first[each.deadline_id] = min(each.made_at, first.get(each.deadline_id, each.made_at))
    over = {each.deadline_id: each.was_missed for each in said if each.is_over}
    late = list(missed)
    warned = sum(
        each.deadline_id in first and first[each.deadline_id] <= each.due_at - NOTICE
        for each in late
    )
    return HitRate(
        since=since,
        foreseen=len(over),
        came=sum(over.values()),
        missed=len(late),
        warned=warned,
    )
