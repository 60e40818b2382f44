"""reactions.add and reactions.remove."""

import re

from sandbox.slack.errors import ApiError
from sandbox.slack.methods.registry import Call, Method, channel_of, is_member, message_of
from sandbox.slack.model import JsonObject, Message
from sandbox.slack.reactions import Reactions

_WRITE = frozenset({"reactions:write"})


def _target(call: Call) -> tuple[Message, str]:
    name = call.args.need("name").strip(":")
    if not re.fullmatch(r"[\w+'-]+(::skin-tone-[2-6])?", name):
        raise ApiError("invalid_name")
    wanted, timestamp = call.args.text("channel"), call.args.text("timestamp")
    if wanted is None or timestamp is None:
        raise ApiError("no_item_specified")
    if not re.fullmatch(r"\d+\.\d{6}", timestamp):
        raise ApiError("bad_timestamp")
    channel = channel_of(call, wanted)
    if not is_member(call, channel):
        raise ApiError("no_access")
    return message_of(call, channel, timestamp), name


def _add(call: Call) -> JsonObject:
    message, name = _target(call)
    if call.core.workspace.channel(message.channel).is_archived:
        raise ApiError("is_archived")
    if not Reactions(call.core.workspace, call.core.link).add(
        message, name, call.core.app.bot_user
    ):
        raise ApiError("already_reacted")
    return {}


def _remove(call: Call) -> JsonObject:
    message, name = _target(call)
    if not Reactions(call.core.workspace, call.core.link).remove(
        message, name, call.core.app.bot_user
    ):
        raise ApiError("no_reaction")
    return {}


_ERRORS = frozenset(
    {
        "bad_timestamp",
        "channel_not_found",
        "invalid_name",
        "message_not_found",
        "no_access",
        "no_item_specified",
    }
)

REACTION_METHODS = (
    Method(
        name="reactions.add",
        tier=3,
        run=_add,
        scopes=_WRITE,
        errors=_ERRORS | {"already_reacted", "is_archived"},
    ),
    Method(
        name="reactions.remove",
        tier=2,
        run=_remove,
        scopes=_WRITE,
        errors=_ERRORS | {"no_reaction"},
    ),
)
