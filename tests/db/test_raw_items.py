import pytest

from bot.db import tables
from bot.usecases.ingest import begin_reading, ingest, store_page, stored_items
from tests.builders import AMAZON, NOW, SHOP, a_page, a_raw_item, an_inbound, arrive, prepare
from tests.db.reading import count, rows

pytestmark = pytest.mark.postgres


async def test_a_page_is_stored_with_its_cursor(db, desk):
    await prepare(db, desk)
    page = a_page([a_raw_item(b"\x00\xff raw"), a_raw_item()], uidvalidity=7, last_uid=42)
    assert await db.write(lambda tx: store_page(tx, AMAZON, page), now=NOW) == 2
    (inbox,) = await rows(db, tables.inbox, name=AMAZON)
    assert inbox.cursor == {"uidvalidity": 7, "last_uid": 42}
    assert inbox.last_ok_at == NOW
    stored = await db.read(lambda conn: stored_items(conn, AMAZON))
    assert [each.item for each in stored] == list(page.items)
    assert [each.attempts for each in stored] == [0, 0]


async def test_the_same_page_again_stores_nothing_new(db, desk):
    await prepare(db, desk)
    page = a_page([a_raw_item(), a_raw_item()])
    await db.write(lambda tx: store_page(tx, AMAZON, page), now=NOW)
    again = a_page([*page.items, a_raw_item()])
    assert await db.write(lambda tx: store_page(tx, AMAZON, again), now=NOW) == 1
    assert await count(db, tables.raw_inbound) == 3


async def test_an_item_twice_in_one_page_is_stored_once(db, desk):
    await prepare(db, desk)
    item = a_raw_item()
    assert await db.write(lambda tx: store_page(tx, AMAZON, a_page([item, item])), now=NOW) == 1


async def test_two_inboxes_may_know_the_same_source_id(db, desk):
    await prepare(db, desk)
    page = a_page([a_raw_item()])
    assert await db.write(lambda tx: store_page(tx, AMAZON, page), now=NOW) == 1
    assert await db.write(lambda tx: store_page(tx, SHOP, page), now=NOW) == 1


async def test_invariant_1_the_cursor_never_passes_an_item_that_is_not_stored(db, desk):
    await prepare(db, desk)
    before = a_page([a_raw_item()], last_uid=1)
    await db.write(lambda tx: store_page(tx, AMAZON, before), now=NOW)

    def dies_before_the_commit(tx):
        store_page(tx, AMAZON, a_page([a_raw_item()], last_uid=2))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await db.write(dies_before_the_commit, now=NOW)
    (inbox,) = await rows(db, tables.inbox, name=AMAZON)
    assert inbox.cursor == {"last_uid": 1}
    assert await count(db, tables.raw_inbound) == 1


async def test_an_empty_page_moves_the_cursor(db, desk):
    await prepare(db, desk)
    assert await db.write(lambda tx: store_page(tx, AMAZON, a_page([], last_uid=9)), now=NOW) == 0
    (inbox,) = await rows(db, tables.inbox, name=AMAZON)
    assert inbox.cursor == {"last_uid": 9}


async def test_a_page_for_an_inbox_nobody_configured_is_refused(db, desk):
    with pytest.raises(LookupError, match="sync_inboxes"):
        await db.write(lambda tx: store_page(tx, "nobody", a_page([])), now=NOW)


async def test_a_try_is_counted_before_the_item_is_read(db, desk):
    await prepare(db, desk)
    await db.write(lambda tx: store_page(tx, AMAZON, a_page([a_raw_item()])), now=NOW)
    (item,) = await db.read(lambda conn: stored_items(conn, AMAZON))
    await db.write(lambda tx: begin_reading(tx, [item.raw_id]), now=NOW)
    (again,) = await db.read(lambda conn: stored_items(conn, AMAZON))
    assert again.attempts == 1


async def test_what_was_taken_is_not_handed_out_again(db, desk):
    await arrive(db, desk, an_inbound())
    assert await db.read(lambda conn: stored_items(conn, AMAZON)) == []


async def test_taking_nothing_does_nothing(db, desk):
    await prepare(db, desk)
    report = await db.write(lambda tx: ingest(tx, desk, AMAZON, []), now=NOW)
    assert report.taken == 0
