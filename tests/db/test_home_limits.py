"""Home's live line for those who lead: the platforms' limits of today, by what was measured."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from bot.db import tables
from bot.db.home_rows import home_of
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.figures import End
from bot.domain.home import HomeChoice
from tests.builders import AMAZON, ANNA, CARLA, NOW, SHOP, a_ticket, hours
from tests.db.reading import rows

pytestmark = pytest.mark.postgres

YESTERDAY = NOW - timedelta(days=1)


async def waits(db: Database, *some: dict[str, Any]) -> None:
    inboxes = {row.name: row.id for row in await rows(db, tables.inbox)}
    usual = {"end": End.ANSWERED, "answered_by": ANNA, "limit_cause": "", "target_cause": ""}
    values = [
        {
            **usual,
            "ticket_id": number,
            "instance": 0,
            "inbox_id": inboxes[each.pop("inbox", AMAZON)],
            "began_at": YESTERDAY,
            "seen_at": YESTERDAY,
            "ended_at": None,
            "limit_due_at": None,
            **each,
        }
        for number, each in enumerate(some, 1)
    ]
    await db.write(lambda tx: tx.conn.execute(insert(tables.wait_figure), values), now=NOW)


async def kept(db: Database, desk: Desk, user: str, inbox: str = "") -> tuple[int, int]:
    choice = HomeChoice(inbox=inbox)
    today = (await db.read(lambda conn: home_of(conn, desk, user, choice, NOW))).today
    return today.kept, today.decided


async def test_limits_count_on_the_day_they_were_decided_and_only_those_of_today(db, desk):
    await a_ticket(db, desk)
    soon, past, ago = NOW + hours(2), NOW - hours(2), YESTERDAY - hours(1)
    await waits(
        db,
        {"ended_at": NOW - hours(1), "limit_due_at": soon},  # kept
        {"ended_at": NOW - hours(1), "limit_due_at": soon, "inbox": SHOP},  # kept elsewhere
        {"ended_at": NOW - hours(1), "limit_due_at": past, "limit_cause": "late_answer"},
        {"end": "", "limit_due_at": past, "limit_cause": "late_claim"},  # missed, and still waiting
        {"end": "", "limit_due_at": soon},  # not decided yet
        {"ended_at": NOW - hours(1), "limit_due_at": ago},  # missed the day before
        {"ended_at": YESTERDAY, "limit_due_at": soon},  # kept the day before
        {"ended_at": NOW - hours(1), "limit_due_at": soon, "end": End.WAVED},  # counts for none
        {"ended_at": NOW - hours(1)},  # has no limit
    )
    assert await kept(db, desk, CARLA) == (2, 4)
    assert await kept(db, desk, CARLA, inbox=SHOP) == (1, 1)


async def test_an_agents_home_is_not_asked_for_them(db, desk):
    await a_ticket(db, desk)
    await waits(db, {"ended_at": NOW - hours(1), "limit_due_at": NOW})
    assert await kept(db, desk, ANNA) == (0, 0)
