"""A past that is rebuilt ends where a desk would have ended that had been there."""

import random
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot.db import tables
from bot.usecases.backfill import (
    AnotherInbox,
    NoPast,
    Rebuilding,
    count_items,
    keep_page,
    open_past,
)
from bot.usecases.backfill_items import keep_item, past_message
from bot.usecases.backfill_page import Past, silent
from bot.usecases.figures import catch_up
from bot.usecases.ingest import ReadItem, ingest, store_page, stored_items
from connectors.capabilities import PastItem
from connectors.contract import Cursor, Page, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from sla_rules.vocabulary import Kind, Risk, Stage
from tests.builders import AMAZON, NOW, a_desk, an_inbound, days, hours, minutes, prepare
from tests.databases import new_file, open_database
from tests.db.outbox_world import HandClock
from tests.db.reading import count, rows, statements

LONG_AGO = NOW - days(90)

WORDS = (
    "Where is my parcel? It has not arrived.",
    "My lawyer will hear of this. I want my money back.",
    "Grazie mille, tutto bene!",
    "Ich möchte den Artikel zurückgeben, er ist kaputt.",
)
APART = frozenset({"ticket_id", "customer_id", "number", "mood_first", "mood_last"})
"""Columns that differ: ids and numbers, and what was read in words that are not kept."""


def items_of(messages):
    """Each message with the moment it came, in the order of time."""
    return sorted(
        ((each.sent_at + minutes(2), each) for each in messages), key=lambda pair: pair[0]
    )


def a_past(seed):
    """Three weeks of a few buyers: questions, answers, copies, claims and machines."""
    dice = random.Random(seed)
    found = []
    for number in range(12):
        at = NOW - days(25) + hours(dice.uniform(0, 24 * 14))
        order = f"407-{number:07}-1"
        case = f"case-{seed}-{number}"
        name = f"Buyer {number % 5}"
        stage = dice.choice((Stage.UNKNOWN, Stage.POST_SALE))
        for turn in range(dice.randint(1, 6)):
            at += hours(dice.choice((0.2, 1, 3, 9, 20, 40, 90)))
            base = {"thread": case, "sent_at": at, "text": dice.choice(WORDS)}
            found.append(
                an_inbound(
                    **{**base, **_sort(dice, order, turn)},
                    sender_name=name,
                    sender_handle=f"buyer{number}@marketplace.example",
                    stage=stage,
                    own_keys=(f"order:{order}",) if turn == 0 else (),
                )
            )
    return items_of(found)


def _sort(dice, order, turn):
    """What one item is, beside its text: mostly a question or its answer."""
    sorts: tuple[tuple[dict[str, Any], int], ...] = (
        ({}, 5),
        ({"order_id": order}, 3),
        ({"verdict": Verdict.ANSWERED_ELSEWHERE}, 5),
        (
            {
                "verdict": Verdict.ANSWERED_ELSEWHERE,
                "thread": "",
                "thread_keys": (ThreadKey(value=f"order:{order}"),),
                "answers_customer_named": "a buyer",
                "order_id": order,
            },
            2,
        ),
        ({"verdict": Verdict.ACKNOWLEDGEMENT}, 1),
        ({"verdict": Verdict.AUTO_REPLY}, 1),
        ({"verdict": Verdict.BOUNCE}, 1),
        ({"verdict": Verdict.NOTICE, "kind": Kind.NOTICE}, 1),
        ({"verdict": Verdict.CLAIM, "platform_limit": days(2)}, 1),
        ({"verdict": Verdict.CLAIM_CLOSED}, 1),
    )
    (chosen,) = dice.choices([each for each, _ in sorts], [weight for _, weight in sorts])
    return dict(chosen)


async def live(db, desk, past):
    """A desk that reads each item the moment it comes."""
    await prepare(db, desk, past[0][0])
    known = {message.external_id: message for _, message in past}
    for at, message in past:
        item = RawItem(source_id=message.external_id, received_at=at, payload=b"raw")
        page = Page(items=[item], cursor=Cursor(state={}))
        await db.write(lambda tx, page=page: store_page(tx, AMAZON, page), now=at)
        while waiting := await db.read(lambda conn: stored_items(conn, AMAZON)):
            read = [
                ReadItem(
                    raw_id=each.raw_id,
                    received_at=each.item.received_at,
                    message=known[each.item.source_id],
                )
                for each in waiting
            ]
            await db.write(lambda tx, read=read: ingest(tx, desk, AMAZON, read), now=at)
    await catch_up(db, desk, HandClock(NOW))


async def kept(db, desk, past, *, cursor="1"):
    """The same items, read as the past of the inbox."""
    known = {message.external_id: message for _, message in past}
    opened = await db.write(lambda tx: open_past(tx, desk, AMAZON), now=NOW)
    items = [
        keep_item(
            lambda one: known[one.item.source_id],
            PastItem(item=RawItem(source_id=message.external_id, received_at=at, payload=b"raw")),
        )
        for at, message in past
    ]
    page = Cursor(state={"at": cursor})
    new = await db.write(lambda tx: keep_page(tx, opened.inbox_id, items, page), now=NOW)
    return opened, new


async def rebuilt(db, desk, since=LONG_AGO):
    relived = await rebuilt_only(db, desk, since)
    await catch_up(db, desk, HandClock(NOW))
    return relived


