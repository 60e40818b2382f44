"""The least that still breaks: dials off one at a time, fewer conversations, a shorter day."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.simulation.worlds import Outcome, Plan

Play = Callable[[Plan], Outcome]


def shrunk(failed: Outcome, play: Play, *, seconds: float = 120.0) -> Outcome:
    """The smallest world found that violates the same invariant, within so many real seconds."""
    if failed.violated is None:
        return failed
    ends = time.monotonic() + seconds
    best, again = failed, True
    while again:
        again = False
        for smaller in _smaller(best.plan):
            if time.monotonic() > ends:
                return best
            outcome = play(smaller)
            if outcome.violated is not None and outcome.violated[0] == failed.violated[0]:
                best, again = outcome, True
                break
    return best


def _smaller(plan: Plan) -> Iterator[Plan]:
    """Each a step smaller, those that save most first."""
    size = plan.size
    if size.conversations > 1:
        yield replace(plan, size=replace(size, conversations=size.conversations // 2))
    if size.hours > 1:
        yield replace(plan, size=replace(size, hours=size.hours / 2))
    if plan.workers > 1:
        yield replace(plan, workers=1)
    if size.inboxes > 1:
        yield replace(plan, size=replace(size, inboxes=1))
    for kind in plan.dials.on:
        yield replace(plan, dials=plan.dials.without(kind))
    if plan.shuffled:
        yield replace(plan, shuffled=False)
