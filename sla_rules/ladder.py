"""Who hears of a missed deadline, when, and how often: the ladder of a clock, as data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Final

from typing_extensions import override

from sla_rules.durations import in_words
from sla_rules.vocabulary import Audience, Until

MOST_PINGS: Final = 24
"""A miss is told at most so often: once an hour for a day. Who has not heard it by then will not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderStep:
    """One step: `after` the miss in the time of the clock's own calendar, then `every` so much.

    It is told `times` times in all, to `to`; without `mention` it stands in the thread and calls
    nobody. `until` says what ends it beside an answer, which always does.
    """

    after: timedelta
    to: Audience = Audience.MANAGERS
    mention: bool = True
    every: timedelta | None = None
    times: int = 1
    until: Until = Until.ACKNOWLEDGED

    @property
    def lasts_to(self) -> timedelta:
        """How long after the miss it is told for the last time."""
        return self.after + (self.every or timedelta(0)) * (self.times - 1)

    @override
    def __str__(self) -> str:
        """What the version of a policy is made from: never change it for a step of today."""
        repeated = f" every {in_words(self.every)} times {self.times}" if self.every else ""
        mention = "mention" if self.mention else "quietly"
        return f"{in_words(self.after)} {self.to} {mention} until {self.until}{repeated}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One ping of a ladder: the `count`-th, counted from 0, so long after the miss."""

    count: int
    after: timedelta
    step: LadderStep


USUAL_LADDER: Final = (
    LadderStep(after=timedelta(0)),
    LadderStep(after=timedelta(minutes=30)),
    LadderStep(after=timedelta(minutes=60)),
)
"""Managers at the miss, and again after 30 and 60 minutes until somebody acknowledges."""


def rungs(ladder: Sequence[LadderStep]) -> Iterator[Rung]:
    """Every ping of a ladder, in its order."""
    count = 0
    for step in ladder:
        for repeat in range(step.times):
            after = step.after + (step.every or timedelta(0)) * repeat
            yield Rung(count=count, after=after, step=step)
            count += 1


def impossible(ladder: Sequence[LadderStep]) -> Iterator[str]:
    """What of a ladder cannot be, a sentence each, the key first."""
    if not ladder:
        yield 'ladder: has no step. Leave it out, or write [ { after = "0m" } ]'
        return
    if ladder[0].after:
        yield (
            f"ladder: begins {in_words(ladder[0].after)} after the miss. A miss is told when it "
            'happens: write after = "0m" in the first step'
        )
    for earlier, later in pairwise(ladder):
        if later.after <= earlier.lasts_to:
            yield (
                f"ladder: a step {in_words(later.after)} after the miss follows one that goes on "
                f"to {in_words(earlier.lasts_to)}. Write a later time, or fewer times before it"
            )
    told = sum(step.times for step in ladder)
    if told > MOST_PINGS:
        yield f"ladder: tells one miss {told} times. Write at most {MOST_PINGS} in all"
