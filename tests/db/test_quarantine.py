import pytest

from bot.db import queries, tables
from bot.usecases.ingest import ReadItem, ingest, stored_items
from bot.usecases.quarantine import (
    Retry,
    count_quarantined,
    quarantined,
    quarantined_item,
    retry,
)
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Verdict
from connectors.errors import Malformed
from tests.builders import AMAZON, ANNA, NOW, SHOP, an_inbound, arrive, minutes, ticket
from tests.db.reading import effects, event_types, last_event, rows

pytestmark = pytest.mark.postgres(first=2)

BROKEN = Malformed("sent_at", "'tomorrow' is no instant")


async def unreadable(db, desk, inbox=AMAZON):
    await arrive(db, desk, BROKEN, inbox=inbox)
    return (await db.read(quarantined))[0]


async def read_again(db, desk, item, outcome):
    """The item is retried, and its reader now says `outcome`."""
    at = NOW + minutes(9)
    assert await db.write(lambda tx: retry(tx, Retry(ids=[item.id])), now=at) == 1
    (stored,) = await db.read(lambda conn: stored_items(conn, item.inbox))
    assert stored.attempts == 0
    read = ReadItem(
        raw_id=stored.raw_id,
        received_at=stored.item.received_at,
        message=outcome if not isinstance(outcome, Malformed) else None,
        error=outcome if isinstance(outcome, Malformed) else None,
    )
    return await db.write(lambda tx: ingest(tx, desk, item.inbox, [read]), now=at)


async def test_what_could_not_be_read_is_listed_with_its_ticket_and_without_its_words(db, desk):
    item = await unreadable(db, desk)
    assert (item.inbox, item.ticket, item.pointer) == (AMAZON, 1, "sent_at")
    assert await db.read(count_quarantined) == 1
    found = await db.read(lambda conn: quarantined_item(conn, item.id))
    assert found is not None
    assert found[1].startswith(b"raw mail")


async def test_an_item_that_can_be_read_now_joins_its_conversation_and_its_placeholder_ends(
    db, desk
):
    item = await unreadable(db, desk)
    await arrive(db, desk, an_inbound(thread="case-7"))
    await read_again(db, desk, item, an_inbound(thread="case-7", text="And my refund?"))

    assert (await ticket(db, 1)).state == "resolved"
    real = await ticket(db, 2)
    assert real.state == "open"
    assert real.last_customer_message is not None
    assert real.last_customer_message.body == "And my refund?"
    said = await last_event(db, (await ticket(db, 1)).id, "resolved")
    assert "#2" in said.data["reason"]
    assert await db.read(count_quarantined) == 0


async def test_an_item_that_can_be_read_now_may_open_a_ticket_of_its_own(db, desk):
    item = await unreadable(db, desk)
    report = await read_again(db, desk, item, an_inbound(text="Where is it?"))

    assert report.opened == 1
    assert (await ticket(db, 1)).state == "resolved"
    assert (await ticket(db, 2)).state == "open"
    said = await last_event(db, (await ticket(db, 1)).id, "resolved")
    assert "#2" in said.data["reason"]


async def test_an_item_that_still_cannot_be_read_stays_where_it_is_and_nothing_doubles(db, desk):
    item = await unreadable(db, desk)
    before = await effects(db)
    await read_again(db, desk, item, BROKEN)

    assert await db.read(count_quarantined) == 1
    assert len(await rows(db, tables.ticket)) == 1
    assert len(await rows(db, tables.message)) == 1
    assert await effects(db) == before


async def test_read_twice_again_it_is_taken_once(db, desk):
    item = await unreadable(db, desk)
    await read_again(db, desk, item, BROKEN)
    await read_again(db, desk, item, an_inbound())
    assert len(await rows(db, tables.ticket)) == 2
    assert await db.write(lambda tx: retry(tx, Retry()), now=NOW) == 0


async def test_what_turns_out_to_be_nobodys_question_ends_its_placeholder_as_well(db, desk):
    item = await unreadable(db, desk)
    await read_again(db, desk, item, an_inbound(verdict=Verdict.BULK, reason="a newsletter"))

    placeholder = await ticket(db, 1)
    assert placeholder.state == "resolved"
    assert len(await rows(db, tables.ticket)) == 1
    (raw,) = await rows(db, tables.raw_inbound)
    assert (raw.state, raw.detail) == ("ignored", "a newsletter")


async def test_a_placeholder_somebody_resolved_is_left_alone(db, desk):
    item = await unreadable(db, desk)
    await db.write(
        lambda tx: resolve(tx, desk, Resolve(ticket_id=_id(tx), actor=ANNA)), now=NOW + minutes(1)
    )
    await read_again(db, desk, item, an_inbound())
    types = await event_types(db, (await ticket(db, 1)).id)
    assert types.count("resolved") == 1


def _id(tx):
    found = queries.ticket_by_number(tx.conn, 1)
    assert found is not None
    return found.id


async def test_one_inbox_can_be_retried_alone(db, desk):
    await unreadable(db, desk)
    await unreadable(db, desk, SHOP)
    assert await db.write(lambda tx: retry(tx, Retry(inbox=SHOP)), now=NOW) == 1
    assert [item.inbox for item in await db.read(quarantined)] == [AMAZON]
