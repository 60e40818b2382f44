"""What a Slack workspace is made of. Plain state: rules live with those who change it."""

from dataclasses import dataclass, field
from typing import Any, NewType

JsonObject = dict[str, Any]

Ts = NewType("Ts", str)
"""A message's id within its channel: seconds since 1970 with six digits of microseconds."""


@dataclass(slots=True, kw_only=True)
class User:
    """A person or a bot of the workspace."""

    id: str
    name: str
    real_name: str
    email: str | None = None
    tz: str = "Europe/Rome"
    locale: str = "en-US"
    title: str = ""
    color: str = "4a5568"
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    deleted: bool = False

    @property
    def display_name(self) -> str:
        return self.real_name.split(" ")[0] if not self.is_bot else self.real_name


@dataclass(slots=True, kw_only=True)
class UserGroup:
    """A group that can be mentioned as `@handle`."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)
    disabled: bool = False


@dataclass(slots=True, kw_only=True)
class Channel:
    """A public or private channel, or a direct message (`im_user` is the other person)."""

    id: str
    name: str
    is_private: bool = False
    is_archived: bool = False
    is_general: bool = False
    im_user: str | None = None
    topic: str = ""
    created: int = 0
    members: list[str] = field(default_factory=list)

    @property
    def is_im(self) -> bool:
        return self.im_user is not None

    @property
    def kind(self) -> str:
        """The word of `channel_type` and of scopes: channels, groups or im."""
        if self.is_im:
            return "im"
        return "groups" if self.is_private else "channels"


@dataclass(slots=True, kw_only=True)
class StoredFile:
    """A file of the workspace. Without `content` somebody asked for an address and sent nothing yet."""

    id: str
    name: str
    size: int
    media_type: str
    user: str
    created: int
    title: str = ""
    content: bytes | None = None
    shares: list[tuple[str, Ts, Ts | None]] = field(default_factory=list)  # channel, ts, thread
    deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Message:
    """A message, or with `reader` an ephemeral one that only that person sees."""

    ts: Ts
    channel: str
    user: str
    text: str
    blocks: list[JsonObject] = field(default_factory=list)
    bot_id: str | None = None
    thread_ts: Ts | None = None
    broadcast: bool = False
    metadata: JsonObject | None = None
    edited_ts: Ts | None = None
    subtype: str | None = None
    reader: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    pinned: bool = False
    files: list[StoredFile] = field(default_factory=list)

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(slots=True, kw_only=True)
class View:
    """A modal on a person's stack, or her Home."""

    id: str
    kind: str
    user: str
    body: JsonObject
    hash: str
    root_id: str
    previous_id: str | None = None
    values: dict[str, dict[str, JsonObject]] = field(default_factory=dict)

    @property
    def blocks(self) -> list[JsonObject]:
        blocks: list[JsonObject] = self.body["blocks"]
        return blocks

    @property
    def external_id(self) -> str:
        return str(self.body.get("external_id") or "")
