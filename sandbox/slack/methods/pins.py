"""pins.add and pins.remove."""

import re

from sandbox.slack.errors import ApiError
from sandbox.slack.methods.registry import Call, Method, channel_of, is_member, message_of
from sandbox.slack.model import JsonObject, Message

MOST_PINS = 100
"""Slack names no number; a channel of a hundred pins stands for a full one."""


def _target(call: Call) -> Message:
    timestamp = call.args.text("timestamp")
    channel = channel_of(call, call.args.need("channel"))
    if not is_member(call, channel):
        raise ApiError("channel_not_found")
    if timestamp is None:
        raise ApiError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d{6}", timestamp):
        raise ApiError("bad_timestamp")
    return message_of(call, channel, timestamp)


def _add(call: Call) -> JsonObject:
    message = _target(call)
    workspace = call.core.workspace
    if message.pinned:
        raise ApiError("already_pinned")
    if sum(each.pinned for each in workspace.messages(message.channel)) >= MOST_PINS:
        raise ApiError("too_many_pins")
    message.pinned = True
    workspace.message_changed(message)
    return {}


def _remove(call: Call) -> JsonObject:
    message = _target(call)
    if not message.pinned:
        raise ApiError("no_pin")
    message.pinned = False
    call.core.workspace.message_changed(message)
    return {}


_ERRORS = frozenset(
    {
        "bad_timestamp",
        "channel_not_found",
        "message_not_found",
        "no_item_specified",
    }
)
_WRITE = frozenset({"pins:write"})

PIN_METHODS = (
    Method(
        name="pins.add",
        tier=2,
        run=_add,
        scopes=_WRITE,
        errors=_ERRORS | {"already_pinned", "too_many_pins"},
    ),
    Method(name="pins.remove", tier=2, run=_remove, scopes=_WRITE, errors=_ERRORS | {"no_pin"}),
)