async def rebuilt_only(db, desk, since=LONG_AGO):
    opened = await db.write(lambda tx: open_past(tx, desk, AMAZON), now=NOW)
    past = Past(desk=silent(desk), inbox=AMAZON, inbox_id=opened.inbox_id)
    rebuilding = Rebuilding(database=db, past=past, since=since)
    total = await rebuilding.begin(NOW)
    done = 0
    while done < total:
        done = await rebuilding.step(NOW)
    await rebuilding.finish(NOW)
    return past.relived


async def figures(db):
    """What was measured, by the names of the conversations."""

    def read(conn):
        threads = dict(
            conn.execute(select(tables.ticket.c.id, tables.ticket.c.external_thread)).all()
        )
        found = {}
        for table in (tables.ticket_figure, tables.wait_figure):
            for row in conn.execute(select(table)).mappings():
                facts = {name: row[name] for name in row if name not in APART | {"inbox_id"}}
                found[table.name, threads[row["ticket_id"]], row.get("instance")] = facts
        return found

    return await db.read(read)


def alone(desk):
    return replace(desk, inboxes={AMAZON: desk.inboxes[AMAZON]})


@pytest.mark.parametrize("seed", range(2))
async def test_the_past_is_measured_as_if_a_desk_had_been_there(db, desk, tmp_path, seed):
    past = a_past(seed)
    desk = alone(desk)
    await live(db, desk, past)
    beside = open_database(new_file(tmp_path / "past.db"))
    await kept(beside, desk, past)
    await rebuilt(beside, desk)
    expected = await figures(db)
    found = await figures(beside)
    await beside.close()
    assert found == expected
    assert any(key[0] == "wait_figure" for key in expected)


async def test_nothing_of_the_past_is_posted_sent_or_rung(db, desk):
    desk = alone(desk)
    await kept(db, desk, a_past(9))
    relived = await rebuilt(db, desk)
    assert relived.tickets
    assert [await count(db, table) for table in (tables.outbox, tables.ping)] == [0, 0]


async def test_no_word_of_a_message_is_kept(db, desk):
    desk = alone(desk)
    at = NOW - days(3)
    await kept(db, desk, items_of([an_inbound(sent_at=at, text="My lawyer will hear of this.")]))
    await rebuilt(db, desk)
    (message,) = await rows(db, tables.message)
    (raw,) = await rows(db, tables.raw_inbound)
    assert (message.body, message.full_body) == ("", "")
    assert b"lawyer" not in raw.payload
    # What the words were about is kept: the ticket is as grave as it was.
    (ticket,) = await rows(db, tables.ticket)
    assert Risk(ticket.risk) is not Risk.NORMAL


async def test_reading_and_rebuilding_again_changes_nothing(db, desk):
    desk = alone(desk)
    past = a_past(3)
    _, new = await kept(db, desk, past)
    await rebuilt(db, desk)
    before = await figures(db)
    opened, again = await kept(db, desk, past, cursor="2")
    await rebuilt(db, desk)
    assert (new, again, opened.items) == (len(past), 0, len(past))
    assert opened.cursor == Cursor(state={"at": "1"})
    assert await figures(db) == before
    assert await db.read(count_items) == len(past)


async def test_items_before_the_stretch_asked_for_do_not_count(db, desk):
    desk = alone(desk)
    old, new = NOW - days(60), NOW - days(2)
    await kept(db, desk, items_of([an_inbound(sent_at=old), an_inbound(sent_at=new)]))
    assert (await rebuilt(db, desk, since=NOW - days(30))).tickets == 1


async def test_conversations_of_one_hour_are_worked_on_together(db, desk):
    desk = alone(desk)
    counted = []
    for size in (5, 40):
        asked = [an_inbound(sent_at=NOW - hours(5), thread=f"{size}-{n}") for n in range(size)]
        again = [replace(each, external_id=f"{each.external_id}-2") for each in asked]
        later = [replace(each, sent_at=NOW - hours(4)) for each in again]
        await kept(db, desk, items_of([*asked, *later]))
        with statements(db) as seen:
            await rebuilt_only(db, desk)
        counted.append(len(seen))
    assert await count(db, tables.ticket) == 45
    assert counted[0] == counted[1]


async def test_an_item_nobody_can_read_stands_for_a_customer():
    item = RawItem(source_id="s-1", received_at=NOW, payload=b"?")

    def explain(_past):
        raise Malformed("mail", "broken")

    kept_one = keep_item(explain, PastItem(item=item))
    again = past_message(1, NOW, kept_one.content)
    assert not kept_one.readable
    assert (again.message.verdict, again.message.external_id) == (Verdict.CUSTOMER, "s-1")


async def test_a_file_of_another_inbox_is_not_taken(db):
    desk = a_desk()
    mine, other = alone(desk), replace(desk, inboxes={"shop": desk.inboxes["shop"]})
    await db.write(lambda tx: open_past(tx, other, "shop"), now=NOW)
    with pytest.raises(AnotherInbox, match='holds the past of "shop", not of "amazon-it"'):
        await db.write(lambda tx: open_past(tx, mine, AMAZON), now=NOW)


async def test_a_desks_own_database_is_never_emptied(db, desk):
    desk = alone(desk)
    await prepare(db, desk)
    await db.write(
        lambda tx: tx.conn.execute(update(tables.inbox).values(lease_owner="host:17")), now=NOW
    )
    with pytest.raises(NoPast, match="Name a file of its own"):
        await db.write(lambda tx: open_past(tx, desk, AMAZON), now=NOW)
    total = await db.read(lambda conn: conn.scalar(select(func.count()).select_from(tables.inbox)))
    assert total == 1
