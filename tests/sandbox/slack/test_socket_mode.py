"""Socket Mode with slack-bolt as it is: envelopes, acknowledgements, reconnects, repeated events."""

import asyncio
from functools import partial
from typing import Any

from aiohttp import ClientSession
from slack_bolt.async_app import AsyncApp

from sandbox.slack.delivery import Timing
from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.seed import BOT_USER, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import SLOW_APP, bolt_app, socket_mode, until
from tests.sandbox.slack.stepped import SteppedClock


def counting_app(slack: SandboxSlack) -> tuple[AsyncApp, list[str]]:
    app, heard = bolt_app(slack), list[str]()

    @app.command("/ticket")
    async def on_command(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"heard {command['text']}")
        heard.append(command["text"])

    @app.event("app_mention")
    async def on_mention(event: dict[str, Any], body: dict[str, Any]) -> None:
        heard.append(f"{body['event_id']} {event['text']}")

    @app.event("message")
    async def on_message() -> None:
        return

    return app, heard


def _another_than(slack: SandboxSlack, old: set[int]) -> bool:
    return bool({connection.number for connection in slack.core.hub.connections} - old)


async def sockets(slack: SandboxSlack, **body: Any) -> dict[str, Any]:
    address = f"{slack.url}/control/sockets"
    async with ClientSession() as session, session.post(address, json=body) as response:
        answer: dict[str, Any] = await response.json()
        return answer


