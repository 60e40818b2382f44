"""Files and readers in the window to answer in: chosen, checked, shown, and queued as shown."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.response import BoltResponse
from sqlalchemy import update

from bot.db import queries, tables
from bot.db.file_rows import awaited_files
from bot.slack.blocks.actions import ActionId
from bot.slack.blocks.reply_fields import AT_HAND_FIELD, ATTACHED_FIELD, FILES_FIELD, READERS_FIELD
from bot.slack.readers import readers_of
from tests.slack.front import GIULIA, Front, a_front, the_desk
from tests.slack.loopback import as_object


def desk_of(connector: str) -> Any:
    plain = the_desk()
    route = replace(plain.inboxes["amazon-it"], connector=connector)
    return replace(plain, inboxes={"amazon-it": route})


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Front]:
    """A channel that takes files: the shop's own mailbox."""
    async with a_front(tmp_path, desk_of("website")) as front:
        yield front


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Front]:
    """A channel where a public question may be answered in private."""
    async with a_front(tmp_path, desk_of("facebook")) as front:
        yield front


def a_file(name: str = "label.pdf", size: int = 2000, file_id: str = "F0LABEL11") -> dict[str, Any]:
    address = f"https://files.slack.com/files-pri/T0-{file_id}/download/{name}"
    return {
        "id": file_id,
        "name": name,
        "size": size,
        "mode": "hosted",
        "mimetype": "image/png",  # whatever Slack thinks: the name and the bytes decide
        "url_private_download": address,
    }


def fields(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {b["block_id"]: b["element"] for b in view["blocks"] if b["type"] == "input"}


async def opened(front: Front, number: int) -> dict[str, Any]:
    ticket = await front.ticket(number)
    await front.press(GIULIA, "reply", ticket.id)
    return dict(as_object(front.slack.of("views.open")[-1]["view"]))


async def submitted(
    front: Front, view: dict[str, Any], text: str, **chosen: dict[str, Any]
) -> BoltResponse:
    values: dict[str, Any] = {"text": {"text": {"type": "plain_text_input", "value": text}}}
    values |= {field: {field: state} for field, state in chosen.items()}
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**view, "id": "V0REPLY11", "state": {"values": values}},
        }
    )


async def looked(
    front: Front, view: dict[str, Any], text: str, **chosen: dict[str, Any]
) -> dict[str, Any]:
    """The window after the button that looks into the thread."""
    values: dict[str, Any] = {"text": {"text": {"type": "plain_text_input", "value": text}}}
    values |= {field: {field: state} for field, state in chosen.items()}
    shown = {**view, "id": "V0REPLY11", "state": {"values": values}}
    await front.press(GIULIA, ActionId.THREAD_FILES, "look", view=shown)
    return dict(as_object(front.slack.of("views.update")[-1]["view"]))


def next_view(response: BoltResponse) -> dict[str, Any]:
    body = as_object(response.body)
    assert body["response_action"] == "update", body
    return dict(body["view"])


def errors_of(response: BoltResponse) -> dict[str, str]:
    body = as_object(response.body)
    assert body["response_action"] == "errors", body
    return dict(body["errors"])


def uploads(*files: dict[str, Any]) -> dict[str, Any]:
    return {"type": "file_input", "files": list(files)}


def ticked(element: dict[str, Any], *ids: str) -> dict[str, Any]:
    chosen = [one for one in element["options"] if one["value"] in ids]
    return {"type": "checkboxes", "selected_options": chosen}


async def test_a_file_put_into_the_window_goes_with_the_answer_as_previewed(shop: Front) -> None:
    view = await opened(shop, await shop.customer_writes())
    assert fields(view)[FILES_FIELD]["max_files"] == 10
    assert "pdf" in fields(view)[FILES_FIELD]["filetypes"]

    preview = next_view(
        await submitted(shop, view, "Here it is.", **{FILES_FIELD: uploads(a_file())})
    )
    assert "With it: label.pdf (2 kB)" in str(preview["blocks"])
    kept = ticked(fields(preview)[ATTACHED_FIELD], "F0LABEL11")
    queued = next_view(await submitted(shop, preview, "Here it is.", **{ATTACHED_FIELD: kept}))

    (reply,) = await shop.outgoing()
    (file,) = await shop.db.read(lambda conn: awaited_files(conn, reply.id))
    assert (file.name, file.size, file.slack_id) == ("label.pdf", 2000, "F0LABEL11")
    assert "label.pdf" in str(queued["blocks"])


