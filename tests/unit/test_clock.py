"""The one reader of the machine's clock, on a machine whose clock is moved."""

import asyncio
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time

from bot.clock import Clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_desk_time_is_the_machines_own_time_in_utc() -> None:
    with freeze_time("2026-03-02 13:00:00", tz_offset=0):
        assert Clock().now() == NOON + timedelta(hours=1)


def test_a_machine_clock_that_is_set_back_is_followed_and_never_naive() -> None:
    with freeze_time(NOON, real_asyncio=True) as machine:
        clock = Clock()
        before = clock.now()
        machine.move_to(NOON - timedelta(hours=1))

        assert clock.now() == before - timedelta(hours=1)
        assert clock.now().tzinfo is UTC


def test_a_fast_clock_starts_where_it_is_told_and_does_not_follow_the_machine() -> None:
    with freeze_time(NOON, ignore=["bot.clock"]):
        clock = Clock(speed=600, start=NOON)

        assert timedelta(0) <= clock.now() - NOON < timedelta(minutes=10)


def test_real_seconds_are_so_many_seconds_of_fast_desk_time() -> None:
    assert Clock(speed=120).real(10) == timedelta(minutes=20)
    assert Clock().real(10) == timedelta(seconds=10)


async def test_an_hour_of_fast_desk_time_is_slept_in_a_moment() -> None:
    async with asyncio.timeout(30):
        await Clock(speed=36_000).sleep(3600)
