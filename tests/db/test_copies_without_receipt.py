"""The platform's id of an answer is learnt from its copy, or from its bounce, where no receipt came."""

from dataclasses import replace

import pytest

from bot.db import queries, tables
from bot.domain.effects import EffectKind
from bot.usecases.confirm_reply import confirm_reply, reply_started, reply_unsure, settle_unsure
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.pause_end import tell_ends
from bot.usecases.wait import WaitFor, wait_for
from connectors.contract import ReplyReceipt, Verdict
from sla_rules.vocabulary import Waiting
from tests.builders import (
    ANNA,
    NOW,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    queue,
    ticket,
)
from tests.db.reading import mark_posted, rows

pytestmark = pytest.mark.postgres(first=1)

WORDS = "It arrives tomorrow."


async def in_doubt(db, desk):
    """An answer that nobody is sure of; its message id."""
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    queued = await queue(db, desk, view.id, at=NOW + minutes(30))
    at = NOW + minutes(31)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=at)
    await db.write(lambda tx: reply_unsure(tx, desk, queued.message_id, "the line was cut"), now=at)
    return queued.message_id


async def settled(db, desk):
    """The same, after somebody said that it arrived."""
    message_id = await in_doubt(db, desk)
    await db.write(
        lambda tx: settle_unsure(tx, desk, message_id, ANNA, arrived=True), now=NOW + minutes(40)
    )
    return message_id


async def a_copy(db, desk):
    copy = an_inbound(
        thread="c",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        text=WORDS,
        external_id="m7",
        refers_to=("m7",),
        sent_at=NOW + minutes(30),
    )
    await arrive(db, desk, copy, now=NOW + hours(1))


async def a_bounce(db, desk, *, of="m7"):
    bounce = an_inbound(
        thread="c", verdict=Verdict.BOUNCE, refers_to=(of,), sent_at=NOW + minutes(50)
    )
    await arrive(db, desk, bounce, now=NOW + hours(2))


async def states(db):
    found = await rows(db, tables.message, direction="out")
    return [row.state for row in found]


async def history(db, ticket_id):
    return await db.read(lambda conn: queries.events(conn, ticket_id))


async def test_invariant_6_a_bounce_after_the_copy_reopens_what_a_person_settled(db, desk):
    await settled(db, desk)
    await a_copy(db, desk)
    assert await states(db) == ["sent"]

    await a_bounce(db, desk)

    assert await states(db) == ["bounced"]
    assert ((await ticket(db)).state, (await ticket(db)).waiting_since) == ("open", NOW)


async def test_invariant_6_a_bounce_before_the_copy_reopens_it_as_well(db, desk):
    await settled(db, desk)

    await a_bounce(db, desk)

    assert await states(db) == ["bounced"]
    assert (await ticket(db)).state == "open"


async def test_invariant_6_copy_and_bounce_in_one_page_reopen_it(db, desk):
    await in_doubt(db, desk)
    copy = an_inbound(
        thread="c",
        verdict=Verdict.ANSWERED_ELSEWHERE,
        text=WORDS,
        external_id="m7",
        refers_to=("m7",),
        sent_at=NOW + minutes(30),
    )
    bounce = an_inbound(
        thread="c", verdict=Verdict.BOUNCE, refers_to=("m7",), sent_at=NOW + hours(1)
    )

    await arrive(db, desk, copy, bounce, now=NOW + hours(2))

    assert await states(db) == ["bounced"]
    assert (await ticket(db)).state == "open"


def a_report(message_id):
    """A mail server's: it names our mail, which only our signature ties to the answer."""
    return an_inbound(
        thread=None,
        verdict=Verdict.BOUNCE,
        reason="could not be delivered",
        refers_to=(f"t1.{message_id}.signed@shop.example",),
        own_replies=(str(message_id),),
        sent_at=NOW + minutes(50),
    )


async def says_it_arrived(db, desk, message_id):
    """What came of it when a person was asked: whether anything was left to settle."""
    return await db.write(
        lambda tx: settle_unsure(tx, desk, message_id, ANNA, arrived=True), now=NOW + minutes(55)
    )


