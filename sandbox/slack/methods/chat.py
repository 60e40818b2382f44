"""chat.*: post, edit, delete, ephemeral, permalink."""

from sandbox.slack.errors import ApiError
from sandbox.slack.methods.content import CONTENT_ERRORS, Content, read_content
from sandbox.slack.methods.registry import (
    Call,
    Method,
    channel_of,
    is_member,
    message_of,
    require,
)
from sandbox.slack.model import Channel, JsonObject, Message, Ts

MOST_UPDATE_TEXT = 4000
"""chat.update refuses longer text (docs.slack.dev chat.update, msg_too_long)."""

_WRITE = frozenset({"chat:write"})
_RICH = "rich_text"


def _target(call: Call) -> Channel:
    """The channel to post to; a user id means the DM with her."""
    wanted = call.args.need("channel")
    workspace = call.core.workspace
    user = workspace.users.get(wanted)
    if user is not None:
        if user.deleted or user.is_bot:
            raise ApiError("channel_not_found")
        return workspace.direct_message(call.core.app.bot_user, user.id)
    channel = channel_of(call, wanted)
    if channel.is_archived:
        raise ApiError("is_archived")
    if not is_member(call, channel) and "chat:write.public" not in call.core.granted:
        raise ApiError("not_in_channel")
    return channel


def _thread(call: Call, channel: Channel) -> Ts | None:
    """The thread to post into. A ts that is no root of this channel cannot be replied to."""
    thread_ts = call.args.text("thread_ts")
    if thread_ts is None:
        return None
    root = call.core.workspace.posted(channel.id, thread_ts)
    if root is None or root.is_reply:
        raise ApiError("cannot_reply_to_message")
    return root.ts


def _customized(call: Call) -> None:
    if any(call.args.text(name) for name in ("username", "icon_emoji", "icon_url")):
        require(call, "chat:write.customize")


def _message(call: Call, channel: Channel, content: Content, thread: Ts | None) -> Message:
    app = call.core.app
    return Message(
        ts=call.core.workspace.next_ts(),
        channel=channel.id,
        user=app.bot_user,
        bot_id=app.bot_id,
        text=content.text,
        blocks=content.blocks or [],
        thread_ts=thread,
        metadata=content.metadata,
    )


def _post_message(call: Call) -> JsonObject:
    channel = _target(call)
    _customized(call)
    thread = _thread(call, channel)
    content = read_content(call.args)
    call.core.limits.take_post(channel.id)
    message = _message(call, channel, content, thread)
    message.broadcast = thread is not None and call.args.flag("reply_broadcast")
    if message.broadcast:
        message.subtype = "thread_broadcast"
    call.core.posts.add(message)
    shape = call.core.posts.as_api(message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shape}


def _post_ephemeral(call: Call) -> JsonObject:
    channel = _target(call)
    reader = call.args.need("user")
    if reader not in channel.members:
        raise ApiError("user_not_in_channel")
    if (text := call.args.text("text")) and len(text) > MOST_UPDATE_TEXT:
        raise ApiError("msg_too_long")
    message = _message(
        call, channel, read_content(call.args, with_metadata=False), _thread(call, channel)
    )
    message.reader = reader
    call.core.posts.add(message)
    return {"message_ts": message.ts}


def _own_message(call: Call, refusal: str) -> tuple[Channel, Message]:
    channel = channel_of(call, call.args.need("channel"))
    message = message_of(call, channel, call.args.need("ts"))
    if message.bot_id != call.core.app.bot_id:
        raise ApiError(refusal)
    return channel, message


def _has_rich_text(blocks: list[JsonObject]) -> bool:
    return any(block["type"] == _RICH for block in blocks)


def _update(call: Call) -> JsonObject:
    channel, message = _own_message(call, "cant_update_message")
    if channel.is_archived:
        raise ApiError("is_inactive")
    if len(call.args.text("text") or "") > MOST_UPDATE_TEXT:
        raise ApiError("msg_too_long")
    content = read_content(call.args)
    if content.blocks and _has_rich_text(message.blocks) and not _has_rich_text(content.blocks):
        raise ApiError("block_mismatch")
    both_given = bool(content.blocks) and bool(content.text)
    call.core.posts.edit(
        message,
        text=content.text if call.args.text("text") else message.text,
        blocks=content.blocks or [],
        metadata=content.metadata or message.metadata,
        edited_ts=message.edited_ts if both_given else call.core.workspace.next_ts(),
    )
    shape = call.core.posts.as_api(message, with_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shape}


def _delete(call: Call) -> JsonObject:
    channel, message = _own_message(call, "cant_delete_message")
    call.core.posts.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def _permalink(call: Call) -> JsonObject:
    channel = channel_of(call, call.args.need("channel"))
    message = message_of(call, channel, call.args.need("message_ts"))
    return {"channel": channel.id, "permalink": call.core.workspace.permalink(message)}


_POST_ERRORS = CONTENT_ERRORS | {
    "cannot_reply_to_message",
    "channel_not_found",
    "is_archived",
    "not_in_channel",
}

CHAT_METHODS = (
    Method(name="chat.postMessage", tier=5, run=_post_message, scopes=_WRITE, errors=_POST_ERRORS),
    Method(
        name="chat.postEphemeral",
        tier=4,
        run=_post_ephemeral,
        scopes=_WRITE,
        errors=(_POST_ERRORS | {"msg_too_long", "user_not_in_channel"})
        - {"invalid_metadata_format", "metadata_too_large"},
    ),
    Method(
        name="chat.update",
        tier=3,
        run=_update,
        scopes=_WRITE,
        errors=CONTENT_ERRORS
        | {
            "block_mismatch",
            "cant_update_message",
            "channel_not_found",
            "is_inactive",
            "message_not_found",
            "msg_too_long",
        },
    ),
    Method(
        name="chat.delete",
        tier=3,
        run=_delete,
        scopes=_WRITE,
        errors=frozenset({"cant_delete_message", "channel_not_found", "message_not_found"}),
    ),
    Method(
        name="chat.getPermalink",
        tier=5,
        run=_permalink,
        errors=frozenset({"channel_not_found", "message_not_found"}),
    ),
)
