"""An unmodified slack-bolt app, joined to a sandbox by Socket Mode or by HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.model import JsonObject
from sandbox.slack.server import SandboxSlack


def bolt_app(slack: SandboxSlack, *, signing_secret: str | None = None) -> AsyncApp:
    return AsyncApp(
        client=AsyncWebClient(token=slack.bot_token, base_url=slack.api_url),
        signing_secret=signing_secret or slack.signing_secret,
    )


@asynccontextmanager
async def socket_mode(slack: SandboxSlack, app: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
    connect: Callable[[], Awaitable[None]] = handler.connect_async
    close: Callable[[], Awaitable[None]] = handler.close_async
    await connect()
    try:
        yield handler
    finally:
        await close()


@asynccontextmanager
async def http_mode(slack: SandboxSlack, app: AsyncApp) -> AsyncIterator[str]:
    """Serve the app on loopback and give the sandbox a manifest with its addresses."""
    runner = web.AppRunner(app.web_app("/slack/events"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.install(http_manifest(url))
    try:
        yield url
    finally:
        await runner.cleanup()


SLOW_APP = pytest.mark.parametrize("ack_seconds", [0.5])
"""For a test whose app never acknowledges, so that waiting for it takes half a second."""


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until something is so. Raises TimeoutError."""
    for _ in range(int(seconds * 100)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


def http_manifest(url: str) -> JsonObject:
    manifest = default_manifest()
    manifest["settings"]["socket_mode_enabled"] = False
    manifest["settings"]["event_subscriptions"]["request_url"] = url
    manifest["settings"]["interactivity"]["request_url"] = url
    for command in manifest["features"]["slash_commands"]:
        command["url"] = url
    return manifest


def modal(*blocks: JsonObject, callback_id: str = "form", **fields: object) -> JsonObject:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": {"type": "plain_text", "text": "Form"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": list(blocks) or [text_input("answer")],
        **fields,
    }


def text_input(block_id: str, **element: object) -> JsonObject:
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": block_id},
        "element": {"type": "plain_text_input", "action_id": "text", **element},
    }


def button(action_id: str, text: str = "Press", **fields: object) -> JsonObject:
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "action_id": action_id, "text": label, **fields}


def actions(*elements: JsonObject, block_id: str = "actions") -> JsonObject:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def section(text: str) -> JsonObject:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def rich_text(text: str) -> JsonObject:
    part = {"type": "text", "text": text}
    element = {"type": "rich_text_section", "elements": [part]}
    return {"type": "rich_text", "elements": [element]}


def opens(app: AsyncApp, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Let `/ticket` open a modal; returns the commands that came."""
    commands: list[dict[str, Any]] = []

    @app.command("/ticket")
    async def on_command(ack: Any, command: dict[str, Any], client: Any) -> None:
        commands.append(command)
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=view)

    return commands
