import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import aiohttp
import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.signature import SignatureVerifier

from bot.web.app import Probes, build_web
from bot.web.guard import BODY_LIMIT
from bot.web.server import listen, serve_web

SECRET = "signing-secret"


class Process:
    """A process whose state the test sets."""

    def __init__(self) -> None:
        self.lag = 0.0
        self.checks: dict[str, str | None] = {"database": None}

    async def ready(self) -> Mapping[str, str | None]:
        return self.checks

    async def metrics(self) -> bytes:
        return b"threadline_clocks 1.0\n"

    def probes(self) -> Probes:
        return Probes(loop_lag=lambda: self.lag, ready=self.ready, metrics=self.metrics)


def echo_app() -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-x")

    app = AsyncApp(authorize=authorize, signing_secret=SECRET)

    @app.command("/ticket")
    async def ticket(ack: AsyncAck, command: Mapping[str, Any]) -> None:
        await ack(f"heard {command['text']}")

    return app


@asynccontextmanager
async def serving(process: Process, slack: AsyncApp | None = None) -> AsyncIterator[str]:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    web = build_web(process.probes(), slack=slack, signing_secret=SECRET if slack else None)
    task = asyncio.create_task(serve_web(web, listener))
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status, await response.text()


def headers_for(body: bytes) -> dict[str, str]:
    at = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=at, body=body)
    return {
        "X-Slack-Request-Timestamp": at,
        "X-Slack-Signature": signature or "",
        "Content-Type": "application/x-www-form-urlencoded",
    }


async def test_health_turns_bad_when_the_loop_is_stuck() -> None:
    process = Process()
    async with serving(process) as url:
        assert (await get(f"{url}/healthz"))[0] == 200
        process.lag = 6.0
        status, text = await get(f"{url}/healthz")

    assert status == 503
    assert "stuck" in text


async def test_health_says_which_time_zone_data_deadlines_are_counted_with() -> None:
    async with serving(Process()) as url:
        _, text = await get(f"{url}/healthz")

    assert json.loads(text)["tzdata"] == version("tzdata")


async def test_readiness_names_the_check_that_fails() -> None:
    process = Process()
    async with serving(process) as url:
        assert (await get(f"{url}/readyz"))[0] == 200
        process.checks["slack"] = "not connected"
        status, text = await get(f"{url}/readyz")

    assert status == 503
    assert '"slack":"not connected"' in text


async def test_metrics_are_served_as_text() -> None:
    async with serving(Process()) as url:
        assert await get(f"{url}/metrics") == (200, "threadline_clocks 1.0\n")


async def test_without_http_mode_there_is_no_door_for_slack() -> None:
    async with serving(Process()) as url:
        assert (await post(f"{url}/slack/events", b"", {}))[0] == 404


async def test_a_signed_command_reaches_bolt_and_its_answer_comes_back() -> None:
    body = b"command=%2Fticket&text=queue&user_id=U1&team_id=T1&channel_id=C1&trigger_id=1"
    async with serving(Process(), echo_app()) as url:
        status, text = await post(f"{url}/slack/events", body, headers_for(body))

    assert status == 200
    assert "heard queue" in text


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"X-Slack-Request-Timestamp": "soon"}, 401),
        ({"X-Slack-Request-Timestamp": ""}, 401),
        ({"X-Slack-Signature": "v0=no"}, 401),
        ({"X-Slack-Signature": "v0=" + "0" * 64}, 401),
    ],
)
async def test_a_request_that_slack_did_not_sign_is_refused(
    changed: dict[str, str], status: int
) -> None:
    body = b"command=%2Fticket&text=queue"
    async with serving(Process(), echo_app()) as url:
        got, text = await post(f"{url}/slack/events", body, headers_for(body) | changed)

    assert got == status
    assert "heard" not in text


async def test_a_replayed_request_is_refused() -> None:
    body = b"command=%2Fticket&text=queue&user_id=U1&team_id=T1&channel_id=C1&trigger_id=1"
    async with serving(Process(), echo_app()) as url:
        headers = headers_for(body)
        await post(f"{url}/slack/events", body, headers)

        assert (await post(f"{url}/slack/events", body, headers))[0] == 401


async def test_a_body_that_never_ends_is_cut_off() -> None:
    body = b"x" * (BODY_LIMIT + 1)
    async with serving(Process(), echo_app()) as url:
        assert (await post(f"{url}/slack/events", body, headers_for(body)))[0] == 413
