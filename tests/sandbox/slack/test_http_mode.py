"""HTTP mode with slack-bolt as it is: signed requests, acknowledgements in the answer, repeated events."""

import asyncio
import json
from typing import Any

from aiohttp import web

from sandbox.slack.seed import SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import (
    actions,
    bolt_app,
    button,
    http_manifest,
    http_mode,
    modal,
    until,
)
from tests.sandbox.slack.test_socket_mode import counting_app


async def test_commands_and_events_arrive_signed(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    anna = slack.person("anna")
    async with http_mode(slack, app):
        seen = await anna.command("/ticket", "claim 17", channel="#shop")
        await anna.mention("#shop", None, "claim", wait=0)
        await until(lambda: len(heard) == 2)

    assert seen.text == "heard claim 17"


async def test_an_app_that_knows_another_secret_turns_requests_away(slack: SandboxSlack) -> None:
    async with http_mode(slack, bolt_app(slack, signing_secret="another")):
        seen = await slack.person("anna").command("/ticket", "x", channel="#shop")

    assert seen.refused == "dispatch_failed"


async def test_clicks_and_forms_work_over_http(slack: SandboxSlack) -> None:
    app = bolt_app(slack)
    submitted: list[str] = []

    @app.action("reply")
    async def on_click(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=modal())

    @app.view("form")
    async def on_submit(ack: Any, view: dict[str, Any]) -> None:
        value = view["state"]["values"]["answer"]["text"]["value"]
        if value == "wrong":
            await ack(response_action="errors", errors={"answer": "Not that"})
            return
        await ack()
        submitted.append(value)

    anna = slack.person("anna")
    async with http_mode(slack, app):
        posted = await app.client.chat_postMessage(
            channel=SHOP, text="x", blocks=[actions(button("reply"))]
        )
        await anna.click(posted["ts"], "reply", channel="#shop")
        anna.fill({"answer": "wrong"})
        refused = await anna.submit()
        anna.fill({"answer": "right"})
        await anna.submit()

    assert refused.errors == {"answer": "Not that"}
    assert submitted == ["right"]
    assert anna.views == ()


async def test_an_event_is_repeated_with_its_number_and_reason(slack: SandboxSlack) -> None:
    requests: list[tuple[str | None, str | None, str]] = []

    async def take(request: web.Request) -> web.Response:
        event_id = json.loads(await request.text())["event_id"]
        headers = request.headers
        number, reason = headers.get("X-Slack-Retry-Num"), headers.get("X-Slack-Retry-Reason")
        requests.append((number, reason, event_id))
        return web.Response(status=200 if len(requests) == 3 else 503)

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.install(http_manifest(f"http://127.0.0.1:{runner.addresses[0][1]}/"))

    await slack.person("anna").post("#shop", "hello")
    await until(lambda: len(requests) == 3)
    await asyncio.sleep(0.2)
    await runner.cleanup()

    assert [(number, reason) for number, reason, _ in requests] == [
        (None, None),
        ("1", "http_error"),
        ("2", "http_error"),
    ]
    assert len({event_id for _, _, event_id in requests}) == 1


async def test_an_app_may_refuse_repeats(slack: SandboxSlack) -> None:
    requests: list[str] = []

    async def take(request: web.Request) -> web.Response:
        requests.append(await request.text())
        return web.Response(status=500, headers={"X-Slack-No-Retry": "1"})

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.install(http_manifest(f"http://127.0.0.1:{runner.addresses[0][1]}/"))

    await slack.person("anna").post("#shop", "hello")
    await asyncio.sleep(0.3)
    await runner.cleanup()

    assert len(requests) == 1
