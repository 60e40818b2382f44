"""Whether Slack would take these blocks or this view, and how it completes what it takes.

Importable on its own: renderers' tests ask `validate_blocks` and `validate_view` directly.
"""

import copy
import json
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sandbox.slack.block_elements import INTERACTIVE
from sandbox.slack.block_kinds import (
    BLOCKS,
    MODAL_INPUTS,
    MOST_BLOCKS,
    MOST_OF_A_KIND,
    SURFACES,
    Surface,
)
from sandbox.slack.block_schema import (
    BlockError,
    Report,
    boolean,
    by_type,
    complain,
    record,
    string,
)
from sandbox.slack.block_text import plain
from sandbox.slack.model import JsonObject

MOST_MARKDOWN = 12_000
MOST_VIEW_BYTES = 250_000
__all__ = ["BlockError", "Surface", "complete_blocks", "elements_of", "validate_blocks"]
__all__ += ["MOST_VIEW_BYTES", "format_errors", "validate_view"]

_TITLE = plain(24)
_VIEW_FIELDS = {
    "callback_id": string(most=255, least=0),
    "external_id": string(most=255, least=0),
    "private_metadata": string(most=3000, least=0),
}


def _anything(_value: Any, _at: str, _report: Report) -> None:
    return


_VIEW = by_type(
    {
        "modal": record(
            {"type": _anything, "title": _TITLE, "blocks": _anything},
            {
                **_VIEW_FIELDS,
                "close": _TITLE,
                "submit": _TITLE,
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        ),
        "home": record({"type": _anything, "blocks": _anything}, _VIEW_FIELDS),
    }
)


def _nested(block: Any) -> Iterator[tuple[str, Any]]:
    """The elements a block holds, with their pointers within it."""
    for name in ("accessory", "element"):
        if isinstance(block.get(name), dict):
            yield f"/{name}", block[name]
    for name in ("elements", "actions"):
        items = block.get(name)
        for index, item in enumerate(items if isinstance(items, list) else []):
            if isinstance(item, dict):
                yield f"/{name}/{index}", item


def _with_children(blocks: Sequence[Any], at: str = "") -> Iterator[tuple[str, Any]]:
    for index, block in enumerate(blocks):
        if not isinstance(block, dict):
            continue
        here = f"{at}/{index}"
        yield here, block
        if block.get("type") == "carousel" and isinstance(block.get("elements"), list):
            yield from _with_children(block["elements"], f"{here}/elements")
        if isinstance(block.get("child_blocks"), list):
            yield from _with_children(block["child_blocks"], f"{here}/child_blocks")


def elements_of(blocks: Sequence[JsonObject]) -> Iterator[tuple[JsonObject, JsonObject]]:
    """Every (block, interactive element) pair, children included."""
    for _, block in _with_children(blocks):
        for _, element in _nested(block):
            if element.get("type") in INTERACTIVE:
                yield block, element


def _check_action_ids(block: Any, at: str, report: Report) -> None:
    seen: set[str] = set()
    for inner, element in _nested(block):
        action_id = element.get("action_id")
        if not isinstance(action_id, str):
            continue
        if action_id in seen:
            complain(report, f"{at}{inner}/action_id", f"action_id {action_id!r} already exists")
        seen.add(action_id)


def _check_surface(blocks: Sequence[Any], surface: Surface, report: Report) -> None:
    for index, block in enumerate(blocks):
        if not isinstance(block, dict) or block.get("type") not in BLOCKS:
            continue
        if block["type"] not in SURFACES[surface]:
            complain(report, f"/{index}/type", f"unsupported type: {block['type']}")
    for at, block in _with_children(blocks):
        for inner, element in _nested(block):
            if surface != "modal" and element.get("type") in MODAL_INPUTS:
                complain(report, f"{at}{inner}/type", f"unsupported type: {element['type']}")


def _check_counts(blocks: Sequence[Any], report: Report) -> None:
    kinds = Counter(block.get("type") for _, block in _with_children(blocks))
    for kind, most in MOST_OF_A_KIND.items():
        if kinds[kind] > most:
            complain(report, "", f"no more than {most} blocks of type {kind} allowed")
    texts = (b.get("text") for _, b in _with_children(blocks) if b.get("type") == "markdown")
    if sum(len(text) for text in texts if isinstance(text, str)) > MOST_MARKDOWN:
        complain(report, "", f"markdown blocks must be less than {MOST_MARKDOWN + 1} characters")


def _check_block_ids(blocks: Sequence[Any], report: Report) -> None:
    seen: set[str] = set()
    for at, block in _with_children(blocks):
        _check_action_ids(block, at, report)
        block_id = block.get("block_id")
        if not isinstance(block_id, str):
            continue
        if block_id in seen:
            complain(report, f"{at}/block_id", f"block_id {block_id!r} already exists")
        seen.add(block_id)


def _check_focus(blocks: Sequence[Any], report: Report) -> None:
    focused = [
        f"{at}{inner}"
        for at, block in _with_children(blocks)
        for inner, element in _nested(block)
        if element.get("focus_on_load") is True
    ]
    for pointer in focused[1:]:
        complain(report, f"{pointer}/focus_on_load", "only one element may have focus_on_load")


def validate_blocks(blocks: Any, surface: Surface = "message") -> list[BlockError]:
    """Everything Slack would refuse; pointers start below `blocks` (`/0/text/text`)."""
    report: Report = []
    if not isinstance(blocks, list):
        complain(report, "", "must be an array")
        return report
    if len(blocks) > MOST_BLOCKS[surface]:
        complain(report, "", f"no more than {MOST_BLOCKS[surface]} items allowed")
    check = by_type(BLOCKS)
    for index, block in enumerate(blocks):
        check(block, f"/{index}", report)
    _check_surface(blocks, surface, report)
    _check_counts(blocks, report)
    _check_block_ids(blocks, report)
    _check_focus(blocks, report)
    return report


def validate_view(view: Any) -> list[BlockError]:
    """Everything Slack would refuse in a modal or Home; pointers start below the view (`/blocks/0/…`)."""
    report: Report = []
    _VIEW(view, "", report)
    if not isinstance(view, dict) or view.get("type") not in {"modal", "home"}:
        return report
    surface: Surface = view["type"]
    for error in validate_blocks(view.get("blocks"), surface):
        complain(report, f"/blocks{error.pointer}", error.message)
    blocks = view.get("blocks")
    inputs = [
        block
        for block in (blocks if isinstance(blocks, list) else [])
        if isinstance(block, dict) and block.get("type") == "input"
    ]
    if surface == "modal" and inputs and not view.get("submit"):
        complain(report, "", "missing required field: submit")
    return report


def is_too_large(view: Mapping[str, Any]) -> bool:
    """Whether a view is beyond Slack's 250 kB."""
    return len(json.dumps(view).encode()) > MOST_VIEW_BYTES


def format_errors(errors: Sequence[BlockError], base: str) -> list[str]:
    """The lines of `response_metadata.messages`."""
    return [f"[ERROR] {error.message} [json-pointer:{base}{error.pointer}]" for error in errors]


def complete_blocks(blocks: Sequence[JsonObject]) -> list[JsonObject]:
    """A copy with the ids Slack makes up where the app gave none."""
    completed = copy.deepcopy(list(blocks))
    for _, block in _with_children(completed):
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for _, element in _nested(block):
            if element.get("type") in INTERACTIVE:
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return completed
