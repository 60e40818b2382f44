import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import Clock
from bot.errors import SettingsError
from bot.runtime.socket_link import SocketLink
from bot.slack_manifest import build_manifest
from sandbox.slack.server import SandboxSlack


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[SandboxSlack]:
    sandbox = SandboxSlack()
    await sandbox.start(manifest=build_manifest())
    yield sandbox
    await sandbox.stop()


def listening_app(slack: SandboxSlack, heard: asyncio.Queue[str]) -> AsyncApp:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)

    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token=slack.bot_token)

    app = AsyncApp(client=client, authorize=authorize, signing_secret="unused")

    @app.command("/ticket")
    async def ticket(ack: AsyncAck, command: Mapping[str, Any]) -> None:
        await ack()
        heard.put_nowait(command["text"])

    return app


async def until_connected(slack: SandboxSlack, *, after: int = 0) -> None:
    async with asyncio.timeout(40):
        # Nothing tells when a socket is taken up.
        while not any(c.number > after for c in slack.core.hub.connections):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_command_is_heard_through_the_link(slack: SandboxSlack) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    link = SocketLink(listening_app(slack, heard), slack.app_token, Clock())
    await link.check()
    running = asyncio.create_task(link.run())
    await until_connected(slack)

    await slack.person("anna").command("/ticket", "queue", channel="shop")

    assert await asyncio.wait_for(heard.get(), 30) == "queue"
    assert link.connected
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_link_that_went_silent_is_replaced_by_one_that_works(slack: SandboxSlack) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    app = listening_app(slack, heard)
    link = SocketLink(app, slack.app_token, Clock(), ping_seconds=0.5, dead_after=3.0)
    running = asyncio.create_task(link.run())
    await until_connected(slack)
    first = max(c.number for c in slack.core.hub.connections)

    slack.core.hub.silence()
    await until_connected(slack, after=first)
    await slack.person("anna").command("/ticket", "queue", channel="shop")

    assert await asyncio.wait_for(heard.get(), 30) == "queue"
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_an_idle_link_is_renewed(slack: SandboxSlack) -> None:
    app = listening_app(slack, asyncio.Queue())
    link = SocketLink(app, slack.app_token, Clock(), idle_after=1.0)
    running = asyncio.create_task(link.run())
    await until_connected(slack)
    first = max(c.number for c in slack.core.hub.connections)

    await until_connected(slack, after=first)

    assert link.replaced >= 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_refused_app_token_is_a_sentence_at_the_start(slack: SandboxSlack) -> None:
    link = SocketLink(listening_app(slack, asyncio.Queue()), "xapp-wrong", Clock())

    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN"):
        await link.check()


async def test_slack_being_away_at_the_start_is_no_reason_to_give_up() -> None:
    client = AsyncWebClient(token="xoxb-x", base_url="http://127.0.0.1:9/api/")
    app = AsyncApp(client=client, signing_secret="unused", request_verification_enabled=False)

    await SocketLink(app, "xapp-x", Clock()).check()
