"""The payloads Slack sends for what people do. Fields: docs.slack.dev "Interaction payloads", "Slash commands"."""

from sandbox.slack.blocks import elements_of
from sandbox.slack.core import Core
from sandbox.slack.element_state import initial_state
from sandbox.slack.model import Channel, JsonObject, Message, View
from sandbox.slack.shapes import view_json


class Payloads:
    """Builds payloads; each one gets fresh trigger and response handles."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def _team(self) -> JsonObject:
        workspace = self._core.workspace
        return {"id": workspace.team_id, "domain": workspace.domain}

    def _user(self, user_id: str) -> JsonObject:
        user = self._core.workspace.user(user_id)
        team_id = self._core.workspace.team_id
        return {"id": user.id, "username": user.name, "name": user.name, "team_id": team_id}

    def _base(self, kind: str, user_id: str, *, trigger: bool = True) -> JsonObject:
        base: JsonObject = {
            "type": kind,
            "user": self._user(user_id),
            "api_app_id": self._core.app.app_id,
            "token": self._core.app.verification_token,
            "team": self._team(),
            "enterprise": None,
            "is_enterprise_install": False,
        }
        if trigger:
            base["trigger_id"] = self._core.triggers.issue(user_id)
        return base

    def response_url(self, path: str) -> str:
        """The address under which the app may answer."""
        return f"{self._core.base_url}/response/{path}"

    def command(self, user_id: str, channel: Channel, command: str, text: str) -> JsonObject:
        """A slash command's form fields."""
        workspace = self._core.workspace
        return {
            "token": self._core.app.verification_token,
            "team_id": workspace.team_id,
            "team_domain": workspace.domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": user_id,
            "user_name": workspace.user(user_id).name,
            "command": command,
            "text": text,
            "api_app_id": self._core.app.app_id,
            "is_enterprise_install": "false",
            "response_url": self.response_url(self._core.responses.issue(user_id, channel.id)),
            "trigger_id": self._core.triggers.issue(user_id),
        }

    def message_action(
        self, user_id: str, message: Message, block: JsonObject, action: JsonObject
    ) -> JsonObject:
        """A click on a message's element."""
        channel = self._core.workspace.channel(message.channel)
        container: JsonObject = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": channel.id,
            "is_ephemeral": message.reader is not None,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        path = self._core.responses.issue(
            user_id, channel.id, message_ts=message.ts, thread_ts=message.thread_ts
        )
        payload = self._base("block_actions", user_id)
        payload |= {
            "container": container,
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "state": {"values": _message_state(message.blocks, block, action)},
            "response_url": self.response_url(path),
            "actions": [action],
        }
        if message.reader is None:
            payload["message"] = self._core.posts.as_api(message, with_metadata=True)
        return payload

    def view_action(self, view: View, action: JsonObject) -> JsonObject:
        """A click on an element of a modal or Home."""
        payload = self._base("block_actions", view.user)
        payload |= {
            "container": {"type": "view", "view_id": view.id},
            "view": self.view(view),
            "actions": [action],
        }
        return payload

    def message_shortcut(self, user_id: str, message: Message, callback_id: str) -> JsonObject:
        """A message shortcut."""
        channel = self._core.workspace.channel(message.channel)
        path = self._core.responses.issue(
            user_id,
            channel.id,
            message_ts=message.ts,
            thread_ts=message.thread_ts,
            from_message_shortcut=True,
        )
        return self._base("message_action", user_id) | {
            "callback_id": callback_id,
            "action_ts": self._core.workspace.next_ts(),
            "channel": {"id": channel.id, "name": _channel_name(channel)},
            "message_ts": message.ts,
            "message": self._core.posts.as_api(message, with_metadata=True),
            "response_url": self.response_url(path),
        }

    def global_shortcut(self, user_id: str, callback_id: str) -> JsonObject:
        """A global shortcut."""
        return self._base("shortcut", user_id) | {
            "callback_id": callback_id,
            "action_ts": self._core.workspace.next_ts(),
        }

    def submission(self, view: View) -> JsonObject:
        """A submitted modal."""
        return self._base("view_submission", view.user) | {
            "view": self.view(view),
            "response_urls": [],
        }

    def closing(self, view: View, *, cleared: bool) -> JsonObject:
        """A closed modal that asked to be told."""
        base = self._base("view_closed", view.user, trigger=False)
        return base | {"view": self.view(view), "is_cleared": cleared}

    def suggestion(
        self, user_id: str, container: JsonObject, action: JsonObject, query: str
    ) -> JsonObject:
        """What an external select's person has typed so far."""
        return self._base("block_suggestion", user_id, trigger=False) | {
            "container": container,
            "action_id": action["action_id"],
            "block_id": action["block_id"],
            "value": query,
        }

    def view(self, view: View) -> JsonObject:
        """A view as apps see it."""
        shape = view_json(view, self._core.workspace.team_id)
        return shape | {
            "app_id": self._core.app.app_id,
            "app_installed_team_id": self._core.workspace.team_id,
            "bot_id": self._core.app.bot_id,
        }


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def _message_state(
    blocks: list[JsonObject], acted_block: JsonObject, action: JsonObject
) -> dict[str, dict[str, JsonObject]]:
    values: dict[str, dict[str, JsonObject]] = {}
    for block, element in elements_of(blocks):
        state = initial_state(element)
        if state is not None:
            values.setdefault(block["block_id"], {})[element["action_id"]] = state
    held = values.get(acted_block["block_id"], {}).get(action["action_id"])
    if held is not None:
        held.update({name: action[name] for name in held if name in action})
    return values
