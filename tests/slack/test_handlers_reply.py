from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.db import queries
from bot.domain.card import TicketView
from bot.slack.blocks.log import render_log
from bot.usecases.confirm_reply import confirm_reply, reply_started, reply_unsure
from bot.usecases.reply import QueueReply, queue_reply
from connectors.contract import ReplyReceipt
from tests.slack.front import GIULIA, MARCO, VIOLA, Front, a_front, card_ts
from tests.slack.loopback import as_object


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def opened(front: Front, ticket: TicketView, user: str = GIULIA) -> dict[str, Any]:
    await front.press(user, "reply", ticket.id)
    return dict(as_object(front.slack.of("views.open")[-1]["view"]))


async def next_view(response: Any) -> dict[str, Any]:
    body = as_object(response.body)
    assert body["response_action"] == "update"
    return dict(body["view"])


def words_of(view: dict[str, Any]) -> str:
    return str(view["blocks"])


async def test_an_answer_is_written_previewed_and_goes_out_after_the_undo_window(
    front: Front,
) -> None:
    number = await front.customer_writes("Where is my parcel?")
    ticket = await front.ticket(number)
    writing = await opened(front, ticket)
    assert "Where is my parcel?" in words_of(writing)

    preview = await next_view(await front.submit(GIULIA, writing, "It left today."))
    assert await front.outgoing() == []
    assert "It left today.\\n-- \\nGiulia Conti" in words_of(preview)
    assert preview["submit"]["text"] == "Send"

    queued = await next_view(await front.submit(GIULIA, preview, "It left today."))

    (reply,) = await front.outgoing()
    assert (reply.body, reply.state) == ("It left today.", "queued")
    goes_out = int((front.clock.at + timedelta(seconds=10)).timestamp())
    assert queued["blocks"][0]["elements"][0]["elements"][1]["timestamp"] == goes_out
    assert queued["blocks"][1]["elements"][0]["value"] == str(reply.id)
    # Nothing else: what the thread holds is asked for only by the button for it.
    assert [name for name, _ in front.slack.calls] == ["views.open"]
    assert front.slack.answers == []


