from decimal import Decimal

import pytest
from sqlalchemy import update

from bot.db import queries, tables
from bot.errors import NoSuchTicket
from bot.usecases.claim import Claim, claim
from connectors.contract import Verdict
from sla_rules.vocabulary import Scope
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    SHOP,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    prepare,
    queue,
    ticket,
)
from tests.db.reading import fire, mark_posted

pytestmark = pytest.mark.postgres


async def numbers(db, which="all", user=ANNA, **options):
    found = await db.read(lambda conn: queries.queue(conn, which, user, NOW, **options))
    return [row.number for row in found]


async def test_a_ticket_is_found_by_number_id_and_thread(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    by_thread = await db.read(lambda conn: queries.ticket_by_thread(conn, "C0AMAZON", "1.000100"))
    by_id = await db.read(lambda conn: queries.ticket_by_id(conn, view.id))
    assert by_thread == by_id == await ticket(db, view.number)
    assert by_id.permalink == "https://x.example"


async def test_what_is_not_there_is_none(db):
    assert await db.read(lambda conn: queries.ticket_by_number(conn, 9)) is None
    assert await db.read(lambda conn: queries.ticket_by_id(conn, 9)) is None
    assert await db.read(lambda conn: queries.ticket_by_thread(conn, "C0", "1.0")) is None
    assert await db.read(lambda conn: queries.event(conn, 9)) is None
    assert await db.read(lambda conn: queries.message(conn, 9)) is None
    assert await db.read(lambda conn: queries.reply_command(conn, 9)) is None
    assert await db.read(lambda conn: queries.pings(conn, [])) == []
    with pytest.raises(NoSuchTicket):
        await db.read(lambda conn: queries.ticket_view(conn, 9))


async def test_the_queue_is_ordered_by_what_is_due_next(db, desk):
    await arrive(db, desk, an_inbound(sent_at=NOW))
    await arrive(db, desk, an_inbound(sent_at=NOW - hours(4)), now=NOW)
    await arrive(db, desk, an_inbound(verdict=Verdict.CLAIM, sent_at=NOW), now=NOW)
    await arrive(db, desk, an_inbound(verdict=Verdict.NOTICE, sent_at=NOW), now=NOW)
    assert await numbers(db) == [3, 2, 1, 4]
    assert await numbers(db, limit=2) == [3, 2]
    first = (await db.read(lambda conn: queries.queue(conn, "all", ANNA, NOW)))[0]
    assert (first.next_scope, first.customer_name) == (Scope.INTERNAL, "Mara Rinaldi")


async def test_the_queue_shows_mine_and_what_nobody_has(db, desk):
    await arrive(db, desk, an_inbound(), an_inbound(), an_inbound())
    mine = await ticket(db, 2)
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=mine.id, actor=ANNA)), now=NOW)
    assert await numbers(db, "mine") == [2]
    assert await numbers(db, "mine", "U0BRUNO") == []
    assert await numbers(db, "unclaimed") == [1, 3]


async def test_the_queue_of_one_inbox(db, desk):
    await arrive(db, desk, an_inbound())
    await arrive(db, desk, an_inbound(), inbox=SHOP)
    assert await numbers(db, inbox=SHOP) == [2]


async def test_what_is_answered_waits_in_no_queue(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    assert await numbers(db) == []


async def test_a_conversation_has_both_sides_in_order(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c", text="first"))
    await answer(db, desk, view.id, at=NOW + hours(1))
    await arrive(db, desk, an_inbound(thread="c", text="last", sent_at=NOW + hours(2)))
    found = await db.read(lambda conn: queries.conversation(conn, view.id))
    assert [each.body for each in found] == ["first", "It arrives tomorrow.", "last"]
    assert [each.direction for each in found] == ["in", "out", "in"]


async def test_a_history_is_told_in_order(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    found = await db.read(lambda conn: queries.events(conn, view.id))
    assert [each.type for each in found] == ["opened", "claimed", "reply_queued", "reply_sent"]
    one = await db.read(lambda conn: queries.event(conn, found[0].id))
    assert one == found[0]


async def test_a_card_shows_the_clock_that_runs_now(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    await answer(db, desk, view.id, at=NOW + hours(1))
    await arrive(db, desk, an_inbound(thread="c", sent_at=NOW + hours(2)))
    clocks = (await ticket(db)).clocks
    assert [(clock.metric, clock.instance) for clock in clocks] == [("next_response", 1)] * 2
    assert clocks[0].due_at < clocks[1].due_at


async def test_a_message_of_ours_is_shown_with_its_state(db, desk):
    view = await a_ticket(db, desk)
    queued = await queue(db, desk, view.id, at=NOW)
    message = await db.read(lambda conn: queries.message(conn, queued.message_id))
    assert (message.state, message.agent, message.sender_name) == ("queued", ANNA, "Anna Bassi")


async def test_the_status_of_the_desk_inbox_by_inbox(db, desk):
    await arrive(db, desk, an_inbound(), an_inbound(sent_at=NOW - hours(11)), now=NOW)
    late = an_inbound(sent_at=NOW - hours(13))
    await arrive(db, desk, late, now=NOW, received_at=NOW - hours(13))
    await fire(db, desk, NOW)
    status = await db.read(lambda conn: queries.sla_status(conn, NOW))
    amazon, shop = status.inboxes
    assert (amazon.name, shop.name) == (AMAZON, SHOP)
    assert (amazon.open, amazon.unclaimed, amazon.due_soon, amazon.missed) == (3, 3, 1, 1)
    assert amazon.oldest_waiting == NOW - hours(13)
    assert amazon.next_due_at == NOW - hours(1)
    assert (shop.open, shop.oldest_waiting) == (0, None)
    assert (status.open, status.due_soon, status.missed) == (3, 1, 1)


async def test_the_status_of_an_empty_desk(db, desk):
    await prepare(db, desk)
    status = await db.read(lambda conn: queries.sla_status(conn, NOW))
    assert (status.open, len(status.inboxes)) == (0, 2)


async def test_what_a_customer_spent_is_in_their_own_currency_whatever_this_order_cost(db, desk):
    priced = an_inbound(order_value=Decimal(40), currency="GBP")
    view = await a_ticket(db, desk, priced)
    spent = update(tables.customer).values(lifetime_value=812.5, currency="EUR")
    await db.write(lambda tx: tx.conn.execute(spent), now=NOW)
    found = await ticket(db, view.number)
    assert (found.lifetime_value, found.currency) == (812.5, "EUR")
