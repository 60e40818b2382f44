"""conversations.*: find channels, read them, join them, open DMs."""

from collections.abc import Sequence

from sandbox.slack.errors import ApiError
from sandbox.slack.methods.registry import (
    HISTORY_SCOPES,
    READ_SCOPES,
    Call,
    Method,
    channel_of,
    is_member,
    page,
    require,
    user_of,
)
from sandbox.slack.model import Channel, JsonObject, Message
from sandbox.slack.shapes import api_channel

_TYPES = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
_READ = frozenset(READ_SCOPES.values())
_HISTORY = frozenset(HISTORY_SCOPES.values())
_OPEN = frozenset({"im:write"})


def _shape(call: Call, channel: Channel) -> JsonObject:
    return api_channel(channel, bot_user=call.core.app.bot_user)


def _list(call: Call) -> JsonObject:
    names = (call.args.text("types") or "public_channel").replace(" ", "").split(",")
    if any(name not in _TYPES for name in names):
        raise ApiError("invalid_types")
    kinds = {_TYPES[name] for name in names}
    for kind in kinds - {"mpim"}:
        require(call, READ_SCOPES[kind])
    found = [
        channel
        for channel in call.core.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "channels" or is_member(call, channel))
        and not (channel.is_archived and call.args.flag("exclude_archived"))
    ]
    items, cursor = page(call, found, default=100, most=1000)
    channels = [_shape(call, channel) for channel in items]
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


def _readable(call: Call) -> Channel:
    channel = channel_of(call, call.args.need("channel"))
    require(call, READ_SCOPES[channel.kind])
    return channel


def _info(call: Call) -> JsonObject:
    return {"channel": _shape(call, _readable(call))}


def _members(call: Call) -> JsonObject:
    channel = _readable(call)
    items, cursor = page(call, channel.members, default=100, most=1000)
    return {"members": items, "response_metadata": {"next_cursor": cursor}}


def _join(call: Call) -> JsonObject:
    channel = channel_of(call, call.args.need("channel"))
    if channel.kind != "channels":
        raise ApiError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise ApiError("is_archived")
    already = is_member(call, channel)
    if not already:
        channel.members.append(call.core.app.bot_user)
        call.core.workspace.channel_changed(channel)
    shape: JsonObject = {"channel": _shape(call, channel)}
    return shape | {"warning": "already_in_channel"} if already else shape


def _open(call: Call) -> JsonObject:
    wanted = call.args.text("channel")
    if wanted is not None:
        channel = channel_of(call, wanted)
        if not channel.is_im:
            raise ApiError("method_not_supported_for_channel_type")
        return {"channel": {"id": channel.id}, "no_op": True, "already_open": True}
    users = [name for name in (call.args.text("users") or "").split(",") if name]
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        raise ApiError("too_many_users")
    user = user_of(call, users[0])
    if user.deleted:
        raise ApiError("user_disabled")
    if user.id == call.core.app.bot_user:
        raise ApiError("invalid_user_combination")
    channel = call.core.workspace.direct_message(call.core.app.bot_user, user.id)
    full = call.args.flag("return_im")
    return {"channel": _shape(call, channel) if full else {"id": channel.id}}


def _bound(call: Call, name: str) -> float | None:
    text = call.args.text(name)
    try:
        return None if text is None else float(text)
    except ValueError:
        raise ApiError(f"invalid_ts_{name}") from None


def _between(call: Call, messages: Sequence[Message]) -> list[Message]:
    oldest, latest = _bound(call, "oldest"), _bound(call, "latest")
    inclusive = call.args.flag("inclusive")

    def wanted(message: Message) -> bool:
        at = float(message.ts)
        if inclusive and at in {oldest, latest}:
            return True
        return (oldest is None or at > oldest) and (latest is None or at < latest)

    return [message for message in messages if wanted(message)]


def _messages(call: Call, found: Sequence[Message], *, default: int) -> JsonObject:
    items, cursor = page(call, found, default=default, most=1000)
    with_metadata = call.args.flag("include_all_metadata")
    answer: JsonObject = {
        "messages": [
            call.core.posts.as_api(message, with_metadata=with_metadata) for message in items
        ],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _history(call: Call) -> JsonObject:
    channel = channel_of(call, call.args.need("channel"))
    require(call, HISTORY_SCOPES[channel.kind])
    if not is_member(call, channel):
        raise ApiError("not_in_channel")
    shown = [
        message
        for message in call.core.workspace.messages(channel.id)
        if not message.is_reply or message.broadcast
    ]
    return _messages(call, list(reversed(_between(call, shown))), default=100)


def _replies(call: Call) -> JsonObject:
    channel = channel_of(call, call.args.need("channel"))
    require(call, HISTORY_SCOPES[channel.kind])
    if not is_member(call, channel):
        raise ApiError("channel_not_found")
    workspace = call.core.workspace
    message = workspace.posted(channel.id, call.args.need("ts"))
    if message is None:
        raise ApiError("thread_not_found")
    root_ts = message.thread_ts or message.ts
    root = workspace.posted(channel.id, root_ts)
    replies = _between(call, workspace.replies(channel.id, root_ts))
    return _messages(call, [*([root] if root else []), *replies], default=1000)


CONVERSATION_METHODS = (
    Method(
        name="conversations.list",
        tier=2,
        run=_list,
        scopes=_READ,
        errors=frozenset({"invalid_cursor", "invalid_types"}),
    ),
    Method(
        name="conversations.info",
        tier=3,
        run=_info,
        scopes=_READ,
        errors=frozenset({"channel_not_found"}),
    ),
    Method(
        name="conversations.members",
        tier=4,
        run=_members,
        scopes=_READ,
        errors=frozenset({"channel_not_found", "invalid_cursor"}),
    ),
    Method(
        name="conversations.join",
        tier=3,
        run=_join,
        scopes=frozenset({"channels:join"}),
        errors=frozenset(
            {"channel_not_found", "is_archived", "method_not_supported_for_channel_type"}
        ),
    ),
    Method(
        name="conversations.open",
        tier=3,
        run=_open,
        scopes=_OPEN,
        errors=frozenset(
            {
                "channel_not_found",
                "invalid_user_combination",
                "method_not_supported_for_channel_type",
                "too_many_users",
                "user_disabled",
                "user_not_found",
                "users_list_not_supplied",
            }
        ),
    ),
    Method(
        name="conversations.history",
        tier=3,
        run=_history,
        scopes=_HISTORY,
        errors=frozenset(
            {
                "channel_not_found",
                "invalid_cursor",
                "invalid_ts_latest",
                "invalid_ts_oldest",
                "not_in_channel",
            }
        ),
    ),
    Method(
        name="conversations.replies",
        tier=3,
        run=_replies,
        scopes=_HISTORY,
        errors=frozenset(
            {
                "channel_not_found",
                "invalid_cursor",
                "invalid_ts_latest",
                "invalid_ts_oldest",
                "thread_not_found",
            }
        ),
    ),
)