async def test_a_window_submitted_twice_sends_once(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    preview = await next_view(await front.submit(GIULIA, await opened(front, ticket), "Hello"))

    await front.submit(GIULIA, preview, "Hello")
    again = await next_view(await front.submit(GIULIA, preview, "Hello"))

    assert len(await front.outgoing()) == 1
    assert "it goes out once" in words_of(again)


async def test_a_text_changed_after_the_preview_is_previewed_again(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    preview = await next_view(await front.submit(GIULIA, await opened(front, ticket), "Hello"))

    changed = await next_view(await front.submit(GIULIA, preview, "Hello, Lucia"))

    assert await front.outgoing() == []
    assert "Hello, Lucia" in words_of(changed)
    await front.submit(GIULIA, changed, "Hello, Lucia")
    assert [one.body for one in await front.outgoing()] == ["Hello, Lucia"]


async def test_undo_in_the_window_gives_the_text_back_to_be_sent_again(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    preview = await next_view(await front.submit(GIULIA, await opened(front, ticket), "Hello"))
    queued = await next_view(await front.submit(GIULIA, preview, "Hello"))
    (reply,) = await front.outgoing()

    await front.press(GIULIA, "undo", reply.id, view={**queued, "id": "V0REPLY11"})

    assert [one.state for one in await front.outgoing()] == ["cancelled"]
    writing = dict(as_object(front.slack.of("views.update")[-1]["view"]))
    field = next(block for block in writing["blocks"] if block["type"] == "input")
    assert field["element"]["initial_value"] == "Hello"
    preview = await next_view(await front.submit(GIULIA, writing, "Hello!"))
    await front.submit(GIULIA, preview, "Hello!")
    assert [one.state for one in await front.outgoing()] == ["cancelled", "queued"]


async def test_undo_after_the_window_says_that_it_is_too_late(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"reply {number} Hello")
    (reply,) = await front.outgoing()
    front.clock.at += timedelta(seconds=11)

    await front.press(GIULIA, "undo", reply.id)

    assert front.slack.answers[-1]["text"].startswith("Too late to undo")
    assert [one.state for one in await front.outgoing()] == ["queued"]


async def test_a_typed_reply_shows_what_the_buyer_gets_and_can_be_undone(front: Front) -> None:
    number = await front.customer_writes()

    answer = await front.command(GIULIA, f"reply {number} It left “today” &amp; arrives soon.")

    (reply,) = await front.outgoing()
    assert reply.body == "It left “today” & arrives soon."
    assert "It left “today” & arrives soon.\\n-- \\nGiulia Conti" in str(answer["blocks"])
    assert answer["blocks"][-1]["elements"][0]["value"] == str(reply.id)

    await front.press(GIULIA, "undo", reply.id)

    assert [one.state for one in await front.outgoing()] == ["cancelled"]
    given_back = front.slack.answers[-1]
    assert given_back["replace_original"] is True
    assert "It left “today” & arrives soon." in str(given_back["blocks"])


async def test_a_newer_message_of_the_customer_is_shown_before_anything_is_sent(
    front: Front,
) -> None:
    number = await front.customer_writes("Where is it?")
    ticket = await front.ticket(number)
    preview = await next_view(await front.submit(GIULIA, await opened(front, ticket), "Soon."))
    front.clock.at += timedelta(minutes=1)
    await front.customer_writes("Never mind, it came!")

    asked = await next_view(await front.submit(GIULIA, preview, "Soon."))

    assert await front.outgoing() == []
    assert "Never mind, it came!" in words_of(asked)
    assert asked["submit"]["text"] == "Send anyway"
    await front.submit(GIULIA, asked, "Soon.")
    assert [one.body for one in await front.outgoing()] == ["Soon."]


async def test_a_colleagues_answer_meanwhile_is_shown_before_a_second_one_is_sent(
    front: Front,
) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    writing = await opened(front, ticket)
    await front.command(MARCO, f"reply {number} I have sent it.")

    asked = await next_view(await front.submit(GIULIA, writing, "We sent it."))

    assert "Marco Riva answered meanwhile" in words_of(asked)
    assert "I have sent it." in words_of(asked)
    assert asked["submit"]["text"] == "Send anyway"
    assert len(await front.outgoing()) == 1


async def test_send_anyway_from_a_private_answer_sends_that_text(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    newest = ticket.last_customer_message
    assert newest is not None

    await front.press(GIULIA, "send_anyway", f"{ticket.id}|{newest.id}|a | b")

    assert [one.body for one in await front.outgoing()] == ["a | b"]
    assert front.slack.answers[-1]["replace_original"] is True


async def test_what_the_channel_forbids_is_refused_with_the_reason(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    writing = await opened(front, ticket)

    response = await front.submit(GIULIA, writing, "This is forbidden.")
    answer = await front.command(GIULIA, f"reply {number} This is forbidden.")

    body = as_object(response.body)
    assert body["response_action"] == "errors"
    assert list(body["errors"].values()) == ["The platform forbids that word."]
    assert answer["text"] == "Not sent. The platform forbids that word."
    assert "This is forbidden." in str(answer["blocks"])
    assert await front.outgoing() == []


async def test_the_channels_messaging_policy_is_checked_before_sending(front: Front) -> None:
    number = await front.customer_writes()

    answer = await front.command(GIULIA, f"reply {number} Buy at https://other-shop.example/x")

    assert answer["text"].startswith("Not sent.")
    assert "other-shop.example" in answer["text"]
    assert await front.outgoing() == []


async def test_the_window_says_what_the_channel_forbids_in_the_readers_language(
    front: Front,
) -> None:
    ticket = await front.ticket(await front.customer_writes())
    english = words_of(await opened(front, ticket))
    await front.command(GIULIA, "me language it")

    italian = words_of(await opened(front, ticket))

    assert "Amazon forbids" in english
    assert "Amazon vieta" in italian
    assert "Amazon forbids" not in italian


@pytest.mark.parametrize("typed", [None, "", "  \n "])
async def test_an_empty_answer_is_refused_at_its_field(front: Front, typed: str | None) -> None:
    ticket = await front.ticket(await front.customer_writes())
    writing = await opened(front, ticket)

    body = as_object((await front.submit(GIULIA, writing, typed)).body)

    field = next(block["block_id"] for block in writing["blocks"] if block["type"] == "input")
    assert body == {"response_action": "errors", "errors": {field: "Write an answer first."}}


async def test_who_may_not_answer_gets_no_window(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())

    await front.press(VIOLA, "reply", ticket.id)

    assert front.slack.of("views.open") == []
    assert "agent role" in front.slack.answers[-1]["text"]


async def test_every_way_to_the_window_opens_it(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)

    await front.press(GIULIA, "reply", ticket.id)
    await front.shortcut(GIULIA, "msg_reply", card_ts(number))
    await front.command(GIULIA, f"reply {number}")

    views = [as_object(call["view"]) for call in front.slack.of("views.open")]
    assert [view["callback_id"] for view in views] == ["reply_write"] * 3
    assert front.slack.answers == []


async def test_a_reply_said_to_the_bot_in_the_thread_is_queued_with_undo(front: Front) -> None:
    number = await front.customer_writes()

    await front.mention(GIULIA, "reply 2 boxes left today", thread=card_ts(number))

    assert [one.body for one in await front.outgoing()] == ["2 boxes left today"]
    (said,) = front.slack.of("chat.postEphemeral")
    assert as_object(said["blocks"])[-1]["elements"][0]["action_id"] == "undo"


async def test_invariant_8_what_a_thread_says_never_leaves_the_company(front: Front) -> None:
    number = await front.customer_writes()
    message = {"type": "message", "user": GIULIA, "channel": "C0AMAZON1", "ts": "9.9"}
    words = ["reply 1 send this", ">> send this", "!reply send this", "/ticket reply 1 send this"]

    for text in words:
        event = {**message, "text": text, "thread_ts": card_ts(number)}
        await front.dispatch({"type": "event_callback", "event_id": text, "event": event})
    await front.mention(GIULIA, "he is a liar, what do we say?", thread=card_ts(number))
    await front.mention(GIULIA, "note he is a liar", thread=card_ts(number), event_id="Ev2")

    assert await front.outgoing() == []


async def test_an_unsure_answer_is_settled_by_a_person_once(front: Front) -> None:
    number = await front.customer_writes()
    ticket = await front.ticket(number)
    command = QueueReply(
        ticket_id=ticket.id, actor=GIULIA, text="Hello", key="k", seen_message_id=None
    )
    await front.db.write(lambda tx: queue_reply(tx, front.desk, command), now=front.clock.at)
    (reply,) = await front.outgoing()
    await front.db.write(lambda tx: reply_started(tx, reply.id), now=front.clock.at)
    await front.db.write(
        lambda tx: reply_unsure(tx, front.desk, reply.id, "cut off"), now=front.clock.at
    )

    await front.press(GIULIA, "arrived", reply.id, thread=card_ts(number))
    await front.press(MARCO, "not_arrived", reply.id, thread=card_ts(number))

    assert [one.state for one in await front.outgoing()] == ["sent"]
    assert [one["text"] for one in front.slack.answers] == [
        "Noted: it arrived. The clock has stopped.",
        "That was settled before.",
    ]
    assert (await front.ticket(number)).state == "answered"


async def test_an_expired_trigger_is_told_in_plain_words(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    front.slack.failing["views.open"] = "expired_trigger_id"

    await front.press(GIULIA, "reply", ticket.id)

    assert front.slack.answers[-1]["text"].endswith("Please press again.")


async def test_an_answer_taken_back_is_not_sent_by_its_old_window(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes())
    preview = await next_view(await front.submit(GIULIA, await opened(front, ticket), "Hello"))
    await front.submit(GIULIA, preview, "Hello")
    (reply,) = await front.outgoing()
    await front.press(GIULIA, "undo", reply.id)

    stale = await next_view(await front.submit(GIULIA, preview, "Hello"))

    assert [one.state for one in await front.outgoing()] == ["cancelled"]
    assert "was taken back" in words_of(stale)


async def test_a_long_answer_is_previewed_whole_and_sent_whole(front: Front) -> None:
    number = await front.customer_writes()
    text = "".join(f"word{n} " for n in range(500)).strip()

    answer = await front.command(GIULIA, f"reply {number} {text}")

    shown = "".join(
        element["text"] for part in answer["blocks"][1]["elements"] for element in part["elements"]
    )
    assert text in shown
    assert [one.body for one in await front.outgoing()] == [text]


async def test_the_line_of_a_sent_answer_shows_colleagues_what_was_sent(front: Front) -> None:
    number = await front.customer_writes()
    await front.command(GIULIA, f"reply {number} It left today.")
    (reply,) = await front.outgoing()
    receipt = ReplyReceipt(external_id="<sent@seller.example>", accepted_at=front.clock.at)
    await front.db.write(lambda tx: reply_started(tx, reply.id), now=front.clock.at)
    await front.db.write(
        lambda tx: confirm_reply(tx, front.desk, reply.id, receipt), now=front.clock.at
    )
    ticket = await front.ticket(number)
    history = await front.db.read(lambda conn: queries.events(conn, ticket.id))
    sent = next(one.id for one in history if one.type == "reply_sent")

    event = await front.db.read(lambda conn: queries.event(conn, sent))

    assert event is not None
    line = render_log(ticket, event, front.desk)
    assert line.text == f"#{number}: Giulia Conti answered the customer. It left today."
