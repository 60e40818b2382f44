"""A sandbox per test, and an unmodified slack_sdk client of its app."""

from collections.abc import AsyncIterator

import pytest
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.delivery import Timing
from sandbox.slack.person import Person
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import bolt_app, socket_mode
from tests.sandbox.slack.stepped import SteppedClock


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def ack_seconds() -> float:
    """How long it waits for an app: a busy machine is no slow app. `SLOW_APP` shortens it."""
    return 30.0


@pytest.fixture
async def slack(clock: SteppedClock, ack_seconds: float) -> AsyncIterator[SandboxSlack]:
    """Slack's own limits, but it is more patient with the app, and repeats events quickly."""
    timing = Timing(ack_seconds=ack_seconds, retry_delays=(0.0, 0.05, 0.05))
    sandbox = SandboxSlack(timing=timing)
    await sandbox.start(clock=clock)
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def client(slack: SandboxSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, timeout=30)


@pytest.fixture
async def app(slack: SandboxSlack) -> AsyncIterator[AsyncApp]:
    """An app connected by Socket Mode; tests add listeners to it."""
    app = bolt_app(slack)

    @app.event("message")
    async def on_message() -> None:
        return

    async with socket_mode(slack, app):
        yield app


@pytest.fixture
def anna(slack: SandboxSlack) -> Person:
    return slack.person("anna")
