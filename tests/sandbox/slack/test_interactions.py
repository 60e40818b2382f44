"""What people do in Slack and what the app may answer, through slack-bolt in Socket Mode."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncApp

from sandbox.slack.person import ActRefused, Person
from sandbox.slack.seed import SHOP
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import (
    actions,
    bolt_app,
    button,
    modal,
    section,
    socket_mode,
    text_input,
    until,
)
from tests.sandbox.slack.stepped import SteppedClock
from tests.sandbox.slack.test_web_api import error_of


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


def opens(app: AsyncApp, view: dict[str, Any]) -> list[dict[str, Any]]:
    """Let `/ticket` open a modal; returns the commands that came."""
    commands: list[dict[str, Any]] = []

    @app.command("/ticket")
    async def on_command(ack: Any, command: dict[str, Any], client: Any) -> None:
        commands.append(command)
        await ack()
        await client.views_open(trigger_id=command["trigger_id"], view=view)

    return commands


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


async def test_a_trigger_opens_one_view_within_three_seconds(
    app: AsyncApp, anna: Person, clock: SteppedClock
) -> None:
    triggers: list[str] = []

    @app.shortcut("my_queue")
    async def on_shortcut(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        triggers.append(body["trigger_id"])

    for _ in range(2):
        await anna.shortcut("my_queue", wait=0)
    first, second = triggers
    await app.client.views_open(trigger_id=first, view=modal())
    again = await error_of(app.client.views_open(trigger_id=first, view=modal()))
    clock.move(3.1)
    late = await error_of(app.client.views_open(trigger_id=second, view=modal()))
    made_up = await error_of(app.client.views_open(trigger_id="1.2.3", view=modal()))

    assert again["error"] == "exchanged_trigger_id"
    assert late["error"] == "expired_trigger_id"
    assert made_up["error"] == "invalid_trigger_id"


async def test_an_invalid_view_costs_no_trigger(app: AsyncApp, anna: Person) -> None:
    refused: list[dict[str, Any]] = []

    @app.shortcut("my_queue")
    async def on_shortcut(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        bad = modal(section("x" * 3001))
        refused.append(await error_of(client.views_open(trigger_id=body["trigger_id"], view=bad)))
        await client.views_open(trigger_id=body["trigger_id"], view=modal())

    seen = await anna.shortcut("my_queue")

    assert refused[0]["error"] == "invalid_arguments"
    assert (
        "[json-pointer:/view/blocks/0/text/text]" in refused[0]["response_metadata"]["messages"][0]
    )
    assert len(seen.views) == 1


async def test_a_form_checks_before_the_app_hears_of_it(app: AsyncApp, anna: Person) -> None:
    blocks = [
        text_input("name", min_length=3, max_length=5),
        text_input("note") | {"optional": True},
        text_input("mail") | {"element": {"type": "email_text_input", "action_id": "m"}},
        text_input("count")
        | {"element": {"type": "number_input", "action_id": "n", "is_decimal_allowed": False}},
    ]
    opens(app, modal(*blocks))
    submitted: list[Any] = []

    @app.view("form")
    async def on_submit(ack: Any, view: dict[str, Any]) -> None:
        await ack()
        submitted.append(view["state"]["values"])

    await anna.command("/ticket", channel="#shop")
    empty = await anna.submit()
    anna.fill({"name": "ab", "mail": "nobody", "count": "1.5"})
    wrong = await anna.submit()
    anna.fill({"name": "abc", "mail": "a@b.example", "count": "2"})
    right = await anna.submit()

    assert set(empty.errors) == {"name", "mail", "count"}
    assert set(wrong.errors) == {"name", "mail", "count"}
    assert right.refused is None
    assert submitted[0]["name"]["text"] == {"type": "plain_text_input", "value": "abc"}
    assert submitted[0]["note"]["text"]["value"] is None


async def test_a_submission_may_update_push_and_clear(app: AsyncApp, anna: Person) -> None:
    opens(app, modal())

    @app.view("form")
    async def on_form(ack: Any) -> None:
        await ack(response_action="update", view=modal(callback_id="second"))

    @app.view("second")
    async def on_second(ack: Any) -> None:
        await ack(response_action="push", view=modal(callback_id="third"))

    @app.view("third")
    async def on_third(ack: Any) -> None:
        await ack(response_action="clear")

    async def submit() -> list[str]:
        anna.fill({"answer": "x"})
        return [view.callback_id for view in (await anna.submit()).views]

    await anna.command("/ticket", channel="#shop")
    assert await submit() == ["second"]
    assert await submit() == ["second", "third"]
    assert await submit() == []


async def test_errors_on_something_that_is_no_input_are_trouble(
    app: AsyncApp, anna: Person
) -> None:
    opens(app, modal())

    @app.view("form")
    async def on_form(ack: Any) -> None:
        await ack(response_action="errors", errors={"nowhere": "x"})

    await anna.command("/ticket", channel="#shop")
    anna.fill({"answer": "x"})
    seen = await anna.submit()

    assert seen.refused == "invalid_response"
    assert len(anna.views) == 1


async def test_only_three_modals_stack(slack: SandboxSlack, app: AsyncApp, anna: Person) -> None:
    opens(app, modal(section("x"), actions(button("deeper"))))
    pushed: list[Any] = []

    @app.action("deeper")
    async def on_click(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        view = modal(section("x"), actions(button("deeper")))
        pushed.append(await client.views_push(trigger_id=body["trigger_id"], view=view))

    await anna.command("/ticket", channel="#shop")
    await anna.click_view("deeper")
    await anna.click_view("deeper")
    await anna.click_view("deeper", wait=0.2)

    assert len(anna.views) == 3
    assert len(pushed) == 2
    pushes = [call.error for call in slack.core.calls if call.method == "views.push"]
    assert pushes == [None, None, "push_limit_reached"]


async def test_views_update_wants_the_newest_hash_and_keeps_input(
    app: AsyncApp, anna: Person
) -> None:
    opens(app, modal(text_input("answer") | {"dispatch_action": True}))
    seen_values: list[Any] = []

    @app.action("text")
    async def on_typing(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        seen_values.append(body["view"]["state"]["values"]["answer"]["text"]["value"])

    await anna.command("/ticket", channel="#shop")
    await anna.click_view("text", value="typed", wait=0)
    view = anna.views[0]
    changed = modal(text_input("answer"), text_input("more"))
    await app.client.views_update(view_id=view.id, hash=view.json["hash"], view=changed)
    conflict = await error_of(
        app.client.views_update(view_id=view.id, hash=view.json["hash"], view=changed)
    )
    missing = await error_of(app.client.views_update(view_id="V0", view=changed))

    assert seen_values == ["typed"]
    assert (conflict["error"], missing["error"]) == ("hash_conflict", "not_found")
    anna.fill({"more": "x"})
    kept = await anna.submit()
    assert "answer" not in kept.errors


async def test_closing_is_told_to_those_who_asked(app: AsyncApp, anna: Person) -> None:
    opens(app, modal(notify_on_close=True))
    closed: list[str] = []

    @app.view_closed("form")
    async def on_close(ack: Any, view: dict[str, Any]) -> None:
        await ack()
        closed.append(view["id"])

    await anna.command("/ticket", channel="#shop")
    await anna.close()

    assert len(closed) == 1
    assert anna.views == ()


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
