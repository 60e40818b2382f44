"""What people do that the app answers: commands, clicks, shortcuts, modals, Home.

Slack's own client refuses some of it (ClientRefused) before the app hears of it.
"""

from collections.abc import Mapping
from typing import Any

from sandbox.slack.blocks import elements_of, validate_view
from sandbox.slack.core import Core
from sandbox.slack.delivery import Answer
from sandbox.slack.element_state import chosen_state, client_complaints, wrong_files
from sandbox.slack.errors import ClientRefused
from sandbox.slack.escaping import command_text
from sandbox.slack.model import Channel, JsonObject, Message, View
from sandbox.slack.payloads import Payloads
from sandbox.slack.responses import Responses
from sandbox.slack.shapes import view_json
from sandbox.slack.view_stack import ExternalIdTaken, StackFull, ViewStack

_TROUBLE = "We had some trouble connecting. Try again?"
_TIMEOUTS = {"timeout", "http_timeout"}


def _failure(answer: Answer) -> str:
    return "operation_timeout" if answer.failure in _TIMEOUTS else "dispatch_failed"


def find_element(
    blocks: list[JsonObject], action_id: str, block_id: str | None
) -> tuple[JsonObject, JsonObject]:
    """The block and its element with this action_id. Raises ClientRefused."""
    for block, element in elements_of(blocks):
        if element["action_id"] == action_id and block_id in {None, block["block_id"]}:
            return block, element
    raise ClientRefused("no_such_element", f"There is nothing called {action_id!r} to press.")


