"""The state of one Slack workspace: people, channels, messages, views.

It keeps its own invariants (ts grow, ids are unique) and tells the feed of every change. Who may do what is
decided by the Web API and by the acts of people.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterator

from bot.clock import Clock
from sandbox.slack.feed import Feed
from sandbox.slack.model import (
    Channel,
    JsonObject,
    Message,
    StoredFile,
    Ts,
    User,
    UserGroup,
    View,
)
from sandbox.slack.shapes import channel_json, message_json, view_json

_MICRO = 1_000_000


class NotFound(LookupError):
    """No such user, channel, message or view in this workspace."""


class Workspace:
    """One workspace. `domain` makes its permalinks."""

    def __init__(self, *, clock: Clock, feed: Feed, name: str, domain: str) -> None:
        self.clock = clock
        self.feed = feed
        self.team_id = "T0SANDBOX"
        self.name = name
        self.domain = domain
        self.users: dict[str, User] = {}
        self.groups: dict[str, UserGroup] = {}
        self.channels: dict[str, Channel] = {}
        self.ephemerals: list[Message] = []
        self.modals: dict[str, list[View]] = defaultdict(list)
        self.homes: dict[str, View] = {}
        self.files: dict[str, StoredFile] = {}
        self._messages: dict[str, dict[Ts, Message]] = defaultdict(dict)
        self._threads: dict[tuple[str, str], list[Message]] = defaultdict(list)
        self._last_micro = 0
        self._numbers = itertools.count(1)

    def next_ts(self) -> Ts:
        """A ts later than every earlier one, even when the clock was set back."""
        now = int(self.clock.now().timestamp() * _MICRO)
        self._last_micro = max(now, self._last_micro + 1)
        seconds, micro = divmod(self._last_micro, _MICRO)
        return Ts(f"{seconds}.{micro:06d}")

    def new_id(self, prefix: str) -> str:
        """An id never given before, in Slack's alphabet."""
        return f"{prefix}0SB{next(self._numbers):06d}"

    # people and places

    def add_user(self, user: User) -> User:
        self.users[user.id] = user
        return user

    def user(self, user_id: str) -> User:
        """Raises NotFound."""
        if user_id not in self.users:
            raise NotFound(f"no user {user_id!r}")
        return self.users[user_id]

    def user_named(self, name: str) -> User:
        """By handle, id or first name. Raises NotFound."""
        wanted = name.lstrip("@").lower()
        for user in self.users.values():
            if wanted in {user.name.lower(), user.id.lower(), user.display_name.lower()}:
                return user
        raise NotFound(f"no user called {name!r}")

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def channel(self, channel_id: str) -> Channel:
        """Raises NotFound."""
        if channel_id not in self.channels:
            raise NotFound(f"no channel {channel_id!r}")
        return self.channels[channel_id]

    def channel_named(self, name: str) -> Channel:
        """By id or `#name`. Raises NotFound."""
        wanted = name.removeprefix("#")
        for channel in self.channels.values():
            if wanted in {channel.id, channel.name} and (not channel.is_im or wanted == channel.id):
                return channel
        raise NotFound(f"no channel called {name!r}")

    def direct_message(self, bot: str, person: str) -> Channel:
        """The DM of these two, opened when there is none."""
        for channel in self.channels.values():
            if channel.is_im and set(channel.members) == {bot, person}:
                return channel
        channel = Channel(
            id=self.new_id("D"), name=self.user(person).name, im_user=person, members=[bot, person]
        )
        self.add_channel(channel)
        self.channel_changed(channel)
        return channel

    def can_see(self, user_id: str, channel_id: str) -> bool:
        """Public channels are open to all but guests; the rest to members."""
        channel = self.channels.get(channel_id)
        if channel is None:
            return False
        if user_id in channel.members:
            return True
        user = self.users.get(user_id)
        return channel.kind == "channels" and user is not None and not user.is_restricted

    def channel_changed(self, channel: Channel) -> None:
        """Tell the feed that members, name or archive state changed."""
        self.feed.publish("channel", {"channel": channel_json(channel)}, channel=channel.id)

    # messages

    def messages(self, channel_id: str) -> list[Message]:
        """All messages of a channel, oldest first."""
        return list(self._messages[channel_id].values())

    def message(self, channel_id: str, ts: str) -> Message:
        """A message, or somebody's ephemeral one. Raises NotFound."""
        found = self.posted(channel_id, ts) or next(
            (m for m in self.ephemerals if m.ts == ts and m.channel == channel_id), None
        )
        if found is None:
            raise NotFound(f"no message {ts!r} in {channel_id!r}")
        return found

    def posted(self, channel_id: str, ts: str) -> Message | None:
        """A message that is not ephemeral, if it exists."""
        return self._messages[channel_id].get(Ts(ts))

    def replies(self, channel_id: str, root_ts: str) -> list[Message]:
        """The replies of a thread, oldest first, without its root."""
        return list(self._threads[channel_id, root_ts])

    def ephemerals_of(self, user_id: str, channel_id: str) -> Iterator[Message]:
        """What only this person sees in this channel."""
        return (m for m in self.ephemerals if m.reader == user_id and m.channel == channel_id)

    def add_message(self, message: Message) -> Message:
        """Append a message; an ephemeral one goes to its reader only."""
        if message.reader is not None:
            self.ephemerals.append(message)
            self._publish("ephemeral", message)
            return message
        self._messages[message.channel][message.ts] = message
        if message.is_reply and message.thread_ts:
            self._threads[message.channel, message.thread_ts].append(message)
        root = self.posted(message.channel, message.thread_ts) if message.thread_ts else None
        if root is not None and root.thread_ts is None:
            root.thread_ts = root.ts
        self._publish("message", message)
        if root is not None and root is not message:
            self._publish("message_changed", root)
        return message

    def message_changed(self, message: Message) -> None:
        """Tell the feed that text, blocks or reactions changed."""
        self._publish("ephemeral_changed" if message.reader else "message_changed", message)

    def remove_message(self, message: Message) -> None:
        """Take a message away; replies of a removed root stay."""
        data: JsonObject = {"channel": message.channel, "ts": message.ts}
        if message.reader is not None:
            self.ephemerals.remove(message)
            self.feed.publish("ephemeral_deleted", data, user=message.reader)
            return
        del self._messages[message.channel][message.ts]
        if message.is_reply and message.thread_ts:
            self._threads[message.channel, message.thread_ts].remove(message)
        data["thread_ts"] = message.thread_ts
        self.feed.publish("message_deleted", data, channel=message.channel)
        root = self.posted(message.channel, message.thread_ts) if message.thread_ts else None
        if root is not None:
            self._publish("message_changed", root)

    def _publish(self, kind: str, message: Message) -> None:
        data: JsonObject = {"channel": message.channel, "message": self.message_json(message)}
        self.feed.publish(kind, data, user=message.reader, channel=message.channel)

    def message_json(self, message: Message) -> JsonObject:
        """A message as the page and the tests read it."""
        replies = [] if message.is_reply else self.replies(message.channel, message.ts)
        return message_json(message, replies, self.permalink(message))

    def permalink(self, message: Message) -> str:
        """The address of a message, with its thread."""
        link = f"https://{self.domain}.slack.example/archives/{message.channel}/p{message.ts.replace('.', '')}"
        if message.is_reply:
            link += f"?thread_ts={message.thread_ts}&cid={message.channel}"
        return link

    # views

    def view(self, view_id: str) -> View:
        """An open modal or a Home. Raises NotFound."""
        for view in itertools.chain(self.homes.values(), *self.modals.values()):
            if view.id == view_id:
                return view
        raise NotFound(f"no view {view_id!r}")

    def modals_changed(self, user_id: str) -> None:
        """Tell the feed what this person's modal stack looks like now."""
        views = [view_json(view, self.team_id) for view in self.modals[user_id]]
        self.feed.publish("views", {"views": views}, user=user_id)

    def home_changed(self, view: View) -> None:
        """Tell the feed that a Home was published."""
        self.feed.publish("home", {"view": view_json(view, self.team_id)}, user=view.user)
