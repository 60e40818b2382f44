"""The process dies at every point of the canonical stories, and a new one makes everything good."""

import gc
from typing import Final

import pytest

from tests.simulation.day import CHECKS
from tests.simulation.forks import in_copy
from tests.simulation.running import warm_up_stories
from tests.simulation.stories import STORIES, Story
from tests.simulation.sweep import Sweep
from tests.simulation.telling import told

pytestmark = [pytest.mark.simulation, pytest.mark.timeout(1800)]

PARTS: Final = 5
"""Each story in so many tests, so that the cores share it."""


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    warm_up_stories()
    gc.freeze()


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_nothing_is_lost_or_done_twice_wherever_the_process_dies(story: Story, part: int) -> None:
    swept = in_copy(Sweep(story, CHECKS, first=part, step=PARTS).run)
    assert swept.story.violated is None, told(swept.story)
    assert swept.points >= swept.story.points // PARTS // 2
    for crash in swept.crashes:
        where = f"died at point {crash.point} ({crash.name}), again after {crash.again_after}"
        pytest.fail(f"{story.name}: {where}\n{told(crash.outcome)}", pytrace=False)
