"""Small worlds in which one thing goes wrong at a known place: where rules of recovery show."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from tests.simulation.day import CHECKS
from tests.simulation.forks import in_copy
from tests.simulation.mutants import Mutant, mutated
from tests.simulation.stories import Story
from tests.simulation.worlds import Outcome, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A story; with `dies_at` the process dies when it passes a point of that name for that time."""

    story: Story
    dies_at: tuple[str, int] | None = None


def play_scene(scene: Scene, without: Sequence[Mutant] = ()) -> Outcome:
    """What becomes of a scene, in a product without some of its rules."""

    def run() -> Outcome:
        with ExitStack() as rules:
            for rule in without:
                rules.enter_context(mutated(rule))
            world = World(scene.story.plan, scene.story.build, CHECKS)
            if scene.dies_at is not None:
                world.points.visit = _once(*scene.dies_at)
            return world.run()

    return in_copy(run)


def _once(name: str, time: int) -> Callable[[int, str], bool]:
    """Whether this is the point called `name`, passed for the `time`-th time."""
    passed = 0

    def dies(_number: int, point: str) -> bool:
        nonlocal passed
        passed += point == name
        return point == name and passed == time

    return dies
