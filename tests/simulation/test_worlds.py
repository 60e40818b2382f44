"""Random worlds, each from a seed: whatever went wrong in them, every invariant held at the end."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Final

import pytest

from tests.simulation.day import CHECKS, a_day
from tests.simulation.faults import Dials
from tests.simulation.forks import in_copy
from tests.simulation.mutants import Mutant, mutated
from tests.simulation.running import known_failures, play, warm_up
from tests.simulation.shrink import shrunk
from tests.simulation.telling import told
from tests.simulation.worlds import LEAST_FAULTS, LEAST_KINDS, Outcome, Plan, Size, World

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(900)]

WORLDS: Final = 300
GROUPS: Final = 30
SMALL: Final = Size(hours=1.5, conversations=4, inboxes=2)
LARGE: Final = Size(hours=8.0, conversations=40, inboxes=3)
LARGE_ONES: Final = 50
"""The first seed of so many is a whole day with every inbox; the others are an hour and a half with
two inboxes, so that all fit into a check. `make soak` plays whole days only. About one world in
seven has two processes at work. Faults and their kinds are as many in the small as in the large."""


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


def played(plan: Plan) -> Outcome:
    """The outcome, which must be a good one; a bad one is told as small as it gets."""
    outcome = play(plan)
    if outcome.violated is not None:
        pytest.fail(told(shrunk(outcome, play, seconds=60)), pytrace=False)
    return outcome


def test_worlds_that_once_failed() -> None:
    for plan in known_failures():
        played(plan)


@pytest.mark.parametrize("group", range(GROUPS))
def test_every_invariant_holds_in_random_worlds(group: int) -> None:
    for seed in range(group * WORLDS // GROUPS, (group + 1) * WORLDS // GROUPS):
        size = SMALL if seed % LARGE_ONES else LARGE
        injected = played(Plan.drawn(seed, size)).injected
        assert sum(injected.values()) >= LEAST_FAULTS, f"seed {seed}: {injected}"
        assert len(injected) >= LEAST_KINDS, f"seed {seed}: {injected}"


def test_the_trace_is_the_same_in_every_process() -> None:
    command = [sys.executable, "-m", "tests.simulation", "run", "--seed", "6"]
    command += ["--hours", "2", "--conversations", "6"]
    traces = set()
    for hash_seed in ("0", "1", "random"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        traces.add(next(line for line in done.stdout.splitlines() if line.startswith("trace ")))
    assert len(traces) == 1


def test_a_planted_bug_is_told_with_its_story_and_how_to_see_it_again() -> None:
    forgetful = Mutant(
        name="the cursor moves past what is not stored",
        where="bot.jobs.poll:store_page",
        made=lambda real: (
            lambda tx, inbox, page: real(tx, inbox, replace(page, items=page.items[::2]))
        ),
    )
    plan = Plan(
        seed=3, dials=Dials.only(reorder=0.3, duplicate=0.2), size=Size(hours=2, conversations=8)
    )

    def broken(tried: Plan) -> Outcome:
        def run() -> Outcome:
            with mutated(forgetful):
                return World(tried, a_day, CHECKS).run()

        return in_copy(run)

    outcome = broken(plan)
    assert outcome.violated is not None
    smaller = shrunk(outcome, broken, seconds=20)
    assert smaller.plan.size.conversations < plan.size.conversations
    words = told(smaller)
    assert words.startswith("VIOLATED I")
    assert "slack: posts in" in words or "weather: calm" in words
    again = words.splitlines()[-1].partition("--plan '")[2].removesuffix("'")
    assert Plan.from_json(again) == smaller.plan
