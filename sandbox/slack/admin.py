"""What the workspace's owner can do to it: tokens, channels, people, groups; each with the event Slack sends."""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.core import Core
from sandbox.slack.group_events import members_changed
from sandbox.slack.model import Channel, JsonObject, User, UserGroup
from sandbox.slack.shapes import api_user

_TOKEN_ERRORS = {None, "token_revoked", "account_inactive", "invalid_auth"}


class Admin:
    """Changes from outside the app."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def _ids(self, names: list[str]) -> list[str]:
        return [self._core.workspace.user_named(name).id for name in names]

    def set_token_error(self, error: str | None) -> None:
        """Revoke the bot token, or give it back with None. Raises ValueError for a code tokens do not end in."""
        if error not in _TOKEN_ERRORS:
            raise ValueError(f"a token does not end in {error!r}")
        self._core.app.token_error = error
        if error == "token_revoked":
            bot = self._core.app.bot_user
            self._core.link.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [bot]}})

    def new_channel(self, body: Mapping[str, Any]) -> Channel:
        """Make a channel. Raises KeyError without a name, NotFound for unknown members."""
        private = bool(body.get("is_private", False))
        channel = Channel(
            id=self._core.workspace.new_id("C"),
            name=str(body["name"]).removeprefix("#"),
            is_private=private,
            topic=str(body.get("topic", "")),
            created=int(self._core.clock.now().timestamp()),
            members=self._ids(list(body.get("members") or [])),
        )
        self._core.workspace.add_channel(channel)
        self._core.workspace.channel_changed(channel)
        return channel

    def change_channel(self, channel: Channel, body: Mapping[str, Any]) -> None:
        """Archive, rename, add or remove somebody. Raises NotFound."""
        if "archived" in body:
            self._archive(channel, archived=bool(body["archived"]))
        if "rename" in body:
            self._rename(channel, str(body["rename"]))
        for user_id in self._ids([body["add"]] if body.get("add") else []):
            if user_id not in channel.members:
                channel.members.append(user_id)
            self._membership("member_joined_channel", channel, user_id)
        for user_id in self._ids([body["remove"]] if body.get("remove") else []):
            if user_id in channel.members:
                channel.members.remove(user_id)
            self._membership("member_left_channel", channel, user_id)
        self._core.workspace.channel_changed(channel)

    def _archive(self, channel: Channel, *, archived: bool) -> None:
        channel.is_archived = archived
        kind = "channel_archive" if archived else "channel_unarchive"
        event = self._event(kind) | {"channel": channel.id, "user": ""}
        self._core.link.event(event, channel=channel)

    def _rename(self, channel: Channel, name: str) -> None:
        channel.name = name.removeprefix("#")
        about = {"id": channel.id, "name": channel.name, "created": channel.created}
        event = self._event("channel_rename") | {"channel": about}
        self._core.link.event(event, channel=channel)

    def _membership(self, kind: str, channel: Channel, user_id: str) -> None:
        event = self._event(kind) | {
            "user": user_id,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self._core.workspace.team_id,
        }
        self._core.link.event(event, channel=channel)

    def _event(self, kind: str) -> JsonObject:
        return {"type": kind, "event_ts": self._core.workspace.next_ts()}

    def new_user(self, body: Mapping[str, Any]) -> User:
        """Somebody joins the workspace. Raises KeyError without a name."""
        name = str(body["name"])
        handle = name.split(" ", maxsplit=1)[0].lower()
        user = User(
            id=self._core.workspace.new_id("U"),
            name=handle,
            real_name=name,
            email=body.get("email", f"{handle}@rossi-casa.example"),
            tz=str(body.get("tz", "Europe/Rome")),
            locale=str(body.get("locale", "en-US")),
            is_restricted=bool(body.get("is_restricted", False)),
        )
        return self._core.workspace.add_user(user)

    def change_user(self, user: User, body: Mapping[str, Any]) -> None:
        """Deactivate, restrict, move; the app hears `user_change`."""
        user.deleted = bool(body.get("deleted", user.deleted))
        user.is_restricted = bool(body.get("is_restricted", user.is_restricted))
        user.tz = str(body.get("tz", user.tz))
        user.locale = str(body.get("locale", user.locale))
        user.email = body.get("email", user.email)
        shape = api_user(
            user,
            team_id=self._core.workspace.team_id,
            at=self._core.clock.now(),
            with_email="users:read.email" in self._core.granted,
        )
        self._core.link.event(self._event("user_change") | {"user": shape})

    def put_group(self, handle: str, body: Mapping[str, Any]) -> UserGroup:
        """Set a group's people. Raises NotFound for unknown ones."""
        workspace = self._core.workspace
        group = next((g for g in workspace.groups.values() if g.handle == handle), None)
        if group is None:
            group = UserGroup(id=workspace.new_id("S"), handle=handle, name=handle.capitalize())
            workspace.groups[group.id] = group
        before = set(group.users)
        group.users = self._ids(list(body.get("users", group.users)))
        group.disabled = bool(body.get("disabled", group.disabled))
        self._core.link.event(members_changed(workspace, group, before))
        return group
