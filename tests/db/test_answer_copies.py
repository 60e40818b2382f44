"""Copies of answers that name only a customer, or come before their question."""

import pytest

from bot.db import tables
from bot.usecases.confirm_reply import reply_started, reply_unsure
from bot.usecases.ingest import ReadItem, ingest, stored_items
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import ThreadKey, Verdict
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    queue,
    ticket,
)
from tests.db.reading import count, effects, event_types, last_event, rows

pytestmark = pytest.mark.postgres(first=2)

NAME = "Nora Quist"


def a_question(**changes):
    return an_inbound(**({"sender_name": NAME} | changes))


def a_copy(*, order=None, name=NAME, **changes):
    fields = {
        "thread": None,
        "verdict": Verdict.ANSWERED_ELSEWHERE,
        "sender_handle": "donotreply@amazon.example",
        "sender_name": name,
        "answers_customer_named": name,
        "text": "It leaves tomorrow.",
        "sent_at": NOW + hours(1),
        "order_id": order,
    }
    if order:
        fields["thread_keys"] = [ThreadKey(value=f"order:{order}")]
    return an_inbound(**(fields | changes))


async def read_again(db, desk, message, *, at):
    """The held copy is read once more, as the next round of a poll does."""
    items = await db.read(lambda conn: stored_items(conn, AMAZON))
    read = [
        ReadItem(raw_id=each.raw_id, received_at=each.item.received_at, message=message)
        for each in items
    ]
    await db.write(lambda tx: ingest(tx, desk, AMAZON, read), now=at)
    return len(read)


async def raw_states(db):
    return [row.state for row in await rows(db, tables.raw_inbound)]


async def test_the_copy_stops_the_clock_of_the_one_customer_of_that_name(db, desk):
    await arrive(db, desk, a_question(), an_inbound(sender_name="Somebody Else"))
    await arrive(db, desk, a_copy())
    assert [(await ticket(db, number)).state for number in (1, 2)] == ["answered", "open"]


async def test_invariant_6_of_two_customers_with_one_name_neither_clock_stops(db, desk):
    await arrive(db, desk, a_question(), a_question())
    await arrive(db, desk, a_copy())
    for number in (1, 2):
        view = await ticket(db, number)
        assert view.state == "open"
        event = await last_event(db, view.id, "verdict")
        assert event.data["check"] is True
        assert "check in the marketplace" in event.data["reason"]


async def test_invariant_6_a_namesake_who_was_answered_before_may_be_the_one_meant(db, desk):
    first = await a_ticket(db, desk, a_question())
    await answer(db, desk, first.id, at=NOW + minutes(20))
    await arrive(db, desk, a_question(sent_at=NOW + minutes(30)))
    await arrive(db, desk, a_copy())
    assert (await ticket(db, 2)).state == "open"
    assert "verdict" in await event_types(db, (await ticket(db, 2)).id)
    assert "verdict" not in await event_types(db, first.id)


async def test_a_customers_settled_conversation_does_not_hide_their_open_one(db, desk):
    view = await a_ticket(db, desk, a_question(sender_handle="nora"))
    done = Resolve(ticket_id=view.id, actor=ANNA)
    await db.write(lambda tx: resolve(tx, desk, done), now=NOW + minutes(5))
    await arrive(db, desk, a_question(sender_handle="nora", sent_at=NOW + minutes(30)))
    await arrive(db, desk, a_copy())
    assert (await ticket(db, 2)).state == "answered"


async def test_a_question_of_more_than_a_week_ago_is_not_the_one_answered(db, desk):
    await arrive(db, desk, a_question())
    await arrive(db, desk, a_copy(sent_at=NOW + days(7) + minutes(1)))
    assert (await ticket(db)).state == "open"
    assert (await raw_states(db))[-1] == "held"


async def test_a_question_after_the_copy_is_not_the_one_answered(db, desk):
    await arrive(db, desk, a_question(sent_at=NOW + hours(2)))
    await arrive(db, desk, a_copy(), now=NOW + hours(3))
    assert (await ticket(db)).state == "open"


async def test_a_copy_that_cites_an_unknown_order_is_not_taken_for_a_namesakes(db, desk):
    await arrive(db, desk, a_question())
    await arrive(db, desk, a_copy(order="405-1"))
    assert (await ticket(db)).state == "open"
    assert (await raw_states(db))[-1] == "held"


async def test_a_copy_in_the_page_of_its_question_finds_it(db, desk):
    await arrive(db, desk, a_question(), a_copy(), now=NOW + hours(1))
    assert (await ticket(db)).state == "answered"


@pytest.mark.parametrize("order", [None, "405-1"])
async def test_a_copy_before_its_question_waits_for_it(db, desk, order):
    copy = a_copy(order=order)
    await arrive(db, desk, copy)
    (held,) = await rows(db, tables.raw_inbound)
    assert held.state == "held"
    assert NAME not in held.detail
    assert await count(db, tables.ticket) == 0
    question = a_question(order_id=order, own_keys=[f"order:{order}"] if order else [])
    await arrive(db, desk, question, now=NOW + hours(2))
    assert await read_again(db, desk, copy, at=NOW + hours(2)) == 1
    view = await ticket(db)
    assert view.state == "answered"
    assert {clock.stopped_at for clock in view.clocks} == {NOW + hours(1)}
    assert await raw_states(db) == ["done", "done"]


async def test_a_notice_of_the_order_is_no_question_and_the_copy_waits_on(db, desk):
    key = [ThreadKey(value="order:405-1")]
    await arrive(db, desk, an_inbound(verdict=Verdict.NOTICE, thread_keys=key, order_id="405-1"))
    await arrive(db, desk, a_copy(order="405-1"))
    assert await raw_states(db) == ["done", "held"]
    assert (await ticket(db)).state == "open"


async def test_a_question_of_somebody_else_leaves_the_copy_waiting(db, desk):
    await arrive(db, desk, a_copy())
    await arrive(db, desk, an_inbound(sender_name="Somebody Else"), now=NOW + hours(2))
    assert await raw_states(db) == ["held", "done"]


async def test_in_one_page_the_copy_may_stand_before_its_question(db, desk):
    copy = a_copy()
    await arrive(db, desk, copy, a_question(), now=NOW + hours(2))
    assert (await raw_states(db))[0] == "stored"
    await read_again(db, desk, copy, at=NOW + hours(2))
    assert (await ticket(db)).state == "answered"


async def test_after_a_day_nobody_waits_for_the_question_any_longer(db, desk):
    await arrive(db, desk, a_copy())
    await arrive(db, desk, a_question(), now=NOW + hours(26))
    assert await raw_states(db) == ["ignored", "done"]
    assert (await ticket(db)).state == "open"


async def test_the_platforms_copy_of_what_the_desk_sent_is_no_second_answer(db, desk):
    view = await a_ticket(db, desk, a_question(thread="c"))
    await answer(db, desk, view.id, at=NOW + minutes(30))
    again = a_question(thread="c", sent_at=NOW + minutes(40), sender_handle="same")
    await arrive(db, desk, again)
    await arrive(db, desk, a_copy(text="It arrives\ntomorrow."))
    assert (await ticket(db)).state == "open"
    assert "answered_elsewhere" not in await event_types(db, view.id)


async def test_the_copy_proves_that_an_answer_nobody_was_sure_of_arrived(db, desk):
    view = await a_ticket(db, desk, a_question())
    queued = await queue(db, desk, view.id, at=NOW + minutes(30))
    at = NOW + minutes(31)
    await db.write(lambda tx: reply_started(tx, queued.message_id), now=at)
    await db.write(lambda tx: reply_unsure(tx, desk, queued.message_id, "the line was cut"), now=at)
    await arrive(db, desk, a_copy(text="It arrives tomorrow."))
    assert (await ticket(db)).state == "answered"
    assert "reply_sent" in await event_types(db, view.id)


async def test_invariant_6_a_bounce_that_names_only_the_order_is_one_of_the_newest_answer(db, desk):
    view = await a_ticket(db, desk, a_question(thread="c"))
    await answer(db, desk, view.id, at=NOW + hours(1))
    blocked = an_inbound(thread="c", verdict=Verdict.BOUNCE, sent_at=NOW + hours(2))
    await arrive(db, desk, blocked)
    after = await ticket(db)
    assert (after.state, after.waiting_since) == ("open", NOW)
    assert after.clocks == view.clocks


async def test_an_answer_given_elsewhere_can_be_blocked_too(db, desk):
    await arrive(db, desk, a_question(own_keys=["order:405-1"], order_id="405-1"))
    await arrive(db, desk, a_copy(order="405-1"))
    assert (await ticket(db)).state == "answered"
    keys = [ThreadKey(value="order:405-1")]
    blocked = an_inbound(thread_keys=keys, verdict=Verdict.BOUNCE, sent_at=NOW + hours(2))
    await arrive(db, desk, blocked)
    assert (await ticket(db)).state == "open"


@pytest.mark.parametrize(
    "changes",
    [
        {"sent_at": NOW + days(9)},
        {"refers_to": ["<unknown@shop.example>"]},
        {"thread": None, "weak_thread": "from:nora"},
    ],
)
async def test_a_bounce_that_may_be_of_another_answer_is_only_logged(db, desk, changes):
    view = await a_ticket(db, desk, a_question(thread="c", weak_thread="from:nora"))
    await answer(db, desk, view.id, at=NOW + hours(1))
    fields = {"thread": "c", "sent_at": NOW + hours(2)} | changes
    await arrive(db, desk, an_inbound(verdict=Verdict.BOUNCE, **fields))
    assert (await ticket(db)).state == "answered"
    assert "verdict" in await event_types(db, view.id)


async def test_what_an_item_shows_of_the_platform_is_told_to_ops_once(db, desk):
    for number in range(3):
        new = an_inbound(
            thread=f"n{number}", verdict=Verdict.NOTICE, finding="a new type, BRAND_NEW"
        )
        await arrive(db, desk, new)
    assert (await effects(db)).count("post_ops") == 1
    (ops,) = [row for row in await rows(db, tables.outbox) if row.kind == "post_ops"]
    assert "BRAND_NEW" in ops.payload["text"]
