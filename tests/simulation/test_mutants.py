"""Every rule of recovery is needed: without it an invariant breaks in a world where the desk holds."""

from collections.abc import Mapping, Sequence
from typing import Final

import pytest

from tests.simulation import known_scenes
from tests.simulation.recovery_rules import OUTWARD, Rule
from tests.simulation.recovery_rules_clocks import CLOCKWISE
from tests.simulation.recovery_rules_inside import INWARD
from tests.simulation.recovery_rules_shared import SHARED
from tests.simulation.running import warm_up
from tests.simulation.scenes import Scene, play_scene
from tests.simulation.telling import told

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(300)]

RULES: Final[Sequence[Rule]] = (*OUTWARD, *INWARD, *CLOCKWISE, *SHARED)
SCENES: Final[Mapping[str, Scene]] = {
    name.lower(): each for name, each in vars(known_scenes).items() if isinstance(each, Scene)
}


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up()


@pytest.mark.parametrize("scene", SCENES)
def test_with_all_its_rules_the_desk_gets_through(scene: str) -> None:
    outcome = play_scene(SCENES[scene])
    assert outcome.violated is None, told(outcome)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_without_a_rule_its_invariant_breaks(rule: Rule) -> None:
    outcome = play_scene(rule.seen_in, rule.off)
    assert outcome.violated is not None, f"without it: {rule.name}. Nobody noticed."
    assert outcome.violated[0] == rule.breaks


def test_there_are_many_rules_each_told_apart() -> None:
    assert len(RULES) >= 25
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.because for rule in RULES if len(rule.off) > 1)
    assert {id(rule.seen_in) for rule in RULES} == {id(each) for each in SCENES.values()}