async def test_a_command_is_answered_in_its_acknowledgement(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    async with socket_mode(slack, app):
        seen = await slack.person("anna").command("/ticket", "claim 17", channel="#shop")

    assert heard == ["claim 17"]
    assert seen.text == "heard claim 17"
    assert slack.workspace.messages(SHOP) == []


async def test_one_of_several_sockets_gets_an_envelope(slack: SandboxSlack) -> None:
    first_app, first = counting_app(slack)
    second_app, second = counting_app(slack)
    async with socket_mode(slack, first_app), socket_mode(slack, second_app):
        for number in range(4):
            await slack.person("anna").command("/ticket", str(number), channel="#shop")

    assert sorted(first + second) == ["0", "1", "2", "3"]
    assert len(first) == len(second) == 2


async def test_the_eleventh_socket_is_turned_away(slack: SandboxSlack) -> None:
    async with ClientSession() as session:
        opened = []
        for _ in range(11):
            ticket = slack.core.hub.issue_ticket()
            socket = await session.ws_connect(f"{slack.url}/socket?ticket={ticket}")
            opened.append((socket, await socket.receive_json()))

        greetings = [greeting for _, greeting in opened]
        assert [greeting["type"] for greeting in greetings[:10]] == ["hello"] * 10
        assert greetings[9]["num_connections"] == 10
        assert greetings[10] == greetings[10] | {
            "type": "disconnect",
            "reason": "too_many_websockets",
        }
        for socket, _ in opened:
            await socket.close()


async def test_a_ticket_opens_one_socket(slack: SandboxSlack) -> None:
    ticket = slack.core.hub.issue_ticket()
    async with ClientSession() as session:
        socket = await session.ws_connect(f"{slack.url}/socket?ticket={ticket}")
        async with session.get(f"{slack.url}/socket?ticket={ticket}") as response:
            assert response.status == 404
        await socket.close()


async def test_without_a_socket_the_person_is_told(slack: SandboxSlack) -> None:
    seen = await slack.person("anna").command("/ticket", "queue", channel="#shop")

    assert seen.refused == "dispatch_failed"
    assert seen.notices == ('/ticket failed with the error "dispatch_failed"',)


@SLOW_APP
async def test_an_app_that_does_not_acknowledge_in_time_is_an_operation_timeout(
    slack: SandboxSlack,
) -> None:
    app = bolt_app(slack)

    @app.command("/ticket")
    async def on_command(ack: Any) -> None:
        await asyncio.sleep(0.8)
        await ack()

    async with socket_mode(slack, app):
        seen = await slack.person("anna").command("/ticket", "queue", channel="#shop")

    assert seen.refused == "operation_timeout"


async def test_an_app_reconnects_when_asked_or_dropped(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    anna = slack.person("anna")
    async with socket_mode(slack, app):
        for action in ("reconnect", "drop"):
            old = {connection.number for connection in slack.core.hub.connections}
            assert (await sockets(slack, action=action))["count"] == 1
            await until(partial(_another_than, slack, old))
            await anna.command("/ticket", action, channel="#shop")

    assert heard == ["reconnect", "drop"]


@SLOW_APP
async def test_a_silent_socket_looks_open_and_loses_what_is_sent(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    async with socket_mode(slack, app) as handler:
        await sockets(slack, action="silence")
        seen = await slack.person("anna").command("/ticket", "queue", channel="#shop")
        assert handler.client.current_session is not None
        assert not handler.client.current_session.closed

    assert seen.refused == "operation_timeout"
    assert heard == []


async def test_an_event_that_was_not_taken_is_sent_again_with_its_id(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    await slack.person("anna").mention("#shop", None, "claim", wait=0)
    async with socket_mode(slack, app):
        await until(lambda: heard)

    assert heard == [f"Ev0SB0000002 <@{BOT_USER}> claim"]


async def test_an_event_nobody_takes_is_lost_after_its_repeats(slack: SandboxSlack) -> None:
    await slack.person("anna").post("#shop", "hello")

    await until(lambda: slack.core.link.lost_events)

    assert slack.core.link.lost_events[0]["event"]["text"] == "hello"


async def test_a_duplicate_envelope_reaches_the_app_twice(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    async with socket_mode(slack, app):
        await sockets(slack, action="duplicate")
        await slack.person("anna").command("/ticket", "claim 17", channel="#shop", wait=0)

    assert heard == ["claim 17", "claim 17"]


async def test_events_need_subscription_scope_and_membership(slack: SandboxSlack) -> None:
    app, heard = counting_app(slack)
    anna = slack.person("anna")
    async with socket_mode(slack, app):
        manifest = default_manifest()
        manifest["settings"]["event_subscriptions"]["bot_events"].remove("app_mention")
        slack.install(manifest)
        await anna.mention("#shop", None, "not subscribed", wait=0)
        manifest = default_manifest()
        manifest["oauth_config"]["scopes"]["bot"].remove("app_mentions:read")
        slack.install(manifest)
        await anna.mention("#shop", None, "no scope", wait=0)
        slack.install(default_manifest())
        slack.workspace.channel(SHOP).members.remove(BOT_USER)
        await anna.mention("#shop", None, "not a member", wait=0)
        slack.workspace.channel(SHOP).members.append(BOT_USER)
        await anna.mention("#shop", None, "heard", wait=0)
        await until(lambda: heard)

    assert [text.split("> ")[1] for text in heard] == ["heard"]


async def test_a_socket_lives_its_time_and_the_app_comes_back(clock: SteppedClock) -> None:
    slack = SandboxSlack(timing=Timing(socket_seconds=2))
    await slack.start(clock=clock)
    app, heard = counting_app(slack)
    async with socket_mode(slack, app):
        await until(lambda: max((c.number for c in slack.core.hub.connections), default=0) >= 2)
        seen = await slack.person("anna").command("/ticket", "still here", channel="#shop")

    assert (seen.refused, heard) == (None, ["still here"])
    await slack.stop()


async def test_words_that_are_no_acknowledgement_are_ignored(slack: SandboxSlack) -> None:
    ticket = slack.core.hub.issue_ticket()
    async with ClientSession() as session:
        socket = await session.ws_connect(f"{slack.url}/socket?ticket={ticket}")
        await socket.receive_json()
        asking = asyncio.create_task(slack.person("anna").command("/ticket", "x", channel="#shop"))
        envelope = await socket.receive_json()
        for word in ("{", "[]", '{"envelope_id": "another"}'):
            await socket.send_str(word)
        await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": {"text": "ok"}})
        seen = await asking
        await socket.close()

    assert envelope["type"] == "slash_commands"
    assert envelope["accepts_response_payload"] is True
    assert seen.text == "ok"


async def test_a_socket_that_closes_before_it_acknowledges_fails_the_act(
    slack: SandboxSlack,
) -> None:
    ticket = slack.core.hub.issue_ticket()
    async with ClientSession() as session:
        socket = await session.ws_connect(f"{slack.url}/socket?ticket={ticket}")
        await socket.receive_json()
        asking = asyncio.create_task(slack.person("anna").command("/ticket", "x", channel="#shop"))
        await socket.receive_json()
        await socket.close()
        seen = await asking

    assert seen.refused == "dispatch_failed"
