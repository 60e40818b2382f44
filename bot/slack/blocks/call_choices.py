"""Below what calls people: the way to say how one wants to be called."""

from collections.abc import Mapping
from typing import Any

from bot.domain.home import OwnChoices
from bot.language import tr
from bot.slack.blocks import kit
from bot.slack.blocks.actions import ActionId, ViewId
from bot.slack.blocks.home_choices import language_select, pings_select, quiet_inputs
from bot.slack.blocks.rendered import Block


def calls_button() -> Block:
    """Opens the window; of whoever presses it, wherever that is."""
    # For translators: a button, at most 25 characters; it opens a window about one's own pings.
    return kit.button(ActionId.OWN_CALLS, tr("How you are called…"), "calls")


def calls_line() -> Block:
    """The button on a line of its own, below a message that has no others."""
    return kit.actions(calls_button())


def calls_view(own: OwnChoices) -> Block:
    """Where pings reach somebody, when it is quiet, and which language is spoken to them."""
    return kit.modal(
        ViewId.CALLS,
        # For translators: at most 24 characters.
        tr("How you are called"),
        [
            _input(tr("Pings"), pings_select(own.agent.pings)),
            *quiet_inputs(own.agent.quiet),
            _input(tr("Language"), language_select(own)),
        ],
        metadata="",
        # For translators: a button, at most 24 characters.
        submit=tr("Keep"),
        # For translators: a button, at most 24 characters.
        close=tr("Cancel"),
    )


def _input(label: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": element["action_id"],
        "label": kit.plain(label),
        "element": element,
    }


def chosen_in(view: Mapping[str, Any], action: ActionId) -> str:
    """What was chosen in one of the menus."""
    found = view["state"]["values"].get(str(action), {}).get(str(action), {})
    return str((found.get("selected_option") or {}).get("value") or "")
