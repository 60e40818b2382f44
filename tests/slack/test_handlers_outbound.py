"""Observed inboxes, answers on somebody's word, and rules that are overruled, as people meet them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.db import queries
from bot.slack.blocks.card import render_card
from bot.slack.blocks.log import log_line
from tests.slack.front import GIULIA, VIOLA, Front, a_front
from tests.slack.loopback import as_object

WARNED = "Please call +39 02 5550 1234 about the warranty."


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def observed(front: Front) -> None:
    route = replace(front.desk.inboxes["amazon-it"], observe=True)
    await front.restarts_with(inboxes={"amazon-it": route})


def field(view: dict[str, Any], name: str, value: str) -> dict[str, Any]:
    return {name: {name: {"type": "plain_text_input", "value": value}}}


async def submitted(front: Front, view: dict[str, Any], text: str, reason: str | None) -> Any:
    values = field(view, "text", text)
    if reason is not None:
        values |= field(view, "reason", reason)
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": {**view, "id": "V0REPLY11", "state": {"values": values}},
        }
    )


async def preview_of(front: Front, number: int, text: str) -> dict[str, Any]:
    await front.press(GIULIA, "reply", (await front.ticket(number)).id)
    view = dict(as_object(front.slack.of("views.open")[-1]["view"]))
    body = as_object((await front.submit(GIULIA, view, text)).body)
    assert body["response_action"] == "update"
    return dict(body["view"])


async def test_an_observed_inbox_says_where_to_answer_and_opens_no_window(front: Front) -> None:
    await observed(front)
    number = await front.customer_writes()
    ticket = await front.ticket(number)

    typed = await front.command(GIULIA, f"reply {number} It left today.")
    await front.press(GIULIA, "reply", ticket.id)

    assert typed["text"].startswith("This inbox is observed only: answer in the marketplace itself")
    assert front.slack.of("views.open") == []
    assert "observed only" in str(front.slack.answers[-1])
    assert await front.outgoing() == []


async def test_the_card_of_an_observed_inbox_offers_what_can_be_done(front: Front) -> None:
    await observed(front)
    ticket = await front.ticket(await front.customer_writes())
    drawn = render_card(ticket, front.desk, front.clock.at)

    pressed = [one["action_id"] for one in drawn.blocks[-1]["elements"]]
    assert "answered" in pressed
    assert "reply" not in pressed
    assert "answer in the marketplace itself" in str(drawn.blocks)


async def test_answered_in_the_marketplace_is_said_with_a_button_or_a_command(front: Front) -> None:
    await observed(front)
    first = await front.customer_writes(thread="one")
    second = await front.customer_writes(thread="two")

    await front.press(GIULIA, "answered", (await front.ticket(first)).id)
    told = await front.command(GIULIA, f"answered {second}")
    again = await front.command(GIULIA, f"answered {second}")

    assert [(await front.ticket(one)).state for one in (first, second)] == ["answered"] * 2
    assert told["text"].endswith("on your word. Its clock stopped.")
    assert again["text"] == f"#{second}: nobody waits for an answer."


async def test_the_history_names_who_gave_their_word(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    await front.command(GIULIA, f"answered {ticket.number}")
    history = await front.db.read(lambda conn: queries.events(conn, ticket.id))

    line = log_line(ticket, history[-1], front.desk)
    assert line.startswith("Giulia Conti says: answered in Amazon")


async def test_somebody_who_may_only_look_gives_no_word(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(VIOLA, f"answered {number}")
    assert (await front.ticket(number)).state == "open"


async def test_a_warning_is_overruled_with_a_reason_that_colleagues_read(front: Front) -> None:
    number = await front.customer_writes()
    preview = await preview_of(front, number, WARNED)
    assert "phone numbers" in str(preview["blocks"])

    refused = as_object((await submitted(front, preview, WARNED, None)).body)
    assert refused["response_action"] == "errors"
    assert "Say why" in str(refused["errors"])
    assert await front.outgoing() == []

    await submitted(front, preview, WARNED, "It is the maker's warranty line.")

    assert [one.body for one in await front.outgoing()] == [WARNED]
    ticket = await front.ticket(number)
    history = await front.db.read(lambda conn: queries.events(conn, ticket.id))
    sent = next(one for one in history if one.type == "reply_queued")
    assert sent.data["overruled"] == ["amazon.phone"]
    assert "It is the maker's warranty line." in log_line(ticket, sent, front.desk)


async def test_a_typed_answer_with_a_warning_asks_for_the_window(front: Front) -> None:
    number = await front.customer_writes()
    told = await front.command(GIULIA, f"reply {number} {WARNED}")

    assert told["text"].startswith("Not sent yet.")
    assert WARNED in str(told["blocks"])
    assert await front.outgoing() == []


async def test_an_answer_without_a_warning_asks_for_no_reason(front: Front) -> None:
    number = await front.customer_writes()
    preview = await preview_of(front, number, "It left today.")
    assert "Why send it" not in str(preview["blocks"])
    await submitted(front, preview, "It left today.", None)
    assert len(await front.outgoing()) == 1
