"""What an app answers to an interaction: in its acknowledgement or through the response_url.

docs.slack.dev "Handling user interaction responses": ephemeral unless `in_channel`; `replace_original`, `delete_original`;
the answer of a message shortcut cannot go into the message's thread.
"""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from sandbox.slack.arguments import Arguments
from sandbox.slack.core import Core
from sandbox.slack.errors import ApiError
from sandbox.slack.handles import ResponseAddress
from sandbox.slack.methods.content import Content, read_content
from sandbox.slack.model import Message, Ts
from sandbox.slack.workspace import NotFound


class Responses:
    """Writes an app's answers into the workspace."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`POST /response/PATH`."""
        address = self._core.responses.use(request.match_info["path"])
        if address is None:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        try:
            body = json.loads(await request.text())
        except json.JSONDecodeError:
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        if not isinstance(body, dict):
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        try:
            self.write(address, body)
        except ApiError as error:
            return web.json_response(error.body(), status=400)
        return web.json_response({"ok": True})

    def write(self, address: ResponseAddress, body: Mapping[str, Any]) -> None:
        """Post, replace or delete. Raises ApiError (no_text, invalid_blocks …)."""
        args = Arguments(body)
        if args.flag("delete_original"):
            self._original_gone(address)
            return
        content = read_content(args)
        if args.flag("replace_original") and self._replaced(address, content):
            return
        self._post(address, args, content)

    def write_acknowledgement(self, user: str, channel: str, body: Mapping[str, Any]) -> str | None:
        """The answer inside a command's acknowledgement. Returns what was wrong with it, if anything."""
        now = self._core.clock.monotonic()
        try:
            self.write(ResponseAddress(user=user, channel=channel, born=now), body)
        except ApiError as error:
            return error.code
        return None

    def _original(self, address: ResponseAddress) -> Message | None:
        if address.message_ts is None:
            return None
        try:
            return self._core.workspace.message(address.channel, address.message_ts)
        except NotFound:
            return None

    def _original_gone(self, address: ResponseAddress) -> None:
        original = self._original(address)
        if original is not None and original.bot_id == self._core.app.bot_id:
            self._core.posts.remove(original)

    def _replaced(self, address: ResponseAddress, content: Content) -> bool:
        original = self._original(address)
        if original is None or original.bot_id != self._core.app.bot_id:
            return False
        self._core.posts.edit(original, text=content.text, blocks=content.blocks or [])
        return True

    def _post(self, address: ResponseAddress, args: Arguments, content: Content) -> None:
        app = self._core.app
        in_channel = args.text("response_type") == "in_channel"
        self._core.posts.add(
            Message(
                ts=self._core.workspace.next_ts(),
                channel=address.channel,
                user=app.bot_user,
                bot_id=app.bot_id,
                text=content.text,
                blocks=content.blocks or [],
                metadata=content.metadata,
                thread_ts=self._thread(address, args.text("thread_ts")),
                reader=None if in_channel else address.user,
            )
        )

    def _thread(self, address: ResponseAddress, wanted: str | None) -> Ts | None:
        if wanted is None or (address.from_message_shortcut and wanted == address.thread_ts):
            return None
        root = self._core.workspace.posted(address.channel, wanted)
        return root.ts if root is not None and not root.is_reply else None
