"""Macros and drafts in a workspace as strict as Slack: its client keeps what a field held."""

from typing import Any

from sandbox.slack.seed import AMAZON_IT
from tests.slack.test_handlers_sandbox import Workspace, workspace

__all__ = ["workspace"]


def text_in_window(person: Any) -> str:
    (shown,) = [block["element"] for block in person.views[-1].blocks if block["type"] == "input"][
        :1
    ]
    return str(shown.get("initial_value", ""))


async def written(workspace: Workspace, person: Any, **fields: Any) -> None:
    await person.command("/ticket", "macro new", channel=AMAZON_IT)
    person.fill(fields)
    await person.submit()
    assert "Kept." in str(person.views[-1].blocks)
    await person.close()


async def test_a_macro_written_in_slack_is_inserted_behind_what_was_typed_and_sent(
    workspace: Workspace,
) -> None:
    _, ts = await workspace.a_card()
    chiara = workspace.sandbox.person("chiara")
    text = "Dear {customer.first_name}, it left. {tracking.number|We tell you the number.}"
    await written(workspace, chiara, name="left", text=text, topics=["return"])

    anna = workspace.sandbox.person("anna")
    await anna.click(ts, "reply", channel=AMAZON_IT)
    anna.fill({"text": "Hello!"})
    ref = anna.views[-1].blocks
    (choice,) = [
        element
        for block in ref
        for element in block.get("elements", ())
        if element.get("action_id") == "macro_chosen"
    ]
    value = choice["option_groups"][0]["options"][0]["value"]
    await anna.click_view("macro_chosen", value=value)

    expected = "Hello!\n\nDear Lucia, it left. We tell you the number."
    assert text_in_window(anna) == expected
    await anna.submit()
    assert anna.views[-1].callback_id == "reply_preview"
    await anna.submit()
    assert [one.body for one in await workspace.front.outgoing()] == [expected]


async def test_a_draft_survives_the_window_and_is_discarded_in_it(workspace: Workspace) -> None:
    _, ts = await workspace.a_card()
    anna = workspace.sandbox.person("anna")
    await anna.click(ts, "reply", channel=AMAZON_IT)
    anna.fill({"text": "Half a sent"})
    await anna.click_view("keep_draft")
    await anna.close()

    await anna.click(ts, "reply", channel=AMAZON_IT)
    assert text_in_window(anna) == "Half a sent"
    anna.fill({"text": "Half a sentence."})
    await anna.click_view("keep_draft")
    assert text_in_window(anna) == "Half a sentence."
    await anna.click_view("drop_draft")
    assert text_in_window(anna) == ""
    await anna.close()

    await anna.click(ts, "reply", channel=AMAZON_IT)
    assert text_in_window(anna) == ""


async def test_the_list_of_macros_and_their_windows_are_as_slack_takes_them(
    workspace: Workspace,
) -> None:
    chiara = workspace.sandbox.person("chiara")
    await written(workspace, chiara, name="left", text="It left.", inboxes=["amazon-it"])
    told = await chiara.command("/ticket", "macro left", channel=AMAZON_IT)
    assert told.text.startswith("1 macro with")

    await chiara.click(told.ephemerals[0].ts, "macro_open_0", channel=AMAZON_IT)
    await chiara.click_view("macro_archive")

    assert "is archived" in str(chiara.views[-1].blocks)


async def test_an_answer_with_one_that_wants_a_second_person_waits_for_one_in_other_words_too(
    workspace: Workspace,
) -> None:
    _, ts = await workspace.a_card()
    chiara, anna = workspace.sandbox.person("chiara"), workspace.sandbox.person("anna")
    words = "You keep it, and your money comes back."
    await written(workspace, chiara, name="goodwill", text=words, approval=["approval"])

    await anna.click(ts, "reply", channel=AMAZON_IT)
    select = next(
        each
        for block in anna.views[-1].blocks
        for each in block.get("elements", ())
        if each.get("action_id") == "macro_chosen"
    )
    (option,) = [one for group in select["option_groups"] for one in group["options"]]
    assert option["text"]["text"] == "goodwill · with a second person"
    await anna.click_view("macro_chosen", value=option["value"])
    # Its author ends it meanwhile: what was begun is held all the same.
    told = await chiara.command("/ticket", "macro goodwill", channel=AMAZON_IT)
    await chiara.click(told.ephemerals[0].ts, "macro_open_0", channel=AMAZON_IT)
    chiara.fill({"approval": []})
    await chiara.submit()
    await chiara.close()

    words_field = next(each for each in anna.views[-1].blocks if each["type"] == "input")
    anna.fill({words_field["block_id"]: "Half of it comes back."})
    await anna.submit()
    assert anna.views[-1].callback_id == "reply_preview"
    await anna.submit()

    assert "Not sent yet" in str(anna.views[-1].blocks)
    assert await workspace.front.outgoing() == []
    again = await chiara.command("/ticket", "macro goodwill", channel=AMAZON_IT)
    assert "second person" not in str(again.ephemerals[0].blocks)