async def test_a_file_left_out_after_the_preview_is_previewed_again_and_does_not_go(
    shop: Front,
) -> None:
    view = await opened(shop, await shop.customer_writes())
    preview = next_view(await submitted(shop, view, "Hello", **{FILES_FIELD: uploads(a_file())}))
    again = next_view(await submitted(shop, preview, "Hello"))
    assert await shop.outgoing() == []
    assert ATTACHED_FIELD not in fields(again)
    next_view(await submitted(shop, again, "Hello"))
    (reply,) = await shop.outgoing()
    assert await shop.db.read(lambda conn: awaited_files(conn, reply.id)) == []


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([a_file("setup.exe")], "is not taken"),
        ([a_file("no_ending")], "is not taken"),
        ([a_file(size=10_000_001)], "larger than"),
        ([a_file(size=9_900_000), a_file(size=9_900_000, file_id="F0OTHER11")], "together"),
        ([a_file(size=0)], "empty"),
        ([a_file(file_id=f"F0NR{n}") for n in range(11)], "at most 10"),
    ],
)
async def test_what_the_channel_does_not_take_is_said_below_the_files_with_what_it_takes(
    shop: Front, files: list[dict[str, Any]], why: str
) -> None:
    view = await opened(shop, await shop.customer_writes())
    told = errors_of(await submitted(shop, view, "Hello", **{FILES_FIELD: uploads(*files)}))
    assert why in told[FILES_FIELD]
    assert "This channel takes up to 10 files" in told[FILES_FIELD]
    assert await shop.outgoing() == []


async def test_files_of_the_thread_can_be_ticked(shop: Front) -> None:
    posted = [
        {"ts": "1.0", "bot_id": "B0", "files": [a_file("ours.png", file_id="F0OURS111")]},
        {"ts": "1.1", "user": GIULIA, "files": [a_file("old.pdf", file_id="F0OLD1111")]},
        {"ts": "1.2", "user": GIULIA, "files": [a_file("new.pdf", file_id="F0NEW1111")]},
        {"ts": "1.3", "files": [a_file("away.pdf", file_id="F0AWAY111") | {"is_external": True}]},
    ]
    number = await shop.customer_writes()
    shop.slack.says["conversations.replies"] = {"messages": posted}
    view = await opened(shop, number)
    assert AT_HAND_FIELD not in fields(view)
    view = await looked(shop, view, "Hello")
    assert fields(view)["text"]["initial_value"] == "Hello"
    offered = fields(view)[AT_HAND_FIELD]
    assert [one["text"]["text"] for one in offered["options"]] == ["new.pdf", "old.pdf"]

    chosen = {AT_HAND_FIELD: ticked(offered, "F0OLD1111")}
    preview = next_view(await submitted(shop, view, "Hello", **chosen))
    assert "With it: old.pdf" in str(preview["blocks"])
    assert "new.pdf" not in str(preview["blocks"])


async def test_files_ticked_before_stay_ticked_when_the_thread_is_looked_at_again(
    shop: Front,
) -> None:
    first = {"ts": "1.1", "user": GIULIA, "files": [a_file("old.pdf", file_id="F0OLD1111")]}
    later = {"ts": "1.2", "user": GIULIA, "files": [a_file("new.pdf", file_id="F0NEW1111")]}
    view = await opened(shop, await shop.customer_writes())
    shop.slack.says["conversations.replies"] = {"messages": [first]}
    view = await looked(shop, view, "Hello")
    chosen = {AT_HAND_FIELD: ticked(fields(view)[AT_HAND_FIELD], "F0OLD1111")}
    shop.slack.says["conversations.replies"] = {"messages": [first, later]}

    view = await looked(shop, view, "Hello", **chosen)

    field = fields(view)[AT_HAND_FIELD]
    assert {one["value"] for one in field["options"]} == {"F0OLD1111", "F0NEW1111"}
    assert [one["value"] for one in field["initial_options"]] == ["F0OLD1111"]


@pytest.mark.parametrize(
    ("told", "why"),
    [("nothing", "no file in this ticket's thread"), ("an error", "Slack does not tell")],
)
async def test_where_the_thread_gives_no_file_the_window_says_so_and_keeps_the_words(
    shop: Front, told: str, why: str
) -> None:
    view = await opened(shop, await shop.customer_writes())
    assert "conversations.replies" not in [name for name, _ in shop.slack.calls]
    if told == "an error":
        shop.slack.failing["conversations.replies"] = "missing_scope"
    else:
        shop.slack.says["conversations.replies"] = {"messages": []}
    view = await looked(shop, view, "Hello")
    assert why in str(view["blocks"][0])
    assert fields(view)["text"]["initial_value"] == "Hello"
    assert FILES_FIELD in fields(view)


async def test_files_of_an_answer_taken_back_are_ticked_again(shop: Front) -> None:
    view = await opened(shop, await shop.customer_writes())
    preview = next_view(await submitted(shop, view, "Hello", **{FILES_FIELD: uploads(a_file())}))
    kept = {ATTACHED_FIELD: ticked(fields(preview)[ATTACHED_FIELD], "F0LABEL11")}
    queued = next_view(await submitted(shop, preview, "Hello", **kept))
    (reply,) = await shop.outgoing()
    await shop.press(GIULIA, "undo", reply.id, view={**queued, "id": "V0REPLY11"})
    back = dict(as_object(shop.slack.of("views.update")[-1]["view"]))
    assert [one["value"] for one in fields(back)[AT_HAND_FIELD]["initial_options"]] == ["F0LABEL11"]


