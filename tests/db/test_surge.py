"""Storms as rows: several processes agree on them, and pings wait for the full minute."""

import asyncio

import pytest

from bot.db import tables
from bot.db.surge_rows import surge_mode, surging_channels
from bot.domain.effects import post_log
from bot.domain.surge import Mode
from bot.errors import NotAllowed
from bot.usecases.surge import SetSurge, is_stormy, set_surge, watch_surge
from tests.builders import ANNA, CARLA, NOW, STRANGER, an_inbound, arrive, hours, minutes
from tests.db.reading import effects, fire, rows

pytestmark = pytest.mark.postgres
CHANNEL = "C0AMAZON"


async def waiting(db, count, channel=CHANNEL):
    """So many lines wait for a channel."""

    def emit(tx):
        for number in range(count):
            tx.emit(post_log(number, number, channel=channel))

    await db.write(emit, now=NOW)


async def watch(db, desk, at):
    await db.write(lambda tx: watch_surge(tx, desk), now=at)


async def decide(db, desk, mode, at=NOW, actor=CARLA):
    command = SetSurge(actor=actor, mode=mode)
    return await db.write(lambda tx: set_surge(tx, desk, command), now=at)


async def surging(db):
    return await db.read(surging_channels)


async def boards(db):
    found = [row for row in await rows(db, tables.outbox) if row.kind == "post_board"]
    return [(row.lane_group, row.payload["over"]) for row in found]


async def drained(db):
    await db.write(
        lambda tx: tx.conn.execute(
            tables.outbox.update().where(tables.outbox.c.kind == "post_log").values(state="sent")
        ),
        now=NOW,
    )


async def test_a_storm_begins_in_the_channel_where_too_much_waits_and_nowhere_else(db, desk):
    await waiting(db, 121)
    assert await db.read(lambda conn: is_stormy(conn, desk, NOW))
    await watch(db, desk, NOW)
    assert await surging(db) == (CHANNEL,)
    assert await boards(db) == [(f"slack:{CHANNEL}", False)]


async def test_on_an_ordinary_day_there_is_nothing_to_look_at(db, desk):
    await waiting(db, 120)
    assert not await db.read(lambda conn: is_stormy(conn, desk, NOW))


async def test_of_several_processes_one_begins_and_one_ends_a_storm(db, desk):
    await waiting(db, 200)
    await asyncio.gather(*(watch(db, desk, NOW) for _ in range(5)))
    assert await boards(db) == [(f"slack:{CHANNEL}", False)]
    await drained(db)
    await watch(db, desk, NOW + minutes(1))
    await asyncio.gather(*(watch(db, desk, NOW + minutes(6)) for _ in range(5)))
    assert await surging(db) == ()
    assert (await boards(db)).count((f"slack:{CHANNEL}", True)) == 1


async def test_the_list_is_asked_for_once_a_minute(db, desk):
    await waiting(db, 200)
    for second in range(0, 120, 10):
        await watch(db, desk, NOW + minutes(second / 60))
    assert len(await boards(db)) == 2


async def test_in_a_storm_pings_of_a_channel_wait_for_the_full_minute_and_are_one_message(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(2)))
    await decide(db, desk, Mode.ON)
    at = NOW + hours(6) + minutes(0.25)
    assert (await fire(db, desk, at)).fired == 2
    (told,) = [row for row in await rows(db, tables.outbox) if row.kind == "post_together"]
    assert told.not_before == NOW + hours(6) + minutes(1)
    assert len(told.payload["ping_ids"]) == 2
    assert "post_ping" not in await effects(db)


async def test_after_a_storm_pings_are_below_their_cards_again(db, desk):
    await arrive(db, desk, an_inbound())
    await decide(db, desk, Mode.ON)
    await decide(db, desk, Mode.OFF, NOW + minutes(5))
    await fire(db, desk, NOW + hours(6))
    assert "post_ping" in await effects(db)
    assert await surging(db) == ()


async def test_what_a_lead_decided_lasts_until_a_lead_decides_again(db, desk):
    found = await decide(db, desk, Mode.ON)
    assert (found.mode, len(found.channels)) == (Mode.ON, 2)
    await watch(db, desk, NOW + hours(9))
    assert len(await surging(db)) == 2
    await decide(db, desk, Mode.AUTO, NOW + hours(9))
    await watch(db, desk, NOW + hours(9.2))
    assert await surging(db) == ()
    assert await db.read(surge_mode) is Mode.AUTO


async def test_an_agent_may_look_and_not_decide_and_a_stranger_neither(db, desk):
    assert (await decide(db, desk, None, actor=ANNA)).mode is Mode.AUTO
    with pytest.raises(NotAllowed):
        await decide(db, desk, Mode.ON, actor=ANNA)
    with pytest.raises(NotAllowed):
        await decide(db, desk, None, actor=STRANGER)
