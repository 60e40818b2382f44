import pytest

from bot.db import tables
from bot.usecases.inboxes import (
    ALARM_AFTER,
    inbox_state,
    lease_inbox,
    note_failure,
    note_ok,
    release_inbox,
    sync_inboxes,
)
from bot.usecases.ingest import store_page
from connectors.contract import Cursor
from tests.builders import AMAZON, NOW, SHOP, a_desk, a_page, minutes, prepare
from tests.db.reading import count, effects, rows

pytestmark = pytest.mark.postgres


async def leasing(db, owner, at=NOW, name=AMAZON):
    return await db.write(lambda tx: lease_inbox(tx, name, owner, at + minutes(5)), now=at)


async def state(db, name=AMAZON):
    return await db.write(lambda tx: inbox_state(tx, name), now=NOW)


async def test_every_configured_inbox_has_one_row(db, desk):
    for _ in range(2):
        await prepare(db, desk)
    assert {row.name: row.connector for row in await rows(db, tables.inbox)} == {
        AMAZON: "amazon",
        SHOP: "website",
    }


async def test_a_removed_inbox_keeps_its_row(db, desk):
    await prepare(db, desk)
    empty = a_desk(inboxes={})
    await db.write(lambda tx: sync_inboxes(tx, empty), now=NOW)
    assert await count(db, tables.inbox) == 2


async def test_one_process_reads_an_inbox(db, desk):
    await prepare(db, desk)
    assert await leasing(db, "one")
    assert not await leasing(db, "other")
    assert await leasing(db, "one", NOW + minutes(1))
    assert await leasing(db, "other", name=SHOP)


async def test_the_inbox_of_a_process_that_died_is_read_by_another(db, desk):
    await prepare(db, desk)
    assert await leasing(db, "one")
    assert not await leasing(db, "other", NOW + minutes(4))
    assert await leasing(db, "other", NOW + minutes(5))
    await db.write(lambda tx: release_inbox(tx, AMAZON, "one"), now=NOW + minutes(6))
    assert not await leasing(db, "one", NOW + minutes(6))


async def test_a_released_inbox_is_free_at_once(db, desk):
    await prepare(db, desk)
    await leasing(db, "one")
    await db.write(lambda tx: release_inbox(tx, AMAZON, "one"), now=NOW)
    assert await leasing(db, "other")


async def test_an_unknown_inbox_can_be_neither_leased_nor_read(db, desk):
    assert not await leasing(db, "one")
    assert await state(db) is None


async def test_a_reader_goes_on_where_the_last_one_stopped(db, desk):
    await prepare(db, desk)
    assert (await state(db)).cursor is None
    await db.write(lambda tx: store_page(tx, AMAZON, a_page([], last_uid=7)), now=NOW)
    assert (await state(db)).cursor == Cursor(state={"last_uid": 7})


async def test_invariant_10_a_source_that_fails_again_and_again_is_an_alarm_once(db, desk):
    await prepare(db, desk)
    for failure in range(1, ALARM_AFTER + 3):
        await db.write(
            lambda tx: note_failure(tx, AMAZON, "connection refused", paused=False),
            now=NOW + minutes(failure),
        )
        expected = ["post_ops"] if failure >= ALARM_AFTER else []
        assert await effects(db) == expected
    assert (await state(db)).failures == ALARM_AFTER + 2
    assert (await state(db, SHOP)).failures == 0


async def test_a_refused_password_is_told_at_once_and_forgotten_when_it_works(db, desk):
    await prepare(db, desk)
    await db.write(lambda tx: note_failure(tx, AMAZON, "login refused", paused=True), now=NOW)
    assert await effects(db) == ["post_ops"]
    assert (await state(db)).paused_reason == "login refused"
    await db.write(lambda tx: note_ok(tx, AMAZON), now=NOW + minutes(5))
    mended = await state(db)
    assert (mended.paused_reason, mended.failures) == (None, 0)
    assert mended.last_ok_at == NOW + minutes(5)


async def test_those_who_were_alarmed_hear_that_it_is_over(db, desk):
    await prepare(db, desk)
    for _ in range(ALARM_AFTER):
        await db.write(lambda tx: note_failure(tx, AMAZON, "gone", paused=False), now=NOW)
    await db.write(lambda tx: note_ok(tx, AMAZON), now=NOW + minutes(1))
    texts = [row.payload["text"] for row in await rows(db, tables.outbox)]
    assert texts[-1] == f"Inbox {AMAZON} is read again."


async def test_a_failure_of_an_unknown_inbox_changes_nothing(db, desk):
    await db.write(lambda tx: note_failure(tx, "nobody", "gone", paused=False), now=NOW)
    assert await effects(db) == []
