"""What people do in Slack and what the app may answer, through slack-bolt in Socket Mode."""

from typing import Any

import pytest
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncApp

from sandbox.slack.person import ActRefused, Person
from sandbox.slack.seed import BOT_USER, SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import (
    actions,
    bolt_app,
    button,
    modal,
    opens,
    section,
    socket_mode,
    until,
)
from tests.sandbox.slack.stepped import SteppedClock
from tests.sandbox.slack.test_web_api import error_of


async def test_a_command_arrives_escaped(app: AsyncApp, anna: Person) -> None:
    commands = opens(app, modal())

    await anna.command("/ticket", "assign 17 @ben in #shop & <b> @amazon-team", channel="#shop")

    assert commands[0]["text"] == (
        "assign 17 <@U0BEN000001|ben> in <#C0SHOP00001|shop> &amp; &lt;b&gt; "
        "<!subteam^S0AMAZONTEA|@amazon-team>"
    )
    assert "thread_ts" not in commands[0]


async def test_slack_refuses_commands_in_threads_and_unknown_ones(
    app: AsyncApp, anna: Person
) -> None:
    commands = opens(app, modal())
    root = await anna.post("#shop", "root")

    threaded = await anna.command("/ticket", "claim", channel="#shop", thread_ts=root.ts)
    unknown = await anna.command("/tikcet", "claim", channel="#shop")

    assert threaded.refused == "not_supported_in_thread"
    assert threaded.sentence == "/ticket is not supported in threads. Sorry!"
    assert unknown.refused == "unknown_command"
    assert commands == []