class Interactions:
    """One person's doings that reach the app; returns once the app acknowledged."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._payloads = Payloads(core)
        self._responses = Responses(core)
        self._stack = ViewStack(core.workspace)

    async def command(
        self, user: str, channel: Channel, command: str, text: str, thread_ts: str | None
    ) -> None:
        """Run a slash command. Raises ClientRefused."""
        spec = self._core.app.manifest.command(command)
        if spec is None:
            raise ClientRefused("unknown_command", f"{command} is not a valid command.")
        if thread_ts is not None:
            sentence = f"{command} is not supported in threads. Sorry!"
            raise ClientRefused("not_supported_in_thread", sentence)
        if user not in channel.members or channel.is_archived:
            raise ClientRefused("restricted_action", f"You cannot use {command} here.")
        if spec.should_escape:
            text = command_text(self._core.workspace, text)
        payload = self._payloads.command(user, channel, command, text)
        answer = await self._core.link.command(payload, spec.url)
        if not answer.acked:
            code = _failure(answer)
            sentence = f'{command} failed with the error "{code}"'
            self._core.feed.publish("notice", {"text": sentence}, user=user)
            raise ClientRefused(code, sentence)
        if answer.payload:
            self._write_answer(user, channel, command, answer.payload)

    def _write_answer(
        self, user: str, channel: Channel, command: str, payload: Mapping[str, Any]
    ) -> None:
        wrong = self._responses.write_acknowledgement(user, channel.id, payload)
        if wrong is not None:
            sentence = f'{command} failed with the error "{wrong}"'
            raise ClientRefused(wrong, sentence)

    async def click_message(
        self, user: str, message: Message, action_id: str, block_id: str | None, value: Any
    ) -> None:
        """Use an element of a message. Raises ClientRefused."""
        block, element = find_element(message.blocks, action_id, block_id)
        action = self._action(block, element, chosen_state(element, value))
        payload = self._payloads.message_action(user, message, block, action)
        await self._send(payload, user)

    async def click_view(
        self,
        view: View,
        action_id: str,
        block_id: str | None,
        value: Any,
        *,
        typed: Mapping[str, Any],
    ) -> None:
        """Use an element of a modal or Home; the app is told what is `typed` into its inputs as well.

        Inputs themselves tell the app only with `dispatch_action`. Raises ClientRefused.
        """
        self._fill(view, typed)
        block, element = find_element(view.blocks, action_id, block_id)
        state = chosen_state(element, value)
        if len(state) > 1 and element["type"] != "overflow":
            self._stack.put_value(view, block["block_id"], element["action_id"], state)
        if block["type"] == "input" and not block.get("dispatch_action"):
            return
        action = self._action(block, element, state)
        await self._send(self._payloads.view_action(view, action), view.user)

    def _action(self, block: JsonObject, element: JsonObject, state: JsonObject) -> JsonObject:
        action: JsonObject = {
            "type": element["type"],
            "action_id": element["action_id"],
            "block_id": block["block_id"],
            "action_ts": self._core.workspace.next_ts(),
        }
        if element["type"] == "button":
            action["text"] = element["text"]
            if "value" in element:
                action["value"] = element["value"]
        return action | state

    async def suggest(
        self, user: str, holder: Message | View, action_id: str, query: str
    ) -> list[JsonObject]:
        """Ask the app for an external select's options. Raises ClientRefused."""
        block, element = find_element(holder.blocks, action_id, None)
        container: JsonObject = (
            {"type": "view", "view_id": holder.id}
            if isinstance(holder, View)
            else {"type": "message", "message_ts": holder.ts, "channel_id": holder.channel}
        )
        action = {"action_id": element["action_id"], "block_id": block["block_id"]}
        payload = self._payloads.suggestion(user, container, action, query)
        answer = await self._send(payload, user)
        options: list[JsonObject] = list((answer.payload or {}).get("options") or [])
        return options

    async def message_shortcut(self, user: str, message: Message, callback_id: str) -> None:
        """Use a message shortcut. Raises ClientRefused."""
        if self._core.app.manifest.shortcut(callback_id, "message") is None:
            raise ClientRefused("unknown_shortcut", f"There is no shortcut {callback_id!r}.")
        if message.reader is not None:
            raise ClientRefused("not_on_ephemeral", "Only you can see this message.")
        await self._send(self._payloads.message_shortcut(user, message, callback_id), user)

    async def global_shortcut(self, user: str, callback_id: str) -> None:
        """Use a global shortcut. Raises ClientRefused."""
        if self._core.app.manifest.shortcut(callback_id, "global") is None:
            raise ClientRefused("unknown_shortcut", f"There is no shortcut {callback_id!r}.")
        await self._send(self._payloads.global_shortcut(user, callback_id), user)

    async def open_home(self, user: str, tab: str) -> None:
        """Look at the app's Home or its messages; the app hears of it as an event."""
        manifest = self._core.app.manifest
        if not (manifest.home_tab if tab == "home" else manifest.messages_tab):
            raise ClientRefused("not_enabled", "This app has no such tab.")
        channel = self._core.workspace.direct_message(self._core.app.bot_user, user)
        event: JsonObject = {
            "type": "app_home_opened",
            "user": user,
            "channel": channel.id,
            "tab": tab,
            "event_ts": self._core.workspace.next_ts(),
        }
        home = self._core.workspace.homes.get(user)
        if home is not None and tab == "home":
            event["view"] = self._payloads.view(home)
        self._core.link.event(event)

    async def submit(self, view: View, values: Mapping[str, Any]) -> None:
        """Submit a modal. Raises ClientRefused with `errors` by block id when it stays open."""
        if view not in self._core.workspace.modals[view.user][-1:]:
            raise ClientRefused("not_on_top", "This form is not the one in front.")
        self._fill(view, values)
        complaints = client_complaints(view.blocks, view.values)
        if complaints:
            raise ClientRefused("errors", "Please check the form.", {"errors": complaints})
        answer = await self._core.link.interaction(self._payloads.submission(view))
        if not answer.acked:
            raise ClientRefused(_failure(answer), _TROUBLE)
        self._follow(view, answer.payload or {})

    def _fill(self, view: View, values: Mapping[str, Any]) -> None:
        inputs = {b["block_id"]: b["element"] for b in view.blocks if b["type"] == "input"}
        for block_id, value in values.items():
            if block_id not in inputs:
                raise ClientRefused("no_such_element", f"There is no input {block_id!r}.")
            element = inputs[block_id]
            state = self._files(view.user, block_id, element, value) or chosen_state(element, value)
            self._stack.put_value(view, block_id, element["action_id"], state)

    def _files(self, user: str, block_id: str, element: JsonObject, value: Any) -> JsonObject:
        """The state of a file input, whose value is the ids of uploaded files."""
        if element["type"] != "file_input" or not value:
            return {}
        files = self._core.files.own(value, user)
        wrong = wrong_files(element, [file.name for file in files])
        if wrong is not None:
            raise ClientRefused("errors", "Please check the form.", {"errors": {block_id: wrong}})
        return {"type": "file_input", "files": self._core.files.seen_by_app(files)}

    def _follow(self, view: View, payload: Mapping[str, Any]) -> None:
        """Do what the acknowledgement of a submission asks for."""
        match payload.get("response_action"):
            case None:
                self._stack.pop(view)
            case "clear":
                self._stack.clear(view.user)
            case "errors":
                self._show_errors(view, payload.get("errors"))
            case "update" | "push" as action:
                self._show_view(view, action, payload.get("view"))
            case _:
                raise ClientRefused("invalid_response", _TROUBLE)

    def _show_errors(self, view: View, errors: Any) -> None:
        inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
        if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
            raise ClientRefused("invalid_response", _TROUBLE)
        raise ClientRefused("errors", "Please check the form.", {"errors": errors})

    def _show_view(self, view: View, action: str, body: Any) -> None:
        if validate_view(body) or body.get("type") != "modal":
            raise ClientRefused("invalid_response", _TROUBLE)
        try:
            if action == "update":
                self._stack.replace(view, body)
            else:
                self._stack.push(view.user, body)
        except (StackFull, ExternalIdTaken):
            raise ClientRefused("invalid_response", _TROUBLE) from None

    async def close(self, view: View) -> None:
        """Close a modal; the app is told when it asked to be."""
        self._stack.pop(view)
        if view.body.get("notify_on_close"):
            await self._core.link.interaction(self._payloads.closing(view, cleared=False))

    async def _send(self, payload: JsonObject, user: str) -> Answer:
        answer = await self._core.link.interaction(payload)
        if not answer.acked:
            self._core.feed.publish("notice", {"text": _TROUBLE}, user=user)
            raise ClientRefused(_failure(answer), _TROUBLE)
        return answer

    def views_of(self, user: str) -> list[JsonObject]:
        """A person's modals, the top one last."""
        workspace = self._core.workspace
        return [view_json(view, workspace.team_id) for view in workspace.modals[user]]
