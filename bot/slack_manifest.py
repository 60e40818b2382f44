"""The Slack app manifest: what to paste into Slack, with the scopes that are really used.

Limits of the format: Slack's published manifest schema, version 2.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final

SCOPES: Final[Mapping[str, str]] = {
    "app_mentions:read": "hears @threadline in a thread",
    "channels:history": "looks up whether a post arrived, in public channels",
    "channels:read": "finds channels by name, checks that it is in them",
    "chat:write": "posts cards, messages and pings",
    "commands": "slash commands, buttons and shortcuts",
    "files:read": "fetches the files that agents attach to answers",
    "files:write": "shows customers' pictures and reports' files in their thread",
    "groups:history": "looks up whether a post arrived, in private channels",
    "groups:read": "finds private channels it was invited to",
    "pins:write": "pins the list of what is at risk while a storm lasts",
    "usergroups:read": "finds user groups by handle",
    "usergroups:write": "keeps user groups equal to the shift, where the settings ask for it",
    "users:read": "finds people",
    "users:read.email": "finds people by their e-mail address",
}
"""Bot scope → what it is for. `doctor` compares them with what Slack granted."""

OPTIONAL: Final = frozenset({"usergroups:write"})
"""Scopes whoever installs the app may decline: a desk whose shifts keep no user group needs none."""

EVENTS: Final = ("app_home_opened", "app_mention", "member_joined_channel", "user_change")
"""No message events: what is said in a thread stays among colleagues, unheard by the bot."""

_TICKET_HINT: Final = (
    "queue | claim 17 | reply 17 text | wait 17 customer | class 17 vip | why 17 | help"
)
_COMMANDS: Final = (
    ("/ticket", "Work a ticket", _TICKET_HINT),
    ("/sla", "Deadlines", "status | why 17 | promises | report 7d | whatif | forecast | surge"),
)
_ALIASES: Final = (
    ("/claim", "Claim a ticket", "17"),
    ("/reply", "Answer a customer", "17 text"),
)
# Slack takes five of them: the last one opens the window of every verb.
_MESSAGE_SHORTCUTS: Final = (
    ("msg_reply", "Reply to customer", "Answer the customer of this thread"),
    ("msg_claim", "Claim ticket", "Become the owner of this ticket"),
    ("msg_no_answer", "No answer needed", "Stop the clock: this message needs no answer"),
    ("msg_note", "Add internal note", "Write a note that stays inside the company"),
    ("msg_everything", "Work on ticket", "Everything that can be done to this ticket"),
)


def build_manifest(
    *, name: str = "Threadline", url: str | None = None, aliases: bool = False
) -> dict[str, Any]:
    """The manifest as data. With `url` Slack calls us over HTTP there; without, Socket Mode.

    `url` is the full https address that ends in `/slack/events`. With `aliases` it declares
    `/claim` and `/reply` too.
    """
    endpoint = {"url": url} if url else {}
    request = {"request_url": url} if url else {}
    return {
        "display_information": {
            "name": name,
            "description": "Marketplace messages with their deadlines",
            "background_color": "#1f2a37",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": name.lower().replace(" ", "-"), "always_online": True},
            "slash_commands": _commands(endpoint, aliases=aliases),
            "shortcuts": _shortcuts(),
        },
        "oauth_config": {
            "scopes": {
                "bot": sorted(SCOPES.keys() - OPTIONAL),
                "bot_optional": sorted(OPTIONAL),
            }
        },
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def missing_scopes(granted: str, *, optional: Collection[str] = ()) -> list[str]:
    """Scopes the app cannot do without and lacks, with those of the `optional` ones that are used.

    `granted` is Slack's `x-oauth-scopes` response header.
    """
    have = {scope.strip() for scope in granted.split(",")}
    return sorted((SCOPES.keys() - OPTIONAL | set(optional)) - have)


def _commands(endpoint: Mapping[str, str], *, aliases: bool) -> list[dict[str, Any]]:
    short = _ALIASES if aliases else ()
    return [
        _command(command, description, hint, endpoint)
        for command, description, hint in (*_COMMANDS, *short)
    ]


def _command(
    command: str, description: str, hint: str, endpoint: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "command": command,
        "description": description,
        "usage_hint": hint,
        # Users and channels then arrive as ids, whatever they are called.
        "should_escape": True,
        **endpoint,
    }


def _shortcuts() -> list[dict[str, str]]:
    on_messages = [
        {"name": name, "type": "message", "callback_id": callback_id, "description": description}
        for callback_id, name, description in _MESSAGE_SHORTCUTS
    ]
    return [
        *on_messages,
        {
            "name": "My queue",
            "type": "global",
            "callback_id": "my_queue",
            "description": "The tickets that wait for me",
        },
    ]
