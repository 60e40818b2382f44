"""What a Web API method is, and the lookups that several of them share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.slack.arguments import Arguments
from sandbox.slack.core import Core
from sandbox.slack.errors import ApiError
from sandbox.slack.model import Channel, JsonObject, Message, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One authorised call."""

    core: Core
    args: Arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method: rate tier, scopes (one is enough), documented errors, and whose token it takes."""

    name: str
    tier: int
    run: Callable[[Call], JsonObject]
    scopes: frozenset[str] = frozenset()
    errors: frozenset[str] = frozenset()
    caller: Literal["bot", "app", "anybody"] = "bot"


READ_SCOPES = {"channels": "channels:read", "groups": "groups:read", "im": "im:read"}
HISTORY_SCOPES = {"channels": "channels:history", "groups": "groups:history", "im": "im:history"}


def need_scope(core: Core, scopes: frozenset[str]) -> None:
    """Raises ApiError(missing_scope) unless the bot token has one of `scopes` (none: always fine)."""
    if scopes and not scopes & core.granted:
        extra: JsonObject = {
            "needed": ",".join(sorted(scopes)),
            "provided": ",".join(sorted(core.granted)),
        }
        raise ApiError("missing_scope", extra=extra)


def require(call: Call, scope: str) -> None:
    """Raises ApiError(missing_scope)."""
    need_scope(call.core, frozenset({scope}))


def channel_of(call: Call, wanted: str) -> Channel:
    """A channel the bot may know of, by id or name. Raises ApiError(channel_not_found)."""
    workspace = call.core.workspace
    name = wanted.removeprefix("#")
    for channel in workspace.channels.values():
        if wanted == channel.id or (name == channel.name and not channel.is_im):
            hidden = channel.kind != "channels" and call.core.app.bot_user not in channel.members
            if not hidden:
                return channel
    raise ApiError("channel_not_found")


def is_member(call: Call, channel: Channel) -> bool:
    """Whether the bot is in the channel."""
    return call.core.app.bot_user in channel.members


def message_of(call: Call, channel: Channel, ts: str) -> Message:
    """A posted message. Raises ApiError(message_not_found)."""
    message = call.core.workspace.posted(channel.id, ts)
    if message is None:
        raise ApiError("message_not_found")
    return message


def user_of(call: Call, user_id: str, error: str = "user_not_found") -> User:
    """A person, deactivated ones too. Raises ApiError(`error`)."""
    user = call.core.workspace.users.get(user_id)
    if user is None:
        raise ApiError(error)
    return user


def page(call: Call, items: Sequence[Any], *, default: int, most: int) -> tuple[list[Any], str]:
    """One page of a list and the cursor of the next. Raises ApiError(invalid_cursor)."""
    limit = min(max(call.args.number("limit", default), 1), most)
    cursor = call.args.text("cursor")
    start = 0
    if cursor is not None:
        if not cursor.startswith("at:") or not cursor[3:].isdigit():
            raise ApiError("invalid_cursor")
        start = int(cursor[3:])
    end = start + limit
    return list(items[start:end]), f"at:{end}" if end < len(items) else ""
