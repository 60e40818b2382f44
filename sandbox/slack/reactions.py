"""Emoji on messages, and the events they cause."""

from sandbox.slack.app_link import AppLink
from sandbox.slack.model import JsonObject, Message
from sandbox.slack.workspace import Workspace


class Reactions:
    """Puts reactions on messages and takes them off."""

    def __init__(self, workspace: Workspace, link: AppLink) -> None:
        self._workspace = workspace
        self._link = link

    def add(self, message: Message, name: str, user: str) -> bool:
        """False when this person already reacted so."""
        users = message.reactions.setdefault(name, [])
        if user in users:
            return False
        users.append(user)
        self._tell("reaction_added", message, name, user)
        return True

    def remove(self, message: Message, name: str, user: str) -> bool:
        """False when there was no such reaction."""
        users = message.reactions.get(name, [])
        if user not in users:
            return False
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._tell("reaction_removed", message, name, user)
        return True

    def _tell(self, kind: str, message: Message, name: str, user: str) -> None:
        self._workspace.message_changed(message)
        event: JsonObject = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "event_ts": self._workspace.next_ts(),
        }
        self._link.event(event, channel=self._workspace.channel(message.channel))
