"""What is shown of macros stays within Slack's limits, whatever they hold and however many there are."""

from typing import Any

import pytest

from bot.slack.blocks.macro_fields import MOST_OFFERED
from bot.slack.blocks.macro_views import macro_list
from bot.slack.blocks.reply_fields import MOST_MACROS, Draft
from sandbox.slack.blocks import validate_blocks, validate_view
from tests.unit.slack.macro_scenes import WORST_LIST, WORST_VIEWS
from tests.unit.slack.test_hostile_words import assert_inert

VIEW_BYTES = 250_000
METADATA = 3000


@pytest.mark.parametrize("name", WORST_VIEWS)
def test_a_window_at_its_worst_is_one_that_slack_takes(name: str) -> None:
    view = WORST_VIEWS[name]()
    assert validate_view(view) == []
    assert len(str(view).encode()) < VIEW_BYTES
    assert_inert(view["blocks"])


def test_the_list_at_its_worst_is_one_that_slack_takes() -> None:
    told = macro_list(WORST_LIST, "x" * 200, "/ticket")
    assert validate_blocks(told.blocks, "message") == []
    assert len(told.text) <= 300
    assert_inert(told.blocks)


def options(view: dict[str, Any]) -> list[list[str]]:
    (select,) = [
        element
        for block in view["blocks"]
        for element in block.get("elements", ())
        if element.get("action_id") == "macro_chosen"
    ]
    return [[one["value"] for one in group["options"]] for group in select["option_groups"]]


def test_no_more_macros_are_offered_than_a_list_can_hold() -> None:
    groups = options(WORST_VIEWS["reply"]())
    assert sum(map(len, groups)) == MOST_OFFERED


def test_what_a_window_remembers_fits_beside_its_files() -> None:
    refs = tuple(f"file:it:{'x' * 80}{n}" for n in range(MOST_MACROS))
    draft = Draft(ticket_id=2**62, seen=2**62, fills=99, macros=refs)
    assert Draft.load(draft.dump()) == draft
    # Twenty files take 2,300 of the 3,000 characters.
    assert len(draft.dump()) < METADATA - 2300
    assert "macros" not in Draft(ticket_id=1, seen=None).dump()
