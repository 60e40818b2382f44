"""blocks.validate: Slack's own linter; needs no token."""

from typing import Any

from sandbox.slack.block_schema import BlockError
from sandbox.slack.blocks import validate_blocks, validate_view
from sandbox.slack.errors import ApiError
from sandbox.slack.methods.registry import Call, Method
from sandbox.slack.model import JsonObject

_WHAT = ("blocks", "message", "view")


def _findings(errors: list[BlockError]) -> list[JsonObject]:
    return [
        {"code": "failed_constraint", "message": error.message, "pointer": error.pointer}
        for error in errors
    ]


def _check(what: str, payload: Any) -> list[BlockError]:
    if what == "view":
        return validate_view(payload)
    if what == "blocks":
        return validate_blocks(payload)
    blocks = payload.get("blocks", []) if isinstance(payload, dict) else payload
    return validate_blocks(blocks)


def _validate(call: Call) -> JsonObject:
    given = [what for what in _WHAT if call.args.values.get(what)]
    if len(given) != 1:
        lines = ["must provide exactly one of `blocks`, `view`, or `message`"]
        raise ApiError("invalid_arguments", lines)
    errors = _check(given[0], call.args.json(given[0]))
    if errors:
        raise ApiError(f"invalid_{given[0]}", extra={"errors": _findings(errors)})
    return {}


LINT_METHODS = (
    Method(
        name="blocks.validate",
        tier=3,
        run=_validate,
        caller="anybody",
        errors=frozenset({"invalid_blocks", "invalid_message", "invalid_view"}),
    ),
)
