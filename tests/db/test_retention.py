"""When words go by themselves, and what keeps them."""

from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select, update

from bot.db import tables
from bot.db.retention_rows import kept_tickets
from bot.domain.chain import chain_key
from bot.domain.effects import EffectKind
from bot.jobs.retention import RetentionWatch
from bot.usecases.forget import Held, StillBusy, may_be_forgotten, people, remember_wish
from bot.usecases.history import prove_history, seal_history
from bot.usecases.legal_hold import hold_customer, hold_ticket, let_go
from bot.usecases.merge import Merge, merge
from bot.usecases.order_context import keep_context
from connectors.capabilities import Order, OrderContext
from connectors.selling_partner.policy import DATA_RULES
from tests.builders import (
    AMAZON,
    ANNA,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    ticket,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import mark_posted, rows
from tests.sealing import KEY, sealing

pytestmark = pytest.mark.postgres(first=2)

BUYER = "mara@buyer.example"


def keeping(**changes):
    plain = a_desk()
    routes = {name: replace(each, **changes) for name, each in plain.inboxes.items()}
    return replace(plain, inboxes=routes)


async def purge(db, desk, at):
    clock = HandClock(at)
    return await RetentionWatch(db, lambda: desk, clock, KEY).purge()


async def answered(db, desk, message=None, **more):
    asked = await a_ticket(db, desk, message or an_inbound(sender_handle=BUYER), **more)
    await answer(db, desk, asked.id, at=NOW + hours(1))
    return asked


async def kept(db, inbox=AMAZON):
    return await db.read(lambda conn: kept_tickets(conn, inbox, 0, 100))


async def test_words_go_so_many_days_after_the_last_message_and_no_sooner(db):
    desk = keeping(keep_days=30)
    asked = await answered(db, desk)
    await mark_posted(db, asked.id)
    await db.write(lambda tx: seal_history(tx, chain_key(KEY)), now=NOW)

    assert not (await purge(db, desk, NOW + days(30))).anything
    done = await purge(db, desk, NOW + days(30) + hours(2))

    assert done.tickets == {AMAZON: 1}
    assert await kept(db) == []
    (row,) = await rows(db, tables.ticket)
    assert (row.subject, row.external_thread) == ("", f"purged:{asked.id}")
    said = await rows(db, tables.message)
    assert [(each.body, each.sender_name, each.reply_context) for each in said] == [
        ("", "", None)
    ] * 2
    (customer,) = await rows(db, tables.customer)
    assert (customer.handle, customer.display_name) == (f"removed-{customer.id:x}", "")
    assert [bytes(each.payload) for each in await rows(db, tables.raw_inbound)] == [b""]
    thread = await rows(db, tables.outbox, kind=EffectKind.ERASE_THREAD)
    assert [each.payload["ts"] for each in thread] == ["1.000100"]
    key = chain_key(KEY)
    assert (await db.read(lambda conn: prove_history(conn, {key.name: key}))).ok
    assert not (await purge(db, desk, NOW + days(31))).anything


async def test_an_open_ticket_a_hold_and_an_inbox_without_a_rule_keep_them(db):
    desk = keeping(keep_days=30)
    unruled = replace(desk.inboxes[SHOP], keep_days=None)
    desk = replace(desk, inboxes={**desk.inboxes, SHOP: unruled})
    held, theirs, free = [await answered(db, desk, an_inbound()) for _ in range(3)]
    waiting = await a_ticket(db, desk)
    shop = await answered(db, desk, inbox=SHOP)
    customer = next(r.customer_id for r in await rows(db, tables.ticket) if r.id == theirs.id)
    one = await db.write(
        lambda tx: hold_ticket(tx, held.number, reason="dispute", by="Dora"), now=NOW
    )
    await db.write(lambda tx: hold_customer(tx, customer, reason="audit", by="Dora"), now=NOW)

    await purge(db, desk, NOW + days(40))
    assert await kept(db) == [held.id, theirs.id, waiting.id]
    assert await kept(db, SHOP) == [shop.id]
    assert free.number

    await db.write(lambda tx: let_go(tx, one, by="Dora"), now=NOW + days(41))
    await purge(db, desk, NOW + days(41))
    assert await kept(db) == [theirs.id, waiting.id]


async def test_a_platforms_rules_count_from_the_delivery_where_it_is_known(db):
    sealed = await sealing(db)
    desk = keeping(data_rules=DATA_RULES)
    orders = ("405-0000001-0000001", "405-0000002-0000002")
    early, late = [await answered(sealed, desk, an_inbound(order_id=each)) for each in orders]
    unknown = await answered(sealed, desk, an_inbound())
    for asked, order, delivered in (
        (early, orders[0], NOW - days(20)),
        (late, orders[1], NOW + days(5)),
    ):
        told = OrderContext(orders=(Order(order_id=order, delivered_at=delivered),))
        keep = partial(keep_context, desk=desk, ticket_id=asked.id, told=told)
        await sealed.write(keep, now=NOW)

    await purge(sealed, desk, NOW + days(9))
    assert await kept(sealed) == [early.id, late.id, unknown.id]
    await purge(sealed, desk, NOW + days(10) + hours(1))
    assert await kept(sealed) == [late.id, unknown.id]
    await purge(sealed, desk, NOW + days(30) + hours(2))
    assert await kept(sealed) == [late.id]
    await purge(sealed, desk, NOW + days(35) + hours(1))
    assert await kept(sealed) == []


async def test_a_merged_conversation_goes_with_the_one_it_went_on_in(db):
    desk = keeping(keep_days=30)
    first = await answered(db, desk)
    second = await a_ticket(db, desk, an_inbound(sender_handle=BUYER))
    command = Merge(ticket_id=first.id, actor=ANNA, into_id=second.id)
    await db.write(lambda tx: merge(tx, desk, command), now=NOW + hours(2))

    await purge(db, desk, NOW + days(40))
    assert await kept(db) == [first.id, second.id]

    await answer(db, desk, second.id, at=NOW + days(41))
    await purge(db, desk, NOW + days(80))
    await purge(db, desk, NOW + days(80))
    assert await kept(db) == []


async def test_words_that_a_merge_took_into_a_later_ticket_go_as_well(db):
    desk = a_desk()
    hers = await answered(db, desk, an_inbound(sender_handle=BUYER, text="Call Mara"))
    (person,) = await db.read(lambda conn: people(conn, handle=BUYER, inbox=None))
    await db.write(lambda tx: remember_wish(tx, person, KEY), now=NOW + hours(2))
    again = an_inbound(sender_handle=BUYER, text="A new matter", sent_at=NOW + hours(3))
    later = await a_ticket(db, desk, again)
    command = Merge(ticket_id=hers.id, actor=ANNA, into_id=later.id)
    await db.write(lambda tx: merge(tx, desk, command), now=NOW + hours(4))
    sent = update(tables.outbox).where(tables.outbox.c.state == "ready").values(state="sent")
    places = sent.values(result={"channel": "C1", "ts": "7.7"})
    await db.write(lambda tx: tx.conn.execute(places), now=NOW + hours(4))

    await purge(db, desk, NOW + hours(5))

    assert sorted(each.body for each in await rows(db, tables.message)) == ["", "", "A new matter"]
    assert "Call Mara" not in repr(await rows(db, tables.ticket_event))
    gone = await rows(db, tables.outbox, kind=EffectKind.ERASE_POST)
    assert [each.payload["ts"] for each in gone] == ["7.7"]


async def test_who_writes_again_after_that_is_somebody_new(db):
    desk = keeping(keep_days=30)
    again = an_inbound(thread="case-a", sender_handle=BUYER)
    await answered(db, desk, again)
    await purge(db, desk, NOW + days(40))

    later = an_inbound(thread="case-a", sender_handle=BUYER, sent_at=NOW + days(41))
    await arrive(db, desk, again, later, now=NOW + days(41))

    assert (await ticket(db, 2)).customer_handle == BUYER
    assert [each.number for each in await rows(db, tables.ticket)] == [1, 2]


async def test_nobody_is_forgotten_while_they_wait_or_a_hold_forbids_it(db):
    desk = a_desk()
    asked = await a_ticket(db, desk, an_inbound(sender_handle=BUYER))
    (person,) = await db.read(lambda conn: people(conn, handle=BUYER.upper(), inbox=AMAZON))
    with pytest.raises(StillBusy, match="#1"):
        await db.read(lambda conn: may_be_forgotten(conn, [person.id]))

    await answer(db, desk, asked.id, at=NOW + hours(1))
    await db.read(lambda conn: may_be_forgotten(conn, [person.id]))
    hold = await db.write(lambda tx: hold_ticket(tx, 1, reason="dispute", by="Dora"), now=NOW)
    with pytest.raises(Held, match=rf"hold {hold} on #1 \(dispute"):
        await db.read(lambda conn: may_be_forgotten(conn, [person.id]))


async def test_who_was_forgotten_is_forgotten_again_after_a_backup_was_put_back(db):
    desk = a_desk()
    asked = await answered(db, desk)
    (person,) = await db.read(lambda conn: people(conn, handle=BUYER, inbox=None))
    wish = NOW + days(1)
    await db.write(lambda tx: remember_wish(tx, person, KEY), now=wish)
    await purge(db, desk, wish)
    assert await kept(db) == []
    assert BUYER not in repr(await rows(db, tables.forgotten))

    def restored(tx):
        mine, theirs = tables.ticket.c.id == asked.id, tables.customer.c.id == person.id
        back = {"purged_at": None, "subject": "Lamp"}
        tx.conn.execute(update(tables.ticket).where(mine).values(**back))
        name = {"handle": BUYER, "forgotten_at": None}
        tx.conn.execute(update(tables.customer).where(theirs).values(**name))
        tx.conn.execute(update(tables.forgotten).values(applied_at=None))

    await db.write(restored, now=wish + days(1))
    later = an_inbound(sender_handle=BUYER, sent_at=wish + days(1))
    again = await a_ticket(db, desk, later)
    await purge(db, desk, wish + days(2))

    assert await kept(db) == [again.id]
    applied = await db.read(lambda conn: conn.scalar(select(tables.forgotten.c.applied_at)))
    assert applied is not None
