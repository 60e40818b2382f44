"""A violation as a person needs it: what broke, the least that breaks it, and how to see it again."""

import shlex
from typing import Final

from tests.simulation.worlds import Outcome, Plan

LAST_STEPS: Final = 50


def replay(plan: Plan) -> str:
    """The command that plays a plan again."""
    return f"python -m tests.simulation run --plan {shlex.quote(plan.to_json())}"


def told(outcome: Outcome) -> str:
    """What became of a world, in words."""
    size = outcome.plan.size
    faults = sum(outcome.injected.values())
    lines = [
        f"seed {outcome.plan.seed}: {size.hours:g} h, {size.conversations} conversations",
        f"{outcome.commits} commits, {outcome.lives} lives, {faults} faults",
        f"trace {outcome.digest}",
    ]
    if outcome.violated is None:
        return "\n".join([*lines, "every invariant held"])
    invariant, detail = outcome.violated
    steps = outcome.story[-LAST_STEPS:]
    return "\n".join(
        [
            f"VIOLATED {invariant}: {detail}",
            *lines,
            f"dials {outcome.plan.dials.to_json()}",
            f"injected {dict(outcome.injected)}",
            f"the last {len(steps)} steps:",
            *(f"  {step}" for step in steps),
            f"again: {replay(outcome.plan)}",
        ]
    )
