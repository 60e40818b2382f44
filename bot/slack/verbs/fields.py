"""Fields of windows, and what was put into them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.language import tr
from bot.slack.blocks import kit
from bot.slack.blocks.rendered import Block
from bot.slack.verbs.spec import View

_HINT_LIMIT = 1900
_OPTIONS = 100
"""Options a select can have (Slack's Block Kit reference)."""


def in_words(choices: Mapping[str, str]) -> dict[str, str]:
    """A table of marked texts in the language spoken."""
    return {value: tr(text) for value, text in choices.items()}


def select(
    field: str, label: str, choices: Mapping[str, str], initial: str, *, hint: str = ""
) -> Block:
    """One of several choices."""
    options = {
        str(value): {"text": kit.plain(text, kit.OPTION_LIMIT), "value": str(value)}
        for value, text in choices.items()
    }
    element: Block = {
        "type": "static_select",
        "action_id": field,
        "options": list(options.values()),
        "initial_option": options[str(initial)],
    }
    return _input(field, label, element, hint=hint)


def multi_select(
    field: str,
    label: str,
    choices: Mapping[str, str],
    initial: Sequence[str] = (),
    *,
    hint: str = "",
) -> Block:
    """Any of several choices, or none."""
    options = {
        value: {"text": kit.plain(text, kit.OPTION_LIMIT), "value": value}
        for value, text in list(choices.items())[:_OPTIONS]
    }
    element: Block = {
        "type": "multi_static_select",
        "action_id": field,
        "options": list(options.values()),
    }
    chosen = [options[value] for value in initial if value in options]
    if chosen:
        element["initial_options"] = chosen
    return _input(field, label, element, hint=hint, optional=True)


def line_input(
    field: str, label: str, *, limit: int, initial: str = "", hint: str = "", optional: bool = False
) -> Block:
    """A field of one line."""
    element: Block = {"type": "plain_text_input", "action_id": field, "max_length": limit}
    if initial:
        element["initial_value"] = initial
    return _input(field, label, element, hint=hint, optional=optional)


def person_input(
    field: str, label: str, *, initial: str | None = None, hint: str = "", optional: bool = False
) -> Block:
    """Somebody of the workspace."""
    element: Block = {"type": "users_select", "action_id": field}
    if initial is not None:
        element["initial_user"] = initial
    return _input(field, label, element, hint=hint, optional=optional)


def _input(
    field: str, label: str, element: Block, *, hint: str = "", optional: bool = False
) -> Block:
    block: Block = {
        "type": "input",
        "block_id": field,
        "label": kit.plain(label),
        "element": element,
    }
    if optional:
        block["optional"] = True
    return block | {"hint": kit.plain(hint, _HINT_LIMIT)} if hint else block


def text_in(view: View, field: str) -> str:
    """What was typed; empty where nothing was."""
    return str(_state(view, field).get("value") or "").strip()


def chosen_in(view: View, field: str) -> str:
    """The value that was chosen."""
    return str(_state(view, field)["selected_option"]["value"])


def all_chosen_in(view: View, field: str) -> tuple[str, ...]:
    """The values that were chosen."""
    chosen = _state(view, field).get("selected_options") or ()
    return tuple(str(option["value"]) for option in chosen)


def newly_chosen_in(view: View, field: str) -> str | None:
    """The value that was chosen, where it is not the one the window showed."""
    chosen = chosen_in(view, field)
    return None if chosen == element_of(view, field)["initial_option"]["value"] else chosen


def person_in(view: View, field: str) -> str | None:
    """The Slack id of who was chosen."""
    found = _state(view, field).get("selected_user")
    return str(found) if found else None


def element_of(view: View, field: str) -> Mapping[str, Any]:
    """The field as the window showed it."""
    blocks: Sequence[Block] = view["blocks"]
    found: Mapping[str, Any] = next(
        each["element"] for each in blocks if each.get("block_id") == field
    )
    return found


def _state(view: View, field: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = view["state"]["values"].get(field, {}).get(field, {})
    return found
