"""In which order one thread's posts go out when one of them tells of a missed deadline."""

import asyncio

import pytest

from bot.domain.effects import EffectKind, Priority
from tests.db.outbox_world import HandClock, Outside, dispatcher, effect, emit

BREACH = {"kind": EffectKind.POST_PING, "priority": Priority.BREACH}
ROOT = {"kind": EffectKind.POST_ROOT, "priority": Priority.ROOT}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def outside() -> Outside:
    return Outside()


async def test_a_breach_ping_passes_what_waits_but_no_card_and_no_other_one(db, clock, outside):
    """Invariants 2 and 4: the order of everything else is kept."""
    await emit(db, clock, effect("log:1"), effect("log:2"))
    clock.move(1)
    await emit(db, clock, effect("breach:1", **BREACH), effect("breach:2", **BREACH))
    clock.move(1)
    await emit(db, clock, effect("root", **ROOT))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["root", "breach:1", "breach:2", "log:1", "log:2"]


async def test_a_breach_ping_waits_for_what_is_under_way_and_the_rest_for_the_ping(
    db, clock, outside
):
    outside.will("log:1", "hang")
    await emit(db, clock, effect("log:1"), effect("log:2"))
    sender = dispatcher(db, outside, clock)
    draining = asyncio.create_task(sender.drain(timeout=60))
    async with asyncio.timeout(60):
        await outside.asked.wait()
    await emit(db, clock, effect("breach", **BREACH))
    await asyncio.sleep(0.1)
    assert outside.sends == ["log:1"]
    outside.released.set()
    await draining
    assert outside.arrived == ["log:1", "breach", "log:2"]
    assert outside.most_under_way == 1


async def test_a_line_that_is_tried_again_later_holds_up_no_breach_ping(db, clock, outside):
    later = clock.now().replace(hour=23)
    await emit(db, clock, effect("log:1", not_before=later), effect("log:2"))
    await emit(db, clock, effect("breach", **BREACH))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["breach"]
