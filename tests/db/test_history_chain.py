"""The chain over the history: whatever is done to the past is named."""

import asyncio

import pytest
from sqlalchemy import delete, insert, select, update

from bot.db import tables
from bot.db.history_rows import mark_erased
from bot.db.ids import first_id
from bot.domain.chain import Fault, chain_key, read_head
from bot.usecases.history import BATCH, head_now, prove_history, seal_history
from tests.builders import ANNA, NOW, days, hours, minutes

pytestmark = pytest.mark.postgres(first=1)

KEY = chain_key(b"the instance key of a test")
E = tables.ticket_event.c
L = tables.history_link.c


async def a_history(db, count, *, at=NOW):
    """Some events, a minute apart, sealed; their ids."""
    ids = []
    for number in range(count):
        done_at = at + minutes(number)
        ids.append(
            await db.write(
                lambda tx: tx.record(None, "noted", actor=ANNA, words="è vero", share=0.1),
                now=done_at,
            )
        )
    await seal(db, at + minutes(count))
    return ids


async def seal(db, now):
    return await db.write(lambda tx: seal_history(tx, KEY), now=now)


async def proof(db, **noted):
    return await db.read(lambda conn: prove_history(conn, {KEY.name: KEY}, **noted))


async def change(db, statement):
    await db.write(lambda tx: tx.conn.execute(statement), now=NOW + days(1))


def found(result):
    return [(each.fault, each.event_id) for each in result.breaks]


async def test_a_history_nobody_touched_is_proven(db):
    await a_history(db, 5)
    await a_history(db, 3, at=NOW + days(30))

    result = await proof(db)

    assert result.ok
    assert result.links == 8
    assert result.head == await db.read(head_now)


@pytest.mark.parametrize(
    "values",
    [{"actor": "U0EVA"}, {"type": "other"}, {"at": NOW}, {"data": {"words": "no"}}, {"data": None}],
    ids=lambda values: "-".join(values) + str(values.get("data", "")),
)
async def test_a_changed_event_is_named(db, values):
    ids = await a_history(db, 4)
    await change(db, update(tables.ticket_event).where(E.id == ids[2]).values(**values))

    assert found(await proof(db)) == [(Fault.CHANGED, ids[2])]


async def test_a_deleted_event_is_named(db):
    ids = await a_history(db, 4)
    await change(db, delete(tables.ticket_event).where(E.id == ids[1]))

    assert found(await proof(db)) == [(Fault.MISSING, ids[1])]


async def test_an_event_deleted_with_its_link_is_seen(db):
    ids = await a_history(db, 4)
    await change(db, delete(tables.ticket_event).where(E.id == ids[1]))
    await change(db, delete(tables.history_link).where(L.event_id == ids[1]))

    assert found(await proof(db)) == [(Fault.UNTIED, ids[2])]


async def test_two_links_that_changed_places_are_seen(db):
    ids = await a_history(db, 4)
    for seq, other in ((2, 99), (3, 2), (99, 3)):
        await change(db, update(tables.history_link).where(L.seq == seq).values(seq=other))

    assert {fault for fault, _ in found(await proof(db))} == {Fault.UNTIED}
    assert ids


async def test_an_event_put_in_later_is_never_sealed_and_is_named(db):
    await a_history(db, 4)
    old = first_id(NOW - days(3))
    row = {"id": old, "ticket_id": None, "type": "forged", "actor": ANNA, "at": NOW, "data": None}
    await change(db, insert(tables.ticket_event).values(**row))
    await seal(db, NOW + days(1))

    assert found(await proof(db)) == [(Fault.UNSEALED, old)]


async def test_a_chain_that_was_cut_off_lacks_the_end_that_was_noted(db):
    ids = await a_history(db, 4)
    noted = read_head((await proof(db)).head)
    await change(db, delete(tables.history_link).where(L.seq == 4))
    await change(db, delete(tables.ticket_event).where(E.id == ids[3]))

    assert (await proof(db)).ok
    assert found(await proof(db, noted=noted)) == [(Fault.CUT_OFF, None)]


async def test_who_has_not_the_key_cannot_make_a_chain_that_fits(db):
    await a_history(db, 2)
    await change(db, delete(tables.history_link))
    await change(
        db, update(tables.counter).where(tables.counter.c.name == "history_link").values(value=0)
    )
    await db.write(lambda tx: seal_history(tx, chain_key(b"guessed")), now=NOW + hours(1))

    assert {fault for fault, _ in found(await proof(db))} == {Fault.UNKNOWN_KEY}


async def test_words_taken_out_on_purpose_leave_the_chain_whole(db):
    ids = await a_history(db, 3)

    def erase(tx):
        tx.conn.execute(update(tables.ticket_event).where(E.id == ids[0]).values(data={}))
        mark_erased(tx.conn, [ids[0]], tx.now)

    await db.write(erase, now=NOW + days(31))

    result = await proof(db)
    assert result.ok
    assert result.erased == 1


async def test_events_of_a_process_that_stopped_at_once_are_sealed_days_later(db):
    await a_history(db, 2)
    await db.write(lambda tx: tx.record(None, "last", actor=ANNA), now=NOW + minutes(5))

    assert await seal(db, NOW + days(9)) == 1
    assert (await proof(db)).ok


async def test_two_processes_make_one_chain(db):
    await db.write(
        lambda tx: [tx.record(None, "noted", actor=ANNA) for _ in range(BATCH + 20)], now=NOW
    )

    await asyncio.gather(*(seal(db, NOW + minutes(1)) for _ in range(4)))

    while await seal(db, NOW + minutes(2)):
        pass
    result = await proof(db)
    assert result.ok
    assert result.links == BATCH + 20
    length = await db.read(lambda conn: len(conn.execute(select(L.seq)).all()))
    assert length == BATCH + 20
