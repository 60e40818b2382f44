"""How what a person types becomes Slack's text: control characters, mentions, channels, links.

Rules: docs.slack.dev "Formatting message text" and, for commands, "Implementing slash commands" (`should_escape`).
"""

import re
from collections.abc import Callable

from sandbox.slack.model import Channel, User
from sandbox.slack.workspace import NotFound, Workspace

_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>|]+)|(?<![\w&])(?P<sign>[@#])(?P<name>[\w][\w.\-]*[\w]|\w)"
)
_BROADCASTS = {"here", "channel", "everyone"}


def escape(text: str) -> str:
    """The three characters that steer Slack's markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _linked(
    workspace: Workspace,
    text: str,
    user: Callable[[User], str],
    channel: Callable[[Channel], str],
) -> str:
    def replace(match: re.Match[str]) -> str:
        if match["url"]:
            return f"<{match['url']}>"
        try:
            if match["sign"] == "#":
                return channel(workspace.channel_named(match["name"]))
            return _mention(workspace, match["name"], user)
        except NotFound:
            return match[0]

    return _TOKEN.sub(replace, escape(text))


def _mention(workspace: Workspace, name: str, user: Callable[[User], str]) -> str:
    if name in _BROADCASTS:
        return f"<!{name}>"
    for group in workspace.groups.values():
        if group.handle == name and not group.disabled:
            return f"<!subteam^{group.id}|@{group.handle}>"
    return user(workspace.user_named(name))


def message_text(workspace: Workspace, text: str) -> str:
    """What a person posts, as stored and as events carry it."""
    return _linked(
        workspace,
        text,
        user=lambda user: f"<@{user.id}>",
        channel=lambda channel: f"<#{channel.id}|{channel.name}>",
    )


def command_text(workspace: Workspace, text: str) -> str:
    """The text of a command whose `should_escape` is on; private channels keep their name to themselves."""
    return _linked(
        workspace,
        text,
        user=lambda user: f"<@{user.id}|{user.name}>",
        channel=lambda channel: f"<#{channel.id}|{'' if channel.is_private else channel.name}>",
    )
