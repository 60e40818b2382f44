"""The app manifest a sandbox uses when its caller brings none: everything the sandbox can do, switched on."""

from sandbox.slack.model import JsonObject

BOT_SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "team:read",
    "usergroups:read",
    "usergroups:write",
    "users:read",
    "users:read.email",
)

BOT_EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "channel_archive",
    "channel_rename",
    "channel_unarchive",
    "member_joined_channel",
    "member_left_channel",
    "message.channels",
    "message.groups",
    "message.im",
    "reaction_added",
    "reaction_removed",
    "subteam_members_changed",
    "tokens_revoked",
    "user_change",
)

_COMMANDS = (
    ("/ticket", "Work a ticket", "claim 17 | reply 17 | assign 17 @user | queue | help"),
    ("/sla", "Deadlines and reports", "status | why 17"),
)

_SHORTCUTS = (
    ("Reply to customer", "message", "msg_reply", "Answer the customer of this thread"),
    ("Claim ticket", "message", "msg_claim", "Become the ticket's owner"),
    ("Escalate ticket", "message", "msg_escalate", "Call a manager"),
    ("My queue", "global", "my_queue", "Open my tickets"),
)


def _command(command: str, description: str, hint: str) -> JsonObject:
    names = {"command": command, "description": description, "usage_hint": hint}
    return {**names, "should_escape": True}


def _shortcut(name: str, kind: str, callback_id: str, description: str) -> JsonObject:
    names = {"name": name, "type": kind, "callback_id": callback_id}
    return {**names, "description": description}


def default_manifest() -> JsonObject:
    """A fresh copy, in Socket Mode."""
    return {
        "display_information": {
            "name": "Threadline",
            "description": "Answers before the deadline",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "threadline", "always_online": True},
            "slash_commands": [_command(*row) for row in _COMMANDS],
            "shortcuts": [_shortcut(*row) for row in _SHORTCUTS],
        },
        "oauth_config": {"scopes": {"bot": list(BOT_SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True},
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }
