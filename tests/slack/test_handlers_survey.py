"""Asking a customer for a rating, in the window to answer in: offered, shown, sent, taken back."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import queries, tables
from bot.domain.card import TicketView
from bot.domain.desk import Desk
from bot.slack.blocks.log import render_log
from bot.slack.blocks.reply_fields import RATING_FIELD
from bot.usecases.confirm_reply import confirm_reply, reply_started
from bot.usecases.survey import Explain, Rate, explain, outgoing, rate
from connectors.contract import ReplyReceipt
from tests.api_world import some_links
from tests.slack.front import GIULIA, Front, a_front, the_desk
from tests.slack.loopback import as_object

ASKED = "How satisfied are you with our answer? One click is enough:"
TICKED = {"selected_options": [{"value": RATING_FIELD}]}
UNTICKED: dict[str, Any] = {"selected_options": []}


def asking_desk(survey: Any = "csat") -> Desk:
    plain = the_desk()
    route = replace(plain.inboxes["amazon-it"], connector="website", survey=survey)
    return replace(plain, inboxes={"amazon-it": route}, links=some_links())


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path, asking_desk()) as front:
        yield front


async def opened(front: Front, ticket: TicketView) -> dict[str, Any]:
    await front.press(GIULIA, "reply", ticket.id)
    return dict(as_object(front.slack.of("views.open")[-1]["view"]))


def box(view: dict[str, Any]) -> Any:
    """The checkbox, None where there is none."""
    found = [one["element"] for one in view["blocks"] if one.get("block_id") == RATING_FIELD]
    return found[0] if found else None


def words_of(view: dict[str, Any]) -> str:
    return str(view["blocks"])


async def submitted(
    front: Front, view: dict[str, Any], chosen: dict[str, Any], view_id: str = "V0REPLY11"
) -> dict[str, Any]:
    typed = {"type": "plain_text_input", "value": "It left today."}
    values: dict[str, Any] = {"text": {"text": typed}}
    if box(view) is not None:
        values[RATING_FIELD] = {RATING_FIELD: chosen}
    response = await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**view, "id": view_id, "state": {"values": values}},
        }
    )
    body = as_object(response.body)
    return dict(body.get("view") or body)


async def requests(front: Front) -> list[Any]:
    return list(await front.db.read(lambda conn: conn.execute(select(tables.feedback)).all()))


async def test_nobody_is_asked_unless_the_agent_ticks_the_box(shop: Front) -> None:
    ticket = await shop.ticket(await shop.customer_writes("Where is my parcel?"))
    writing = await opened(shop, ticket)
    assert "initial_options" not in box(writing)

    preview = await submitted(shop, writing, UNTICKED)
    assert ASKED not in words_of(preview)
    await submitted(shop, preview, UNTICKED)

    assert len(await shop.outgoing()) == 1
    assert await requests(shop) == []


async def test_the_preview_shows_the_question_and_hides_the_link_that_answers_it(
    shop: Front,
) -> None:
    ticket = await shop.ticket(await shop.customer_writes("Where is my parcel?"))
    preview = await submitted(shop, await opened(shop, ticket), TICKED)

    assert f"It left today.\\n\\n{ASKED}\\nhttps://desk.rossi.example/survey/…\\n-- " in words_of(
        preview
    )
    assert box(preview)["initial_options"]
    queued = await submitted(shop, preview, TICKED)
    assert ASKED in words_of(queued)
    (row,) = await shop.outgoing()
    assert row.body == "It left today."
    (asked,) = await requests(shop)
    assert (asked.message_id, asked.kind, asked.score) == (row.id, "csat", None)
    _, command = await shop.db.read(
        lambda conn: outgoing(conn, shop.desk, ticket.id, row.id) or pytest.fail("nothing")
    )
    link = command.text.rpartition("\n")[2]
    assert link not in words_of(preview) + words_of(queued)
    assert len(link) > len("https://desk.rossi.example/survey/") + 40


async def test_what_was_ticked_after_the_preview_is_shown_before_it_goes_out(shop: Front) -> None:
    ticket = await shop.ticket(await shop.customer_writes("Where is my parcel?"))
    preview = await submitted(shop, await opened(shop, ticket), UNTICKED)

    again = await submitted(shop, preview, TICKED)

    assert again["submit"]["text"] == "Send"
    assert ASKED in words_of(again)
    assert await shop.outgoing() == []


async def test_an_answer_taken_back_can_ask_again(shop: Front) -> None:
    ticket = await shop.ticket(await shop.customer_writes("Where is my parcel?"))
    preview = await submitted(shop, await opened(shop, ticket), TICKED)
    queued = await submitted(shop, preview, TICKED)
    (row,) = await shop.outgoing()
    view = {**queued, "id": "V0REPLY11"}
    await shop.press(GIULIA, "undo", row.id, view=view)

    written = dict(as_object(shop.slack.of("views.update")[-1]["view"]))
    assert ASKED not in words_of(written)
    assert box(written)["initial_options"]
    preview = await submitted(shop, written, TICKED)
    assert "Goes out at" in words_of(await submitted(shop, preview, TICKED))


async def test_who_was_asked_meanwhile_is_not_asked_again(shop: Front) -> None:
    ticket = await shop.ticket(await shop.customer_writes("Where is my parcel?"))
    other = await shop.ticket(await shop.customer_writes("And my refund?", thread="buyer-2"))
    mine, theirs = await opened(shop, ticket), await opened(shop, other)
    preview = await submitted(shop, mine, TICKED)
    await submitted(shop, preview, TICKED)
    assert box(await opened(shop, ticket)) is None

    preview = await submitted(shop, theirs, TICKED, view_id="V0OTHER11")
    refused = await submitted(shop, preview, TICKED, view_id="V0OTHER11")
    assert "This customer was asked for a rating meanwhile." in str(refused["errors"])

    preview = await submitted(shop, preview, UNTICKED, view_id="V0OTHER11")
    await submitted(shop, preview, UNTICKED, view_id="V0OTHER11")
    assert len(await requests(shop)) == 1
    assert len(await shop.outgoing()) == 2


async def test_a_typed_answer_asks_nothing(shop: Front) -> None:
    number = await shop.customer_writes("Where is my parcel?")
    await shop.command(GIULIA, f"reply {number} It left today.")

    assert len(await shop.outgoing()) == 1
    assert await requests(shop) == []


async def test_no_other_inbox_shows_the_box(tmp_path: Path) -> None:
    async with a_front(tmp_path, asking_desk(None)) as front:
        ticket = await front.ticket(await front.customer_writes("Where is my parcel?"))
        assert box(await opened(front, ticket)) is None


async def test_the_thread_tells_the_rating_and_the_words_as_they_are(shop: Front) -> None:
    ticket = await shop.ticket(await shop.customer_writes("Where is my parcel?"))
    preview = await submitted(shop, await opened(shop, ticket), TICKED)
    await submitted(shop, preview, TICKED)
    (row,), (asked,) = await shop.outgoing(), await requests(shop)
    receipt = ReplyReceipt(external_id="<1@shop.example>", accepted_at=shop.clock.at)
    now, desk = shop.clock.at, shop.desk
    await shop.db.write(lambda tx: reply_started(tx, row.id), now=now)
    await shop.db.write(lambda tx: confirm_reply(tx, desk, row.id, receipt), now=now)
    await shop.db.write(lambda tx: rate(tx, desk, Rate(feedback_id=asked.id, score=2)), now=now)
    why = Explain(feedback_id=asked.id, words="<!channel> *slow*")
    await shop.db.write(lambda tx: explain(tx, desk, why), now=now)

    events = await shop.db.read(lambda conn: queries.events(conn, ticket.id))
    rated, said = (render_log(ticket, each, desk) for each in events[-2:])

    assert rated.text == "#1: The customer rated the answer: 2 of 5."
    worst = replace(events[-2], data={"kind": "nps", "score": 0})
    told = render_log(ticket, worst, desk).text
    assert told == "#1: Would the customer recommend the shop? 0 of 10."
    assert "The customer says about their rating" in str(said.blocks)
    assert {"type": "text", "text": "<!channel> *slow*"} in texts(said.blocks)
    assert "<!channel>" not in said.text


def texts(blocks: Any) -> list[dict[str, Any]]:
    """Every piece of plain text in rich text."""
    if isinstance(blocks, list):
        return [one for each in blocks for one in texts(each)]
    if not isinstance(blocks, dict):
        return []
    own = [blocks] if blocks.get("type") == "text" else []
    return [*own, *(one for each in blocks.values() for one in texts(each))]
