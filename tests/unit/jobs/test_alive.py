"""After a downtime there is one honest summary, and none after an ordinary restart."""

import pytest

from bot.db import tables
from bot.db.state_rows import ALIVE, get_state
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.alive import AliveWatch
from bot.jobs.tick import Ticker
from tests.builders import (
    AMAZON,
    NOW,
    SHOP,
    a_ticket,
    an_inbound,
    arrive,
    hours,
    prepare,
    queue,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import rows
from tests.unit.jobs.test_audit import polled

pytestmark = pytest.mark.postgres


async def told(db: Database) -> list[str]:
    found = await rows(db, tables.outbox)
    return [row.payload["text"] for row in found if row.dedupe_key.startswith("ops:downtime")]


def watch(db: Database, desk: Desk, clock: HandClock) -> AliveWatch:
    return AliveWatch(db, lambda: desk, clock, [AMAZON, SHOP])


@pytest.fixture(autouse=True)
async def _prepared(db: Database, desk: Desk) -> None:
    await prepare(db, desk)


async def went_away(db: Database, desk: Desk) -> None:
    """A ticket with a day to answer and an answer on another; then the desk stops."""
    await a_ticket(db, desk)
    other = await a_ticket(db, desk, an_inbound(thread="other"))
    await queue(db, desk, other.id, at=NOW)
    await watch(db, desk, HandClock(NOW)).look()


async def caught_up(db: Database, desk: Desk, clock: HandClock) -> None:
    """What was due is fired, and both inboxes are read; one of them brings a message."""
    late = an_inbound(thread="night", sent_at=clock.now() - hours(2))
    await arrive(db, desk, late, now=clock.now())
    await Ticker(db, lambda: desk, clock).tick()
    await polled(db, clock.now(), AMAZON, SHOP)


async def test_hours_of_downtime_are_told_once_everything_is_caught_up_with(
    db: Database, desk: Desk
) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW + hours(26))
    back = watch(db, desk, clock)
    clock.move(15)

    await back.look()
    assert await told(db) == []

    await caught_up(db, desk, clock)
    clock.move(15)
    await back.look()
    clock.move(15)
    await back.look()

    (text,) = await told(db)
    assert text.startswith("The desk was not running from 2026-")
    assert "(26 h)" in text
    assert "One message came in meanwhile." in text
    assert "deadlines passed." in text
    assert ", with alerts that came up to " in text
    assert "One answer was held" in text
    assert "Next due: ticket #" in text


async def test_two_workers_that_come_back_together_tell_it_once(db: Database, desk: Desk) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW + hours(26))
    both = [watch(db, desk, clock), watch(db, desk, clock)]
    clock.move(15)
    for each in both:
        await each.look()
    await caught_up(db, desk, clock)
    for _ in range(3):
        clock.move(15)
        for each in both:
            await each.look()

    assert len(await told(db)) == 1


async def test_a_crash_before_the_summary_does_not_lose_it(db: Database, desk: Desk) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW + hours(26))
    await watch(db, desk, clock).look()
    clock.move(60)
    again = watch(db, desk, clock)
    await caught_up(db, desk, clock)
    await again.look()

    assert len(await told(db)) == 1


async def test_an_inbox_that_cannot_be_read_delays_it_a_quarter_of_an_hour_and_is_named(
    db: Database, desk: Desk
) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW + hours(26))
    back = watch(db, desk, clock)
    await back.look()
    await Ticker(db, lambda: desk, clock).tick()
    await polled(db, clock.now(), AMAZON)
    for _ in range(14):
        clock.move(60)
        await back.look()
    assert await told(db) == []
    clock.move(60)
    await back.look()

    (text,) = await told(db)
    assert f"{SHOP} could not be read yet" in text


@pytest.mark.parametrize("away", [20, 120, 290])
async def test_an_ordinary_restart_is_no_downtime(db: Database, desk: Desk, away: float) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW)
    clock.move(away)
    back = watch(db, desk, clock)
    for _ in range(5):
        clock.move(15)
        await back.look()
        await polled(db, clock.now(), AMAZON, SHOP)

    assert await told(db) == []


async def test_a_machine_that_slept_was_away_as_well(db: Database, desk: Desk) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW)
    same = watch(db, desk, clock)
    await same.look()
    clock.move(8 * 3600)
    await same.look()
    await caught_up(db, desk, clock)
    clock.move(60)
    await same.look()

    (text,) = await told(db)
    assert "(8 h)" in text


async def test_a_clock_that_was_set_back_is_no_downtime_now_or_later(
    db: Database, desk: Desk
) -> None:
    await went_away(db, desk)
    clock = HandClock(NOW - hours(1))
    back = watch(db, desk, clock)
    await back.look()

    kept = await db.read(lambda conn: get_state(conn, ALIVE))
    assert kept is not None
    assert kept.at == NOW - hours(1)
    clock.move(60)
    await polled(db, clock.now(), AMAZON, SHOP)
    await back.look()
    assert await told(db) == []
