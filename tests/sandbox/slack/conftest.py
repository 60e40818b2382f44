"""A sandbox per test, and an unmodified slack_sdk client of its app."""

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.delivery import Timing
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.stepped import SteppedClock


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
async def slack(clock: SteppedClock) -> AsyncIterator[SandboxSlack]:
    """Slack's own limits, but it waits half a second for the app, and repeats events quickly."""
    sandbox = SandboxSlack(timing=Timing(ack_seconds=0.5, retry_delays=(0.0, 0.05, 0.05)))
    await sandbox.start(clock=clock)
    yield sandbox
    await sandbox.stop()


@pytest.fixture
def client(slack: SandboxSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, timeout=5)
