"""Faults that tests ask for over the control API."""

import asyncio
import time
from typing import Any

import pytest
from aiohttp import ClientConnectionError, ClientSession
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack.seed import SHOP
from sandbox.slack.server import SandboxSlack


async def arm(slack: SandboxSlack, kind: str, **fields: Any) -> None:
    body = {"method": "chat.postMessage", "kind": kind, **fields}
    address = f"{slack.url}/control/faults"
    async with ClientSession() as session, session.post(address, json=body) as response:
        assert response.status == 200


def posted(slack: SandboxSlack) -> list[str]:
    return [message.text for message in slack.workspace.messages(SHOP)]


async def test_the_next_calls_are_ratelimited(slack: SandboxSlack, client: AsyncWebClient) -> None:
    await arm(slack, "ratelimited", times=2, retry_after=7)
    for _ in range(2):
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=SHOP, text="x")
        assert caught.value.response.headers["Retry-After"] == "7"

    await client.chat_postMessage(channel=SHOP, text="through")

    assert posted(slack) == ["through"]
    assert [call.fault for call in slack.core.calls] == ["ratelimited", "ratelimited", None]


async def test_an_error_of_choice(slack: SandboxSlack, client: AsyncWebClient) -> None:
    await arm(slack, "error", code="fatal_error")

    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.chat_postMessage(channel=SHOP, text="x")
    assert posted(slack) == []


@pytest.mark.parametrize(("kind", "left"), [("server_error", []), ("server_error_after", ["x"])])
async def test_a_server_error_before_or_after_the_deed(
    slack: SandboxSlack, client: AsyncWebClient, kind: str, left: list[str]
) -> None:
    await arm(slack, kind)

    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=SHOP, text="x")
    assert caught.value.response.status_code == 500
    assert posted(slack) == left


@pytest.mark.parametrize(("kind", "left"), [("timeout_before", []), ("timeout_after", ["x"])])
async def test_silence_before_or_after_the_deed(
    slack: SandboxSlack, kind: str, left: list[str]
) -> None:
    impatient = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, timeout=1)
    await arm(slack, kind)
    began = time.monotonic()

    with pytest.raises(asyncio.TimeoutError):
        await impatient.chat_postMessage(channel=SHOP, text="x")
    assert time.monotonic() - began >= 0.9
    assert posted(slack) == left


@pytest.mark.parametrize(("kind", "left"), [("cut_before", []), ("cut_after", ["x"])])
async def test_a_cut_line_before_or_after_the_deed(
    slack: SandboxSlack, kind: str, left: list[str]
) -> None:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    await arm(slack, kind)

    with pytest.raises(ClientConnectionError):
        await client.chat_postMessage(channel=SHOP, text="x")
    assert posted(slack) == left


async def test_faults_can_be_disarmed(slack: SandboxSlack, client: AsyncWebClient) -> None:
    await arm(slack, "server_error", times=9)
    async with ClientSession() as session:
        await session.delete(f"{slack.url}/control/faults")

    assert (await client.chat_postMessage(channel=SHOP, text="x"))["ok"]


async def test_an_unknown_fault_is_a_bad_request(slack: SandboxSlack) -> None:
    async with ClientSession() as session:
        body = {"method": "x", "kind": "explode"}
        async with session.post(f"{slack.url}/control/faults", json=body) as response:
            assert response.status == 400


async def test_a_workspace_that_knows_no_charts_refuses_them_until_it_does(
    slack: SandboxSlack, client: AsyncWebClient
) -> None:
    chart = {
        "type": "data_table",
        "caption": "x",
        "rows": [[{"type": "raw_text", "text": "x"}]] * 2,
    }
    await arm(slack, "no_charts", method="*")

    for _ in range(2):
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await client.chat_postMessage(channel=SHOP, text="x", blocks=[chart])
    await client.chat_postMessage(channel=SHOP, text="words", blocks=[{"type": "divider"}])
    slack.core.faults.clear()
    await client.chat_postMessage(channel=SHOP, text="charts", blocks=[chart])

    assert posted(slack) == ["words", "charts"]