async def test_a_channel_without_attachments_offers_no_field(tmp_path: Path) -> None:
    async with a_front(tmp_path, desk_of("google_business")) as front:
        view = await opened(front, await front.customer_writes())
        assert FILES_FIELD not in fields(view)
        assert "conversations.replies" not in [name for name, _ in front.slack.calls]


async def test_ten_files_with_long_names_fit_into_the_windows_memory(shop: Front) -> None:
    names = [f"{'ñandú ' * 30}{n}.pdf" for n in range(10)]
    files = [a_file(name, file_id=f"F0NUMBER{n:03}") for n, name in enumerate(names)]
    view = await opened(shop, await shop.customer_writes())
    preview = next_view(await submitted(shop, view, "Hello", **{FILES_FIELD: uploads(*files)}))
    assert len(preview["private_metadata"]) <= 3000
    assert all(one[1].endswith(".pdf") for one in json.loads(preview["private_metadata"])["files"])


# Who may read it.


async def asked_in_public(front: Front) -> int:
    number = await front.customer_writes()
    await front.db.write(
        lambda tx: tx.conn.execute(update(tables.message).values(public=True)), now=front.clock.at
    )
    return number


def reader(value: str) -> dict[str, Any]:
    return {"type": "radio_buttons", "selected_option": {"value": value}}


async def sent_in_public(front: Front) -> bool:
    (reply,) = await front.outgoing()
    found = await front.db.read(lambda conn: queries.reply_command(conn, reply.id))
    assert found is not None
    return found[1].public


@pytest.mark.parametrize("chosen", ["public", "private"])
async def test_the_agent_chooses_who_reads_the_answer_to_a_public_question(
    page: Front, chosen: str
) -> None:
    view = await opened(page, await asked_in_public(page))
    assert fields(view)[READERS_FIELD]["initial_option"]["value"] == "public"
    preview = next_view(await submitted(page, view, "Hello", **{READERS_FIELD: reader(chosen)}))
    assert fields(preview)[READERS_FIELD]["initial_option"]["value"] == chosen
    assert ("🔒 Private" in str(preview["blocks"])) is (chosen == "private")
    next_view(await submitted(page, preview, "Hello", **{READERS_FIELD: reader(chosen)}))
    assert await sent_in_public(page) is (chosen == "public")


async def test_a_choice_changed_after_the_preview_is_previewed_again(page: Front) -> None:
    view = await opened(page, await asked_in_public(page))
    preview = next_view(await submitted(page, view, "Hello", **{READERS_FIELD: reader("private")}))
    next_view(await submitted(page, preview, "Hello", **{READERS_FIELD: reader("public")}))
    assert await page.outgoing() == []


async def test_a_private_question_leaves_no_choice(page: Front) -> None:
    assert READERS_FIELD not in fields(await opened(page, await page.customer_writes()))


async def test_a_command_chooses_too(page: Front) -> None:
    number = await asked_in_public(page)
    answer = await page.command(GIULIA, f"reply {number} --private Write to us, please.")
    assert "🔒 Private" in str(answer["blocks"])
    (reply,) = await page.outgoing()
    assert reply.body == "Write to us, please."
    assert not await sent_in_public(page)


@pytest.mark.parametrize(
    ("typed", "is_shown"), [("", True), ("--public ", True), ("--private ", False)]
)
async def test_an_answer_refused_in_public_says_how_to_answer_the_customer_alone(
    page: Front, typed: str, is_shown: bool
) -> None:
    number = await asked_in_public(page)
    answer = await page.command(GIULIA, f"reply {number} {typed}{'x' * 9000}")
    assert ("begin with --private" in str(answer["blocks"])) is is_shown
    assert await page.outgoing() == []


async def test_a_private_question_says_nothing_of_that(shop: Front) -> None:
    number = await shop.customer_writes()
    answer = await shop.command(GIULIA, f"reply {number} Your order is at ⟦tracking.url⟧.")
    assert "Not sent" in answer["text"]
    assert "begin with --private" not in str(answer["blocks"])


async def test_a_choice_that_the_channel_does_not_leave_is_refused(shop: Front) -> None:
    number = await shop.customer_writes()
    answer = await shop.command(GIULIA, f"reply {number} --public Hello all")
    assert "no choice here" in str(answer["blocks"])
    assert await shop.outgoing() == []


@pytest.mark.parametrize(
    ("typed", "public", "words"),
    [
        ("--private Hello", False, "Hello"),
        ("—private Hello", False, "Hello"),
        ("--PUBLIC\nHello", True, "Hello"),
        ("private matters", None, "private matters"),
        ("Hello --private", None, "Hello --private"),
    ],
)
def test_who_reads_it_is_typed_before_the_words(
    typed: str, public: bool | None, words: str
) -> None:
    assert readers_of(typed) == (public, words)