async def test_a_click_brings_message_value_and_thread(app: AsyncApp, anna: Person) -> None:
    bodies: list[dict[str, Any]] = []

    @app.action("claim")
    async def on_click(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        bodies.append(body)
        await respond("Yours", response_type="ephemeral")

    root = await anna.post("#shop", "root")
    posted = await app.client.chat_postMessage(
        channel=SHOP,
        text="card",
        thread_ts=root.ts,
        blocks=[actions(button("claim", value="17"))],
        metadata={"event_type": "card", "event_payload": {"id": 1}},
    )
    seen = await anna.click(posted["ts"], "claim", channel="#shop")

    assert seen.text == "Yours"
    (body,) = bodies
    assert body["actions"][0]["value"] == "17"
    assert body["container"]["thread_ts"] == root.ts
    assert body["message"]["ts"] == posted["ts"]


@pytest.mark.parametrize("kind", ["overflow", "static_select", "radio_buttons"])
async def test_a_choice_arrives_as_its_option(app: AsyncApp, anna: Person, kind: str) -> None:
    chosen: list[dict[str, Any]] = []

    @app.action("choose")
    async def on_choice(ack: Any, action: dict[str, Any]) -> None:
        await ack()
        chosen.append(action)

    options = [{"text": {"type": "plain_text", "text": v}, "value": v} for v in ("a", "b")]
    element = {"type": kind, "action_id": "choose", "options": options}
    posted = await app.client.chat_postMessage(channel=SHOP, text="x", blocks=[actions(element)])
    await anna.click(posted["ts"], "choose", channel="#shop", value="b", wait=0)
    missing = await anna.click(posted["ts"], "choose", channel="#shop", value="z")

    assert chosen[0]["selected_option"] == options[1]
    assert missing.refused == "no_such_option"


async def test_a_button_that_is_gone_cannot_be_pressed(app: AsyncApp, anna: Person) -> None:
    posted = await app.client.chat_postMessage(channel=SHOP, text="x")

    seen = await anna.click(posted["ts"], "claim", channel="#shop")

    assert seen.refused == "no_such_element"


async def test_a_message_shortcut_works_in_threads_but_not_on_ephemerals(
    app: AsyncApp, anna: Person
) -> None:
    used: list[dict[str, Any]] = []

    @app.shortcut("msg_claim")
    async def on_shortcut(ack: Any, shortcut: dict[str, Any], respond: Any) -> None:
        await ack()
        used.append(shortcut)
        await respond("in the channel only", thread_ts=shortcut["message"]["thread_ts"])

    root = await anna.post("#shop", "root")
    reply = await anna.post("#shop", "reply", thread_ts=root.ts)
    seen = await anna.shortcut("msg_claim", reply.ts, channel="#shop")
    refused = await anna.shortcut("msg_claim", seen.ephemerals[0].ts, channel="#shop")
    unknown = await anna.shortcut("msg_dance", reply.ts, channel="#shop")

    assert used[0]["message"]["thread_ts"] == root.ts
    assert seen.ephemerals[0].thread_ts is None
    assert refused.refused == "not_on_ephemeral"
    assert unknown.refused == "unknown_shortcut"


async def test_the_home_is_opened_published_and_used(app: AsyncApp, anna: Person) -> None:
    @app.event("app_home_opened")
    async def on_open(event: dict[str, Any], client: Any) -> None:
        view = {"type": "home", "blocks": [section("Hello"), actions(button("more"))]}
        await client.views_publish(user_id=event["user"], view=view)

    @app.action("more")
    async def on_more(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        view = {"type": "home", "blocks": [section("More")]}
        await client.views_publish(user_id=body["user"]["id"], view=view, hash=body["view"]["hash"])

    first = await anna.open_home()
    await anna.click_home("more")
    second = await anna.home()
    assert first is not None
    assert second is not None
    stale = await error_of(
        app.client.views_publish(
            user_id=anna.id, view={"type": "home", "blocks": []}, hash=first.json["hash"]
        )
    )

    assert first.blocks[0]["text"]["text"] == "Hello"
    assert second.blocks[0]["text"]["text"] == "More"
    assert stale["error"] == "hash_conflict"


async def test_a_response_url_works_five_times_within_half_an_hour(
    app: AsyncApp, anna: Person, clock: SteppedClock
) -> None:
    urls: list[str] = []

    @app.command("/ticket")
    async def on_command(ack: Any, command: dict[str, Any]) -> None:
        await ack()
        urls.append(command["response_url"])

    for _ in range(2):
        await anna.command("/ticket", channel="#shop", wait=0)

    async def answer(url: str, **body: Any) -> int:
        async with ClientSession() as session, session.post(url, json=body) as response:
            return response.status

    used = [await answer(urls[0], text=str(number)) for number in range(6)]
    clock.move(30 * 60 + 1)
    late = await answer(urls[1], text="late")

    assert used == [200] * 5 + [404]
    assert late == 404


async def test_a_response_can_be_public_replace_or_delete(app: AsyncApp, anna: Person) -> None:
    @app.command("/ticket")
    async def on_command(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="for all", response_type="in_channel")
        await respond(text="first", blocks=[actions(button("again"), button("away"))])

    @app.action("again")
    async def on_again(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="second", blocks=[actions(button("away"))], replace_original=True)

    @app.action("away")
    async def on_away(ack: Any, respond: Any) -> None:
        await ack()
        await respond(delete_original=True)

    async def texts() -> list[str]:
        return [post.text for post in await anna.messages("#shop")]

    seen = await anna.command("/ticket", channel="#shop")
    handle = seen.ephemerals[0].ts
    await anna.click(handle, "again", channel="#shop")
    assert await texts() == ["for all", "second"]
    await anna.click(handle, "away", channel="#shop", wait=0.2)
    assert await texts() == ["for all"]


async def test_options_are_asked_for_while_typing(
    slack: SandboxSlack, app: AsyncApp, anna: Person
) -> None:
    @app.options("who")
    async def on_options(ack: Any, payload: dict[str, Any]) -> None:
        text = {"type": "plain_text", "text": payload["value"].upper()}
        await ack(options=[{"text": text, "value": payload["value"]}])

    select = {"type": "external_select", "action_id": "who"}
    posted = await app.client.chat_postMessage(channel=SHOP, text="x", blocks=[actions(select)])
    body = {
        "user": anna.id,
        "channel": SHOP,
        "message_ts": posted["ts"],
        "action_id": "who",
        "query": "ann",
    }
    address = f"{slack.url}/ui/acts/suggest"
    async with ClientSession() as session, session.post(address, json=body) as response:
        options = (await response.json())["options"]

    assert options == [{"text": {"type": "plain_text", "text": "ANN"}, "value": "ann"}]


async def test_edits_deletions_and_reactions_are_events(slack: SandboxSlack) -> None:
    app, heard = bolt_app(slack), list[str]()

    @app.event("message")
    async def on_message(event: dict[str, Any]) -> None:
        before = event.get("previous_message", {}).get("text")
        now = event.get("message", event).get("text")
        heard.append(f"{event.get('subtype', 'posted')}: {before} → {now}")

    @app.event("reaction_added")
    async def on_reaction(event: dict[str, Any]) -> None:
        heard.append(event["reaction"])

    anna = slack.person("anna")
    async with socket_mode(slack, app):
        post = await anna.post("#shop", "one")
        await anna.react("#shop", post.ts, "eyes")
        await anna.edit("#shop", post.ts, "two")
        await anna.delete("#shop", post.ts)
        await until(lambda: len(heard) == 4)

    assert set(heard) == {
        "posted: None → one",
        "eyes",
        "message_changed: one → two",
        "message_deleted: two → None",
    }


async def test_who_left_the_workspace_or_the_channel_cannot_act(
    slack: SandboxSlack, anna: Person
) -> None:
    slack.workspace.channel(SHOP).members.remove(anna.id)

    gone = await slack.person("elena").command("/ticket", "x", channel="#shop")
    outside = await anna.command("/ticket", "x", channel="#shop")
    with pytest.raises(ActRefused, match="not_in_channel"):
        await anna.post("#shop", "x")

    assert gone.refused == "account_inactive"
    assert outside.refused == "restricted_action"


async def test_a_broken_answer_in_the_acknowledgement_is_told(app: AsyncApp, anna: Person) -> None:
    @app.command("/ticket")
    async def on_command(ack: Any) -> None:
        await ack(text="x", blocks=[{"type": "banner"}])

    seen = await anna.command("/ticket", channel="#shop")

    assert seen.refused == "invalid_blocks"
    assert seen.sentence == '/ticket failed with the error "invalid_blocks"'


async def test_a_broken_answer_to_a_response_url_is_refused(
    slack: SandboxSlack, anna: Person
) -> None:
    path = slack.core.responses.issue(anna.id, SHOP)

    async def answer(body: str) -> tuple[int, str]:
        address = f"{slack.url}/response/{path}"
        async with ClientSession() as session, session.post(address, data=body) as response:
            return response.status, (await response.json())["error"]

    assert await answer("{") == (400, "invalid_payload")
    assert await answer("[]") == (400, "invalid_payload")
    assert await answer("{}") == (400, "no_text")


async def test_a_direct_message_to_the_app_is_an_event(slack: SandboxSlack) -> None:
    app, heard = bolt_app(slack), list[str]()

    @app.event("message")
    async def on_message(event: dict[str, Any]) -> None:
        heard.append(f"{event['channel_type']}: {event['text']}")

    anna = slack.person("anna")
    dm = slack.workspace.direct_message(BOT_USER, anna.id)
    async with socket_mode(slack, app):
        await anna.post(dm.id, "queue")
        await until(lambda: heard)

    assert heard == ["im: queue"]
