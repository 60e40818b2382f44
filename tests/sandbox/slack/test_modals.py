"""Modals: triggers, the client's checks, what a submission may answer, stacks and hashes."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncApp

from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.person import ActRefused, Person
from sandbox.slack.seed import ANNA
from sandbox.slack.server import SandboxSlack
from tests.sandbox.slack.bolt import (
    SLOW_APP,
    actions,
    button,
    modal,
    opens,
    section,
    text_input,
)
from tests.sandbox.slack.stepped import SteppedClock
from tests.sandbox.slack.test_web_api import error_of


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


@SLOW_APP
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


async def test_a_button_in_a_modal_tells_what_is_typed_and_the_next_view_keeps_it(
    app: AsyncApp, anna: Person
) -> None:
    blocks = (text_input("answer"), actions(button("look")))
    opens(app, modal(*blocks))
    seen_values: list[Any] = []

    @app.action("look")
    async def on_look(ack: Any, body: dict[str, Any], client: Any) -> None:
        await ack()
        seen_values.append(body["view"]["state"]["values"]["answer"]["text"]["value"])
        await client.views_update(view_id=body["view"]["id"], view=modal(*blocks))

    await anna.command("/ticket", channel="#shop")
    anna.fill({"answer": "typed"})
    await anna.click_view("look")
    await anna.click_view("look")

    assert seen_values == ["typed", "typed"]


@SLOW_APP
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


@SLOW_APP
async def test_an_external_id_is_good_for_one_view(
    slack: SandboxSlack, app: AsyncApp, anna: Person
) -> None:
    opens(app, modal(external_id="reply-17"))
    await anna.command("/ticket", channel="#shop")
    await slack.person("ben").command("/ticket", channel="#shop", wait=0.3)
    home = {"type": "home", "external_id": "reply-17", "blocks": []}
    published = await error_of(app.client.views_publish(user_id=anna.id, view=home))
    updated = await app.client.views_update(external_id="reply-17", view=modal())

    errors = [call.error for call in slack.core.calls if call.method == "views.open"]
    assert errors == [None, "duplicate_external_id"]
    assert published["error"] == "duplicate_external_id"
    assert updated["view"]["id"] == anna.views[0].id


async def test_what_views_are_refused(slack: SandboxSlack, app: AsyncApp) -> None:
    trigger = slack.core.triggers.issue(ANNA)
    home = {"type": "home", "blocks": []}
    calls = {
        "no view": app.client.api_call("views.open", json={"trigger_id": trigger}),
        "no trigger": app.client.api_call("views.open", json={"view": modal()}),
        "a Home as modal": app.client.views_open(trigger_id=trigger, view=home),
        "nothing to push on": app.client.views_push(trigger_id=trigger, view=modal()),
        "no id": app.client.api_call("views.update", json={"view": modal()}),
        "nobody's Home": app.client.views_publish(user_id="U0", view=home),
        "a hash of nothing": app.client.views_publish(user_id=ANNA, view=home, hash="1"),
    }

    codes = {name: (await error_of(call))["error"] for name, call in calls.items()}

    assert codes == {
        "no view": "invalid_arguments",
        "no trigger": "invalid_arguments",
        "a Home as modal": "invalid_arguments",
        "nothing to push on": "not_found",
        "no id": "invalid_arguments",
        "nobody's Home": "invalid_arguments",
        "a hash of nothing": "hash_conflict",
    }


async def test_a_view_beyond_250_kilobytes_is_too_large(slack: SandboxSlack, app: AsyncApp) -> None:
    large = modal(*[section("x" * 3000)] * 90)

    refused = await error_of(
        app.client.views_open(trigger_id=slack.core.triggers.issue(ANNA), view=large)
    )

    assert refused["error"] == "view_too_large"


async def test_an_app_without_home_cannot_publish_one(slack: SandboxSlack, app: AsyncApp) -> None:
    manifest = default_manifest()
    manifest["features"]["app_home"]["home_tab_enabled"] = False
    slack.install(manifest)

    refused = await error_of(
        app.client.views_publish(user_id=ANNA, view={"type": "home", "blocks": []})
    )

    assert refused["error"] == "not_enabled"
    with pytest.raises(ActRefused, match="not_enabled"):
        await slack.person("anna").open_home()
