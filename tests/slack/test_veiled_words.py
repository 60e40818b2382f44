"""An inbox that does not post all of a customer's words: masked cards, and the words on demand."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.configuration.macros import Macro
from bot.db import tables
from bot.domain.digests import DigestKind
from bot.domain.effects import post_digest
from bot.domain.surge import Mode
from bot.domain.veil import NO_SUBJECT, NOT_POSTED
from bot.usecases.reply import QueueReply, queue_reply
from bot.usecases.surge import SetSurge, set_surge, watch_surge
from connectors.data_rules import SlackBody
from sandbox.slack.seed import AMAZON_IT
from tests.builders import AMAZON, ANNA, CARLA, NOW, a_ticket, an_inbound, arrive, minutes
from tests.db.reading import rows
from tests.slack.executor_world import Story, story
from tests.slack.front import GIULIA, STRANGER, Front, a_front
from tests.slack.loopback import as_object

WORDS = "Call me on +39 333 123 4567, I live in Via Roma 7. Lamp broken."
PRIVATE = ("333 123 4567", "Via Roma")


async def posted(db: Any, rule: SlackBody) -> AsyncIterator[Story]:
    async with story(db) as told:
        route = replace(told.desk.inboxes[AMAZON], slack_body=rule)
        told.desk = replace(told.desk, inboxes={**told.desk.inboxes, AMAZON: route})
        told.new_life()
        yield told


@pytest.fixture
async def redacting(db):
    async for told in posted(db, "redacted"):
        yield told


@pytest.fixture
async def silent(db):
    async for told in posted(db, "none"):
        yield told


def everything(told: Story) -> str:
    """All that Slack was ever sent, words and blocks."""
    return str([dict(call.args) for call in told.slack.core.calls])


async def conversation(told: Story) -> None:
    """A ticket, a later message and a card drawn anew."""
    await a_ticket(
        told.db, told.desk, an_inbound(thread="case", text=WORDS, subject="Re +39 333 123 4567")
    )
    await told.send()
    later = an_inbound(thread="case", text=f"Again: {WORDS}", sent_at=NOW + minutes(5))
    await arrive(told.db, told.desk, later)
    told.clock.move(minutes(5).total_seconds())
    await told.send(rounds=3)


async def test_phones_and_streets_are_masked_on_the_card_and_in_its_thread(redacting):
    await conversation(redacting)
    sent = everything(redacting)
    assert not [one for one in PRIVATE if one in sent]
    assert "Call me on [phone], I live in [address]. Lamp broken." in sent
    assert "Show the words" in sent


@pytest.mark.parametrize("rule", ["redacted", "none"])
async def test_who_lets_an_answer_out_reads_it_masked_whatever_is_posted_of_the_customers(db, rule):
    refund = Macro(ref="file::refund", name="refund", text="x", approval=True)
    async for told in posted(db, rule):
        told.desk = replace(told.desk, macros=(refund,))
        told.new_life()
        view = await a_ticket(told.db, told.desk, an_inbound(text=WORDS))
        await told.send()
        command = QueueReply(
            ticket_id=view.id,
            actor=ANNA,
            text="Keep the lamp. We call you: +39 333 123 4567.",
            key="form",
            seen_message_id=None,
            macros=(refund.ref,),
        )
        desk = told.desk
        await told.db.write(partial(queue_reply, desk=desk, command=command), now=NOW)
        await told.send(rounds=2)
        sent = everything(told)
        assert "Keep the lamp. We call you: [phone]" in sent
        assert not [one for one in PRIVATE if one in sent]


async def test_an_inbox_that_posts_nothing_shows_no_word_and_no_name(silent):
    await conversation(silent)
    sent = everything(silent)
    assert not [one for one in (*PRIVATE, "Lamp broken") if one in sent]
    assert NO_SUBJECT in sent
    assert NOT_POSTED in sent


async def test_lists_of_a_channel_name_no_customer_and_no_subject_either(silent):
    """The list of a storm, its pings in one message, and the morning's digest."""
    s = silent
    message = an_inbound(text=WORDS, subject="My purple okapi", sender_name="Zoe Zanzibar")
    await a_ticket(s.db, s.desk, message)
    mode = SetSurge(actor=CARLA, mode=Mode.ON)
    await s.db.write(lambda tx: set_surge(tx, s.desk, mode), now=s.clock.now())
    s.clock.move(25 * 3600)
    await s.fire()
    digest = post_digest(DigestKind.DAILY, AMAZON_IT, s.clock.now().date(), channel=AMAZON_IT)
    await s.db.write(lambda tx: tx.emit(digest), now=s.clock.now())
    await s.db.write(lambda tx: watch_surge(tx, s.desk), now=s.clock.now())
    await s.send(rounds=4, seconds=61)

    kinds = {row.kind for row in await rows(s.db, tables.outbox, state="sent")}
    assert {"post_board", "post_together", "post_digest"} <= kinds
    assert "#1" in everything(s)
    assert not {each for each in ("okapi", "Zanzibar", "Via Roma") if each in everything(s)}


async def test_an_inbox_is_posted_in_full_unless_it_says_otherwise(db):
    async with story(db) as plain:
        await conversation(plain)
        assert all(one in everything(plain) for one in PRIVATE)
        assert "Show the words" not in everything(plain)


async def test_what_is_stored_is_whole(redacting):
    await conversation(redacting)
    kept = await rows(redacting.db, tables.message)
    assert kept[0].body == WORDS


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        desk = front.rules[-1]
        route = replace(desk.inboxes["amazon-it"], slack_body="redacted")
        front.rules[0] = replace(desk, inboxes={"amazon-it": route})
        yield front


async def shown(front: Front) -> list[Any]:
    return await rows(front.db, tables.ticket_event, type="words_shown")


async def test_the_words_are_shown_to_one_person_and_it_is_noted_who(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes(WORDS))
    await front.press(GIULIA, "show_words", ticket.id)
    view = as_object(front.slack.of("views.open")[-1]["view"])
    assert WORDS in str(view["blocks"])
    assert [(one.ticket_id, one.actor) for one in await shown(front)] == [(ticket.id, GIULIA)]


async def test_writing_an_answer_shows_the_words_and_is_noted_too(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes(WORDS))
    await front.press(GIULIA, "reply", ticket.id)
    view = as_object(front.slack.of("views.open")[-1]["view"])
    assert WORDS in str(view["blocks"])
    assert len(await shown(front)) == 1


async def test_a_stranger_sees_no_words_and_nothing_is_noted(front: Front) -> None:
    ticket = await front.ticket(await front.customer_writes(WORDS))
    await front.press(STRANGER, "show_words", ticket.id)
    assert front.slack.of("views.open") == []
    assert await shown(front) == []


async def test_an_inbox_posted_in_full_notes_nobody(tmp_path: Path) -> None:
    async with a_front(tmp_path) as plain:
        ticket = await plain.ticket(await plain.customer_writes(WORDS))
        await plain.press(GIULIA, "reply", ticket.id)
        assert await shown(plain) == []


async def test_five_endless_messages_still_fit_into_one_window(front: Front) -> None:
    numbers = {await front.customer_writes("\u3042" * 60_000) for _ in range(6)}
    ticket = await front.ticket(numbers.pop())
    await front.press(GIULIA, "show_words", ticket.id)
    view = as_object(front.slack.of("views.open")[-1]["view"])
    assert len(view["blocks"]) <= 100
    assert len(json.dumps(view)) < 250_000
    assert "One earlier is not shown here" in str(view["blocks"])
