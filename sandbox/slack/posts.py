"""Messages come, change and go, and the app hears of it as Slack tells it."""

from typing import Any

from sandbox.slack.app_link import AppLink
from sandbox.slack.file_store import FileStore
from sandbox.slack.model import JsonObject, Message
from sandbox.slack.shapes import api_message
from sandbox.slack.workspace import Workspace

_CHANNEL_TYPES = {"channels": "channel", "groups": "group", "im": "im"}


class Posts:
    """Every change of a message goes through here."""

    def __init__(self, *, workspace: Workspace, link: AppLink, files: FileStore) -> None:
        self._workspace = workspace
        self._files = files
        self._link = link

    def add(self, message: Message) -> Message:
        """Post a message; ephemeral ones cause no event."""
        self._workspace.add_message(message)
        if message.reader is None:
            self._event(message, self.as_api(message, with_metadata=True))
            self._mention(message)
        return message

    def edit(self, message: Message, **changes: Any) -> Message:
        """Set fields of a message."""
        before = self.as_api(message)
        for name, value in changes.items():
            setattr(message, name, value)
        self._workspace.message_changed(message)
        if message.reader is None:
            event: JsonObject = {
                "type": "message",
                "subtype": "message_changed",
                "hidden": True,
                "message": self.as_api(message, with_metadata=True),
                "previous_message": before,
                "ts": self._workspace.next_ts(),
            }
            self._event(message, event)
        return message

    def remove(self, message: Message) -> None:
        """Delete a message."""
        self._workspace.remove_message(message)
        if message.reader is None:
            event: JsonObject = {
                "type": "message",
                "subtype": "message_deleted",
                "hidden": True,
                "deleted_ts": message.ts,
                "previous_message": self.as_api(message),
                "ts": self._workspace.next_ts(),
            }
            self._event(message, event)

    def as_api(self, message: Message, *, with_metadata: bool = False) -> JsonObject:
        """The message as apps see it."""
        replies = () if message.is_reply else self._workspace.replies(message.channel, message.ts)
        return api_message(
            message,
            team_id=self._workspace.team_id,
            app_id=self._link.app.app_id,
            replies=replies,
            with_metadata=with_metadata,
            files=self._files.seen_by_app(message.files),
        )

    def _event(self, message: Message, event: JsonObject) -> None:
        channel = self._workspace.channel(message.channel)
        event |= {
            "channel": channel.id,
            "channel_type": _CHANNEL_TYPES[channel.kind],
            "event_ts": event["ts"],
        }
        root = self._workspace.posted(channel.id, message.thread_ts) if message.thread_ts else None
        if message.is_reply and root is not None and "subtype" not in event:
            event["parent_user_id"] = root.user
        self._link.event(event, channel=channel, subscription=f"message.{channel.kind}")

    def _mention(self, message: Message) -> None:
        bot = self._link.app.bot_user
        channel = self._workspace.channel(message.channel)
        if f"<@{bot}>" not in message.text or message.user == bot or channel.is_im:
            return
        event = self.as_api(message)
        event |= {"type": "app_mention", "channel": channel.id, "event_ts": message.ts}
        self._link.event(event, channel=channel)
