"""Small worlds in which one thing goes wrong at a known place: where rules of recovery show."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

from bot.db import ping_rows
from bot.outbox import store
from tests.simulation.day import CHECKS
from tests.simulation.forks import in_copy
from tests.simulation.mutants import Mutant, mutated
from tests.simulation.stories import Story
from tests.simulation.worlds import Outcome, World


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A story in which the process dies once it passed points of those names, in that order.

    It stays `away` for so many seconds, else for a few. `tick` is how often, in seconds, the desk
    looks at its clock, `idle` how often at what is to be sent when nothing woke it.
    """

    story: Story
    dies_after: tuple[str, ...] = ()
    away: float = 0.0
    tick: float | None = None
    idle: float | None = None


def play_scene(scene: Scene, without: Sequence[Mutant] = ()) -> Outcome:
    """What becomes of a scene, in a product without some of its rules."""
    plan = scene.story.plan
    if scene.tick is not None:
        plan = replace(plan, knobs=replace(plan.knobs, tick=scene.tick))
    if scene.idle is not None:
        plan = replace(plan, knobs=replace(plan.knobs, idle=scene.idle))

    def run() -> Outcome:
        with ExitStack() as rules:
            for rule in without:
                rules.enter_context(mutated(rule))
            _forget_questions()
            world = World(plan, scene.story.build, CHECKS)
            if scene.dies_after:
                world.points.visit = _once(scene.dies_after)
                world._away = scene.away
            return world.run()

    return in_copy(run)


def _once(names: Sequence[str]) -> Callable[[int, str], bool]:
    """Whether this is the last of the points, passed in their order."""
    left = list(names)

    def dies(_number: int, point: str) -> bool:
        if not left or left[0] != point:
            return False
        left.pop(0)
        return not left

    return dies


def _forget_questions() -> None:
    """Questions to the database are built once; they are built again, without the rule."""
    for kept in (store._heads, store._doubtful, store._first_changes, ping_rows.select_due):
        kept.cache_clear()
