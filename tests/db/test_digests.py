"""Digests: once a place and day, at the desk's own time, and only where there is something to tell."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.db import tables
from bot.domain.digests import MANAGERS, Counts, DigestKind, read_times
from bot.usecases.digests import decide_digests, read_digest, undecided
from connectors.contract import Verdict
from tests.builders import (
    AMAZON,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
)
from tests.db.reading import fire, rows

pytestmark = pytest.mark.postgres(first=2)

NINE = datetime(2026, 3, 11, 8, 0, tzinfo=UTC)  # nine o'clock in Rome, a Wednesday
MONDAY = NINE + days(5)


@pytest.fixture
def desk():
    return a_desk(timezone="Europe/Rome", digests=read_times("09:00", "mon 09:00"))


async def decide(db, desk, at):
    await db.write(lambda tx: decide_digests(tx, desk), now=at)


async def sent(db):
    found = [row for row in await rows(db, tables.outbox) if row.kind == "post_digest"]
    return [(row.payload["kind"], row.lane_group) for row in found]


async def read(db, desk, kind, place, *, day, at):
    return await db.read(lambda conn: read_digest(conn, desk, kind, place, day=day, now=at))


async def test_a_channel_is_told_at_nine_in_the_desks_zone_and_not_before(db, desk):
    await a_ticket(db, desk)
    await decide(db, desk, NINE - minutes(1))
    assert await sent(db) == []
    await decide(db, desk, NINE)
    assert await sent(db) == [("daily", "slack:C0AMAZON")]


async def test_a_digest_is_sent_once_whoever_looks_and_however_often(db, desk):
    await a_ticket(db, desk)
    await asyncio.gather(*(decide(db, desk, NINE) for _ in range(5)))
    await decide(db, desk, NINE + hours(1))
    assert await sent(db) == [("daily", "slack:C0AMAZON")]
    assert not await db.read(lambda conn: undecided(conn, desk, NINE + hours(2)))


async def test_a_channel_in_which_nothing_happened_is_left_alone_all_day(db, desk):
    await decide(db, desk, NINE)
    await a_ticket(db, desk, an_inbound(sent_at=NINE + minutes(5)))
    await decide(db, desk, NINE + minutes(10))
    assert await sent(db) == []
    assert {row.sent for row in await rows(db, tables.digest)} == {False}


async def test_after_a_morning_without_the_desk_no_digest_comes_in_the_afternoon(db, desk):
    await a_ticket(db, desk)
    await decide(db, desk, NINE + hours(4))
    assert await sent(db) == []
    await decide(db, desk, NINE + days(1) + hours(3.9))
    assert len(await sent(db)) == 1


async def test_the_digest_counts_what_came_what_was_answered_and_what_was_missed(db, desk):
    view = await a_ticket(db, desk)
    await arrive(db, desk, an_inbound(verdict=Verdict.CLAIM))
    await answer(db, desk, view.id, at=NOW + hours(2))
    await fire(db, desk, NOW + hours(3))
    found = await read(db, desk, DigestKind.DAILY, "C0AMAZON", day=date(2026, 3, 11), at=NINE)
    assert found.counts == (Counts(inbox=AMAZON, received=2, answered=1, missed=1),)
    assert [row.number for row in found.at_risk] == [2]


async def test_the_week_of_every_inbox_is_told_to_the_managers_on_monday(db, desk):
    await a_ticket(db, desk)
    await decide(db, desk, MONDAY)
    assert ("weekly", "slack:C0OPS") in await sent(db)
    found = await read(db, desk, DigestKind.WEEKLY, MANAGERS, day=date(2026, 3, 16), at=MONDAY)
    assert [(each.inbox, each.received) for each in found.counts] == [(AMAZON, 1), (SHOP, 0)]


async def test_a_desk_without_digests_or_without_a_place_for_them_sends_none(db, desk):
    await a_ticket(db, desk)
    off = replace(desk, digests=read_times("off", "off"))
    await decide(db, off, MONDAY)
    assert await sent(db) == []
    await decide(db, replace(desk, ops_channel=None), MONDAY)
    assert [kind for kind, _ in await sent(db)] == ["daily"]
