"""Many worlds, each in a copy of the process; and the seeds that once failed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.simulation.day import CHECKS, a_day
from tests.simulation.faults import Dials
from tests.simulation.forks import in_copy
from tests.simulation.stories import STORIES
from tests.simulation.worlds import Outcome, Plan, Size, World

SEEDS: Final = Path(__file__).with_name("seeds.txt")


def play(plan: Plan) -> Outcome:
    """What becomes of the world of `plan`."""
    return in_copy(lambda: World(plan, a_day, CHECKS).run())


def warm_up_stories() -> None:
    """Play every story once, so that the copies made in the middle of one know all of its SQL."""
    warm_up()
    for story in STORIES:
        World(story.plan, story.build, CHECKS).run()


def warm_up() -> None:
    """Play a little in this process, so that its copies know the SQL already."""
    size = Size(hours=0.5, conversations=3)
    World(Plan(seed=0, dials=Dials(), size=size, shuffled=False), a_day, CHECKS).run()


def known_failures(path: Path = SEEDS) -> Sequence[Plan]:
    """The worlds that once failed, oldest first. A line is a plan in JSON, with a note."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [Plan.from_json(line) for line in lines if line.startswith("{")]


def remember(outcome: Outcome, note: str, path: Path = SEEDS) -> None:
    """Have a world that failed run first from now on."""
    line = json.dumps({**json.loads(outcome.plan.to_json()), "note": note})
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