@pytest.mark.parametrize("first", ["the person", "the bounce"])
async def test_invariant_6_a_report_on_an_answer_never_confirmed_starts_its_clocks_again(
    db, desk, first
):
    message_id = await in_doubt(db, desk)
    before = (await ticket(db)).clocks
    if first == "the person":
        assert await says_it_arrived(db, desk, message_id)
        assert (await ticket(db)).state == "answered"

    await arrive(db, desk, a_report(message_id), a_report(message_id), now=NOW + hours(1))
    if first == "the bounce":
        assert not await says_it_arrived(db, desk, message_id)

    view = await ticket(db)
    assert await states(db) == ["bounced"]
    assert (view.state, view.waiting_since, view.clocks) == ("open", NOW, before)
    (told,) = [each for each in await history(db, view.id) if each.type == "reply_bounced"]
    assert len(await rows(db, tables.outbox, dedupe_key=f"log:{told.id}")) == 1
    assert not await rows(db, tables.outbox, kind=EffectKind.POST_OPS)


async def test_invariant_6_a_report_may_come_while_the_answer_is_still_looked_for(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    queued = await queue(db, desk, view.id, at=NOW + minutes(30))
    at = NOW + minutes(31)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=at)

    await arrive(db, desk, a_report(queued.message_id), now=NOW + hours(1))
    await db.write(
        lambda tx: reply_unsure(tx, desk, queued.message_id, "not found"), now=NOW + hours(2)
    )

    assert await states(db) == ["bounced"]
    assert "reply_unsure" not in [each.type for each in await history(db, view.id)]


async def test_a_report_that_names_both_pieces_of_an_answer_is_told_once(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    queued = await queue(db, desk, view.id, at=NOW + minutes(20))
    at = NOW + minutes(21)
    receipt = ReplyReceipt(external_id="m1", accepted_at=at, further_ids=("m2",))
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=at)
    await db.write(lambda tx: confirm_reply(tx, desk, queued.message_id, receipt), now=at)

    report = replace(a_report(queued.message_id), refers_to=("m1", "m2"))
    await arrive(db, desk, report, now=NOW + hours(1))

    assert await states(db) == ["bounced"]
    assert [each.type for each in await history(db, view.id)].count("reply_bounced") == 1


async def test_a_copy_of_an_answer_in_doubt_is_no_second_answer(db, desk):
    await in_doubt(db, desk)
    # The marketplace's clock is a little behind.
    await a_copy(db, desk)
    assert await states(db) == ["sent"]
    assert (await ticket(db)).state == "answered"


async def test_equal_words_typed_in_the_console_count_where_ours_has_its_receipt(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    await answer(db, desk, view.id, at=NOW + minutes(20))
    await arrive(db, desk, an_inbound(thread="c", sent_at=NOW + minutes(25)))
    await a_copy(db, desk)
    assert await states(db) == ["sent", "sent"]
    assert (await ticket(db)).state == "answered"


async def test_a_bounce_of_an_unknown_answer_leaves_those_with_a_receipt_alone(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    await answer(db, desk, view.id, at=NOW + minutes(20))
    await a_bounce(db, desk, of="m99")
    assert await states(db) == ["sent"]


async def test_invariant_5_what_follows_the_end_of_a_wait_is_drawn_on_the_card(db, desk):
    view = await a_ticket(db, desk)
    until = NOW + hours(2)
    command = WaitFor(ticket_id=view.id, actor=ANNA, on=Waiting.CUSTOMER, until=until)
    await db.write(lambda tx: wait_for(tx, desk, command), now=NOW)
    await db.write(lambda tx: tell_ends(tx, desk), now=until)
    await mark_posted(db, view.id)

    done = NoAnswerNeeded(ticket_id=view.id, actor=ANNA)
    await db.write(lambda tx: no_answer_needed(tx, desk, done), now=until + minutes(5))

    drawn = await rows(db, tables.outbox, kind=EffectKind.UPDATE_CARD, state="ready")
    assert len(drawn) == 1
