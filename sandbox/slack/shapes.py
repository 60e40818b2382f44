"""How state is written as JSON: for the page and tests, and for apps through Web API and events."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sandbox.slack.model import Channel, JsonObject, Message, User, UserGroup, View


def _reactions(message: Message) -> list[JsonObject]:
    return [
        {"name": name, "users": list(users), "count": len(users)}
        for name, users in message.reactions.items()
    ]


def message_json(message: Message, replies: Sequence[Message], permalink: str) -> JsonObject:
    """A message for the page. `replies` are those of its thread when it is a root."""
    return {
        "ts": message.ts,
        "channel": message.channel,
        "user": message.user,
        "bot": message.bot_id is not None,
        "text": message.text,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "reply_count": len(replies),
        "reply_users": list(dict.fromkeys(reply.user for reply in replies)),
        "latest_reply": replies[-1].ts if replies else None,
        "broadcast": message.broadcast,
        "edited": message.edited_ts is not None,
        "ephemeral": message.reader is not None,
        "subtype": message.subtype,
        "reactions": _reactions(message),
        "pinned": message.pinned,
        "metadata": message.metadata,
        "files": [
            {"id": f.id, "name": f.name, "picture": f.media_type.startswith("image/")}
            for f in message.files
        ],
        "permalink": permalink,
    }


def api_message(
    message: Message,
    *,
    team_id: str,
    app_id: str,
    replies: Sequence[Message] = (),
    with_metadata: bool = False,
    files: Sequence[JsonObject] = (),
) -> JsonObject:
    """A message as the Web API and events give it."""
    shape: JsonObject = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": team_id,
    }
    if message.bot_id:
        shape |= {"bot_id": message.bot_id, "app_id": app_id}
    if replies:
        users = list(dict.fromkeys(reply.user for reply in replies))
        shape |= {
            "reply_count": len(replies),
            "reply_users_count": len(users),
            "reply_users": users,
            "latest_reply": replies[-1].ts,
        }
    if message.edited_ts:
        shape["edited"] = {"user": message.user, "ts": message.edited_ts}
    optional: JsonObject = {
        "subtype": message.subtype,
        "blocks": message.blocks,
        "thread_ts": message.thread_ts,
        "reactions": _reactions(message),
        "metadata": message.metadata if with_metadata else None,
        "files": list(files),
    }
    return shape | {name: value for name, value in optional.items() if value}


def channel_json(channel: Channel, viewer: str | None = None) -> JsonObject:
    """A channel for the page; `is_member` is about `viewer`."""
    return {
        "id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_im": channel.is_im,
        "is_archived": channel.is_archived,
        "is_member": viewer in channel.members,
        "topic": channel.topic,
        "num_members": len(channel.members),
        "members": list(channel.members),
        "im_user": channel.im_user,
    }


def api_channel(channel: Channel, *, bot_user: str) -> JsonObject:
    """A conversation as the Web API gives it to the bot."""
    if channel.is_im:
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_archived": channel.is_archived,
            "user": channel.im_user,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "is_member": bot_user in channel.members,
        "created": channel.created,
        "creator": channel.members[0] if channel.members else "",
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
        "previous_names": [],
        "num_members": len(channel.members),
    }


def user_json(user: User) -> JsonObject:
    """A person for the page."""
    return {
        "id": user.id,
        "name": user.name,
        "real_name": user.real_name,
        "display_name": user.display_name,
        "email": user.email,
        "tz": user.tz,
        "locale": user.locale,
        "is_bot": user.is_bot,
        "deleted": user.deleted,
        "is_admin": user.is_admin,
        "is_restricted": user.is_restricted,
        "color": user.color,
        "title": user.title,
    }


def api_user(
    user: User, *, team_id: str, at: datetime, with_email: bool, with_locale: bool = False
) -> JsonObject:
    """A person as the Web API gives her; the address only with `users:read.email`.

    `with_locale` is what `include_locale` asks for (docs.slack.dev, users.info and users.list).
    """
    zone = ZoneInfo(user.tz)
    offset = at.astimezone(UTC).astimezone(zone).utcoffset()
    profile: JsonObject = {
        "title": user.title,
        "real_name": user.real_name,
        "real_name_normalized": user.real_name,
        "display_name": user.display_name,
        "display_name_normalized": user.display_name,
        "team": team_id,
    }
    if with_email and user.email and not user.is_bot:
        profile["email"] = user.email
    shape: JsonObject = {
        "id": user.id,
        "team_id": team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }
    if not user.deleted:
        shape |= {
            "color": user.color,
            "real_name": user.real_name,
            "tz": user.tz,
            "tz_label": user.tz,
            "tz_offset": int(offset.total_seconds()) if offset else 0,
            "is_admin": user.is_admin,
            "is_owner": False,
            "is_primary_owner": False,
            "is_restricted": user.is_restricted,
            "is_ultra_restricted": False,
        }
    return shape | {"locale": user.locale} if with_locale else shape


def api_group(group: UserGroup, *, team_id: str, with_users: bool) -> JsonObject:
    """A user group as the Web API gives it."""
    shape: JsonObject = {
        "id": group.id,
        "team_id": team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.users),
    }
    if with_users:
        shape["users"] = list(group.users)
    return shape


def view_json(view: View, team_id: str) -> JsonObject:
    """A view as apps, the page and tests see it: what was sent, completed."""
    body = view.body
    return {
        "id": view.id,
        "team_id": team_id,
        "type": view.kind,
        "title": body.get("title"),
        "submit": body.get("submit"),
        "close": body.get("close"),
        "blocks": view.blocks,
        "private_metadata": body.get("private_metadata", ""),
        "callback_id": body.get("callback_id", ""),
        "external_id": view.external_id,
        "state": {"values": view.values},
        "hash": view.hash,
        "clear_on_close": bool(body.get("clear_on_close", False)),
        "notify_on_close": bool(body.get("notify_on_close", False)),
        "submit_disabled": bool(body.get("submit_disabled", False)),
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
    }
