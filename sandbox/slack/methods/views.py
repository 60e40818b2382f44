"""views.*: open, push and change modals, publish a Home."""

from typing import Any

from sandbox.slack.blocks import format_errors, is_too_large, validate_view
from sandbox.slack.errors import ApiError
from sandbox.slack.methods.registry import Call, Method
from sandbox.slack.model import JsonObject, View
from sandbox.slack.shapes import view_json
from sandbox.slack.view_stack import ExternalIdTaken, StackFull, ViewStack


def _body(call: Call, kind: str) -> JsonObject:
    view: Any = call.args.json("view")
    if view is None:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: view"])
    errors = validate_view(view)
    if errors:
        raise ApiError("invalid_arguments", format_errors(errors, "/view"))
    if view["type"] != kind:
        raise ApiError(
            "invalid_arguments", [f"[ERROR] must be a {kind} view [json-pointer:/view/type]"]
        )
    if is_too_large(view):
        raise ApiError("view_too_large")
    body: JsonObject = view
    return body


def _answer(call: Call, view: View) -> JsonObject:
    shape = view_json(view, call.core.workspace.team_id)
    shape |= {"app_id": call.core.app.app_id, "bot_id": call.core.app.bot_id}
    return {"view": shape}


def _open(call: Call) -> JsonObject:
    body = _body(call, "modal")
    user = call.core.triggers.redeem(_trigger(call))
    try:
        return _answer(call, ViewStack(call.core.workspace).open(user, body))
    except ExternalIdTaken:
        raise ApiError("duplicate_external_id") from None


def _trigger(call: Call) -> str:
    trigger = call.args.text("trigger_id")
    if trigger is None:
        raise ApiError("invalid_arguments", ["[ERROR] missing required field: trigger_id"])
    return trigger


def _push(call: Call) -> JsonObject:
    body = _body(call, "modal")
    user = call.core.triggers.redeem(_trigger(call))
    if not call.core.workspace.modals[user]:
        raise ApiError("not_found")
    try:
        return _answer(call, ViewStack(call.core.workspace).push(user, body))
    except StackFull:
        raise ApiError("push_limit_reached") from None
    except ExternalIdTaken:
        raise ApiError("duplicate_external_id") from None


def _check_hash(call: Call, view: View) -> None:
    wanted = call.args.text("hash")
    if wanted is not None and wanted != view.hash:
        raise ApiError("hash_conflict")


def _update(call: Call) -> JsonObject:
    view_id, external_id = call.args.text("view_id"), call.args.text("external_id")
    if view_id is None and external_id is None:
        raise ApiError("invalid_arguments", ["[ERROR] must define one of: view_id, external_id"])
    stack = ViewStack(call.core.workspace)
    view = next(
        (
            v
            for v in stack.all()
            if v.id == view_id or (external_id and v.external_id == external_id)
        ),
        None,
    )
    if view is None:
        raise ApiError("not_found")
    body = _body(call, view.kind)
    _check_hash(call, view)
    try:
        return _answer(call, stack.replace(view, body))
    except ExternalIdTaken:
        raise ApiError("duplicate_external_id") from None


def _publish(call: Call) -> JsonObject:
    if not call.core.app.manifest.home_tab:
        raise ApiError("not_enabled")
    user = call.core.workspace.users.get(call.args.need("user_id"))
    if user is None or user.deleted or user.is_bot:
        raise ApiError("invalid_arguments", ["invalid `user_id`"])
    body = _body(call, "home")
    home = call.core.workspace.homes.get(user.id)
    if home is not None:
        _check_hash(call, home)
    elif call.args.text("hash") is not None:
        raise ApiError("hash_conflict")
    try:
        return _answer(call, ViewStack(call.core.workspace).publish(user.id, body))
    except ExternalIdTaken:
        raise ApiError("duplicate_external_id") from None


_TRIGGERED = frozenset(
    {
        "duplicate_external_id",
        "exchanged_trigger_id",
        "expired_trigger_id",
        "invalid_trigger_id",
        "view_too_large",
    }
)
_CHANGED = frozenset({"duplicate_external_id", "hash_conflict", "view_too_large"})

VIEW_METHODS = (
    Method(name="views.open", tier=4, run=_open, errors=_TRIGGERED),
    Method(
        name="views.push",
        tier=4,
        run=_push,
        errors=_TRIGGERED | {"not_found", "push_limit_reached"},
    ),
    Method(name="views.update", tier=4, run=_update, errors=_CHANGED | {"not_found"}),
    Method(name="views.publish", tier=4, run=_publish, errors=_CHANGED | {"not_enabled"}),
)
