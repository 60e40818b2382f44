from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from bot.db import tables
from bot.db.ids import IdMaker, first_id, new_id
from bot.db.outbox_rows import insert_effects
from bot.db.unit import Database
from bot.domain.effects import post_ops
from tests.builders import ANNA, NOW
from tests.databases import open_engine


def test_ids_rise_within_one_instant():
    ids = [new_id(NOW) for _ in range(10_000)]
    assert ids == sorted(set(ids))


def test_ids_rise_when_the_clock_is_set_back():
    maker = IdMaker(process=1)
    first = maker.make(NOW)
    assert maker.make(NOW - timedelta(hours=1)) > first


def test_later_ids_are_larger_whichever_process_made_them():
    earlier, later = IdMaker(process=1023), IdMaker(process=0)
    assert later.make(NOW + timedelta(milliseconds=1)) > earlier.make(NOW)


def test_two_processes_never_make_the_same_id():
    one, other = IdMaker(process=1), IdMaker(process=2)
    assert not {one.make(NOW) for _ in range(5000)} & {other.make(NOW) for _ in range(5000)}


def test_ids_fit_a_signed_64_bit_column():
    far = NOW.replace(year=2090)
    assert 0 < IdMaker(process=1023).make(far) < 2**63


async def at_an_id_of_another(db, insert):
    """Have `insert` put the very id into a table that this process makes next; the instant of it."""
    last = new_id(NOW)
    behind = timedelta(milliseconds=(last - first_id(NOW) >> 22) + 1)
    taken = first_id(NOW + behind) | (last & 0x3FFF00)
    await db.write(lambda tx: tx.conn.execute(insert(taken)), now=NOW)
    return NOW + behind


@pytest.mark.postgres
async def test_an_id_that_another_process_made_too_is_made_anew(postgres_emptied_url):
    db = Database(open_engine(postgres_emptied_url))
    event = tables.ticket_event

    def theirs(taken):
        return event.insert().values(id=taken, type="theirs", actor=ANNA, at=NOW)

    at = await at_an_id_of_another(db, theirs)
    ours = await db.write(lambda tx: tx.record(None, "ours", actor=ANNA), now=at)

    found = await db.read(lambda conn: conn.execute(select(event.c.id, event.c.type)).all())
    await db.close()
    assert {row.type for row in found} == {"theirs", "ours"}
    assert ours in {row.id for row in found}


async def test_an_effect_whose_id_is_taken_is_no_effect_that_is_known(db):
    def theirs(taken):
        return tables.outbox.insert().values(
            id=taken,
            dedupe_key="theirs",
            lane="ops",
            lane_group="slack:ops",
            kind="post_ops",
            payload={},
            priority=1,
            not_before=NOW,
            state="ready",
            created_at=NOW,
        )

    at = await at_an_id_of_another(db, theirs)

    def ours(tx):
        insert_effects(tx.conn, [post_ops("ours", "Hello.")], now=at)

    if db.is_sqlite:
        # One process only: nobody else makes ids, so it is a failure and not a reason to go on.
        with pytest.raises(IntegrityError):
            await db.write(ours, now=at)
        return
    await db.write(ours, now=at)
    assert await db.read(lambda conn: conn.scalar(select(func.count(tables.outbox.c.id)))) == 2
