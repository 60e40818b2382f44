"""Everything a person can do, by name and JSON, for the page and the control API alike (described in ui.py)."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox.slack.arguments import Arguments
from sandbox.slack.core import Core
from sandbox.slack.errors import ClientRefused
from sandbox.slack.escaping import message_text
from sandbox.slack.interactions import Interactions
from sandbox.slack.model import Channel, JsonObject, Message, View
from sandbox.slack.reactions import Reactions
from sandbox.slack.shapes import channel_json
from sandbox.slack.workspace import NotFound

Act = Callable[[str, Arguments], Awaitable[JsonObject]]
_ACKED: JsonObject = {"acked": True}


class Acts:
    """Carries out acts. Raises ClientRefused, NotFound, and ApiError for a body that lacks something."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._interactions = Interactions(core)
        self._table: Mapping[str, Act] = {
            "post": self._post,
            "upload": self._upload,
            "command": self._command,
            "click": self._click,
            "suggest": self._suggest,
            "shortcut": self._shortcut,
            "submit": self._submit,
            "close": self._close,
            "home": self._home,
            "react": self._react,
            "unreact": self._react,
            "edit": self._edit,
            "delete": self._delete,
            "dismiss": self._dismiss,
            "join": self._join,
            "leave": self._leave,
            "invite": self._invite,
            "dm": self._dm,
        }

    async def run(self, act: str, body: Mapping[str, Any]) -> JsonObject:
        """Do it, as the person in `user`."""
        if act not in self._table:
            raise NotFound(f"no act {act!r}")
        args = Arguments({**body, "act": act})
        user = self._core.workspace.user(args.need("user"))
        if user.deleted:
            raise ClientRefused("account_inactive", f"{user.real_name} has left.")
        return await self._table[act](user.id, args)

    # places and messages

    def _channel(self, user: str, args: Arguments) -> Channel:
        channel = self._core.workspace.channel_named(args.need("channel"))
        if not self._core.workspace.can_see(user, channel.id):
            raise NotFound(f"no channel {channel.id!r}")
        return channel

    def _message(self, user: str, args: Arguments, name: str = "message_ts") -> Message:
        channel = self._channel(user, args)
        message = self._core.workspace.message(channel.id, args.need(name))
        if message.reader not in {None, user}:
            raise NotFound(f"no message {message.ts!r}")
        return message

    def _own_message(self, user: str, args: Arguments) -> Message:
        message = self._message(user, args, "ts")
        if message.user != user:
            raise ClientRefused("not_yours", "You can change only your own messages.")
        return message

    def _may_post(self, user: str, channel: Channel) -> None:
        if channel.is_archived:
            raise ClientRefused("is_archived", f"#{channel.name} is archived.")
        if user not in channel.members:
            raise ClientRefused("not_in_channel", f"Join #{channel.name} first.")
        if channel.is_im and not self._core.app.manifest.messages_tab:
            raise ClientRefused("messages_tab_disabled", "This app takes no messages.")

    def _shown(self, message: Message) -> JsonObject:
        return {"message": self._core.workspace.message_json(message)}

    async def _post(self, user: str, args: Arguments) -> JsonObject:
        channel = self._channel(user, args)
        self._may_post(user, channel)
        thread_ts = args.text("thread_ts")
        root = self._core.workspace.message(channel.id, thread_ts) if thread_ts else None
        if root is not None and root.reader is not None:
            raise ClientRefused("not_on_ephemeral", "Only you can see this message.")
        broadcast = root is not None and args.flag("broadcast")
        files = self._core.files.own(args.json("files") or (), user)
        message = Message(
            ts=self._core.workspace.next_ts(),
            channel=channel.id,
            user=user,
            text=message_text(self._core.workspace, "" if files else args.need("text")),
            files=files,
            thread_ts=(root.thread_ts or root.ts) if root else None,
            broadcast=broadcast,
            subtype="thread_broadcast" if broadcast else "file_share" if files else None,
        )
        self._core.files.share(files, message)
        return self._shown(self._core.posts.add(message))

    async def _upload(self, user: str, args: Arguments) -> JsonObject:
        content = base64.b64decode(args.need("content"), validate=True)
        return {"file": self._core.files.add(args.need("name"), content, user).id}

    async def _edit(self, user: str, args: Arguments) -> JsonObject:
        message = self._own_message(user, args)
        text = message_text(self._core.workspace, args.need("text"))
        edited_ts = self._core.workspace.next_ts()
        return self._shown(self._core.posts.edit(message, text=text, edited_ts=edited_ts))

    async def _delete(self, user: str, args: Arguments) -> JsonObject:
        self._core.posts.remove(self._own_message(user, args))
        return {}

    async def _dismiss(self, user: str, args: Arguments) -> JsonObject:
        ts = args.need("ts")
        for message in self._core.workspace.ephemerals:
            if message.ts == ts and message.reader == user:
                self._core.workspace.remove_message(message)
                return {}
        raise NotFound(f"no ephemeral message {ts!r}")

    async def _react(self, user: str, args: Arguments) -> JsonObject:
        message = self._message(user, args)
        if message.reader is not None:
            raise ClientRefused("not_on_ephemeral", "Only you can see this message.")
        reactions = Reactions(self._core.workspace, self._core.link)
        change = reactions.add if args.need("act") == "react" else reactions.remove
        change(message, args.need("name").strip(":"), user)
        return self._shown(message)

    # what the app answers

    async def _command(self, user: str, args: Arguments) -> JsonObject:
        await self._interactions.command(
            user,
            self._channel(user, args),
            args.need("command"),
            args.text("text") or "",
            args.text("thread_ts"),
        )
        return _ACKED

    def _view(self, user: str, args: Arguments) -> View:
        view = self._core.workspace.view(args.need("view_id"))
        if view.user != user:
            raise NotFound(f"no view {view.id!r}")
        return view

    async def _click(self, user: str, args: Arguments) -> JsonObject:
        action_id, block_id = args.need("action_id"), args.text("block_id")
        value = args.values.get("value")
        if args.text("view_id"):
            view = self._view(user, args)
            typed = args.values.get("values") or {}
            await self._interactions.click_view(view, action_id, block_id, value, typed=typed)
        else:
            message = self._message(user, args)
            await self._interactions.click_message(user, message, action_id, block_id, value)
        return _ACKED

    async def _suggest(self, user: str, args: Arguments) -> JsonObject:
        in_view = args.text("view_id") is not None
        holder = self._view(user, args) if in_view else self._message(user, args)
        query = args.text("query") or ""
        options = await self._interactions.suggest(user, holder, args.need("action_id"), query)
        return {"options": options}

    async def _shortcut(self, user: str, args: Arguments) -> JsonObject:
        callback_id = args.need("callback_id")
        if args.text("message_ts"):
            message = self._message(user, args)
            await self._interactions.message_shortcut(user, message, callback_id)
        else:
            await self._interactions.global_shortcut(user, callback_id)
        return _ACKED

    async def _submit(self, user: str, args: Arguments) -> JsonObject:
        values = args.json("values") or {}
        await self._interactions.submit(self._view(user, args), values)
        return {"views": self._interactions.views_of(user)}

    async def _close(self, user: str, args: Arguments) -> JsonObject:
        await self._interactions.close(self._view(user, args))
        return {"views": self._interactions.views_of(user)}

    async def _home(self, user: str, args: Arguments) -> JsonObject:
        await self._interactions.open_home(user, args.text("tab") or "home")
        return _ACKED

    # membership

    def _members_changed(self, kind: str, channel: Channel, who: str, by: str) -> JsonObject:
        self._core.workspace.channel_changed(channel)
        event: JsonObject = {
            "type": kind,
            "user": who,
            "channel": channel.id,
            "channel_type": "G" if channel.is_private else "C",
            "team": self._core.workspace.team_id,
            "event_ts": self._core.workspace.next_ts(),
        }
        if by != who:
            event["inviter"] = by
        self._core.link.event(event, channel=channel)
        return {"channel": channel_json(channel, by)}

    async def _join(self, user: str, args: Arguments) -> JsonObject:
        channel = self._channel(user, args)
        if user not in channel.members:
            channel.members.append(user)
        return self._members_changed("member_joined_channel", channel, user, user)

    async def _leave(self, user: str, args: Arguments) -> JsonObject:
        channel = self._channel(user, args)
        if user in channel.members:
            channel.members.remove(user)
        return self._members_changed("member_left_channel", channel, user, user)

    async def _invite(self, user: str, args: Arguments) -> JsonObject:
        channel = self._channel(user, args)
        who = self._core.workspace.user_named(args.need("who")).id
        if who not in channel.members:
            channel.members.append(who)
        return self._members_changed("member_joined_channel", channel, who, user)

    async def _dm(self, user: str, args: Arguments) -> JsonObject:
        who = self._core.workspace.user_named(args.need("who")).id
        if who != self._core.app.bot_user:
            raise ClientRefused(
                "not_supported", "The sandbox has direct messages with the app only."
            )
        channel = self._core.workspace.direct_message(who, user)
        return {"channel": channel_json(channel, user)}
