from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select

from bot.db import tables
from bot.db.unit import Database
from bot.jobs.prune import BATCH, EVENTS_KEPT, PAYLOADS_KEPT, RULES_KEPT, Pruner
from sla_rules.calendar import BusinessCalendar
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import PolicySet, presets
from tests.builders import SHOP, a_desk, an_inbound, arrive
from tests.db.outbox_world import HandClock, Outside, column, dispatcher, effect, emit

pytestmark = pytest.mark.postgres


async def remember(db: Database, count: int, at: datetime, prefix: str) -> None:
    rows = [{"event_id": f"{prefix}{n}", "seen_at": at} for n in range(count)]
    await db.write(lambda tx: tx.conn.execute(insert(tables.slack_event), rows), now=at)


async def test_old_slack_events_are_forgotten_and_recent_ones_kept(db: Database):
    clock = HandClock()
    old = clock.now() - EVENTS_KEPT - timedelta(minutes=1)
    await remember(db, BATCH + 7, old, "old")
    await remember(db, 3, clock.now() - timedelta(hours=47), "new")
    assert await Pruner(db, a_desk, clock).prune() == BATCH + 7
    left = await db.read(lambda conn: conn.scalars(select(tables.slack_event.c.event_id)).all())
    assert sorted(left) == ["new0", "new1", "new2"]


async def test_a_sent_effect_keeps_its_row_and_result_but_not_its_payload(db: Database):
    clock, outside = HandClock(), Outside()
    await emit(db, clock, effect("log:1"))
    await dispatcher(db, outside, clock).drain()
    await emit(db, clock, effect("log:2", not_before=clock.now() + timedelta(days=90)))
    clock.move(PAYLOADS_KEPT.total_seconds() + 60)
    assert await Pruner(db, a_desk, clock).prune() == 1
    assert await Pruner(db, a_desk, clock).prune() == 0
    assert await column(db, "log:1", "payload") == {}
    assert await column(db, "log:1", "result") == {"at": 1}
    assert await column(db, "log:2", "payload") == {"ticket_id": 1}

    await emit(db, clock, effect("log:1"))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["log:1"]


async def test_of_edits_long_done_nothing_stays_and_what_was_open_is_not_forgotten(db: Database):
    clock, outside = HandClock(), Outside()
    late = effect("log:late", lane="late", not_before=clock.now() + PAYLOADS_KEPT)
    await emit(db, clock, effect("card:1:7", kind="update_card"), late)
    await emit(db, clock, *(effect(f"home:A:{n}", kind="publish_home") for n in range(BATCH)))
    await dispatcher(db, outside, clock).drain(timeout=60)
    clock.move(PAYLOADS_KEPT.total_seconds() + 60)
    assert await Pruner(db, a_desk, clock).prune() == BATCH + 1
    assert await column(db, "card:1:7", "state") is None
    assert await column(db, "log:late", "payload") == {"ticket_id": 1}

    await dispatcher(db, outside, clock).drain()
    clock.move(PAYLOADS_KEPT.total_seconds() + 60)
    assert await Pruner(db, a_desk, clock).prune() == 1
    assert await column(db, "log:late", "payload") == {}
    assert await Pruner(db, a_desk, clock).prune() == 0


async def kept_versions(db: Database) -> set[str]:
    kept = tables.rule_version.c.version
    return set(await db.read(lambda conn: conn.scalars(select(kept)).all()))


def edited_since():
    """Another file: no preset is as it was, and the shop opens at other hours."""
    later = [{**table, "safety_margin": "7m"} for table in presets()]
    rome = BusinessCalendar("Europe/Rome", {"mon": [("10:00", "12:00")]})
    return a_desk(policies=PolicySet.load(later), calendars={"rome": rome})


async def test_rules_that_no_ticket_goes_by_are_forgotten_and_the_others_kept(db: Database):
    clock, before, after = HandClock(), a_desk(), edited_since()
    await arrive(db, before, an_inbound(sent_at=clock.now()), now=clock.now())
    await arrive(db, before, an_inbound(sent_at=clock.now()), now=clock.now(), inbox=SHOP)
    rows = await db.read(lambda conn: conn.execute(select(tables.ticket)).all())
    named = {row.policy_version for row in rows} | {before.calendars["rome"].version}
    assert await Pruner(db, lambda: before, clock).prune() == 0
    everything = await kept_versions(db)

    clock.move(RULES_KEPT.total_seconds() - 60)
    await Pruner(db, lambda: after, clock).prune()
    assert everything < await kept_versions(db)
    clock.move(120)
    await Pruner(db, lambda: after, clock).prune()

    left = await kept_versions(db)
    own = {each.version for each in after.policies.policies} | {after.calendars["rome"].version}
    assert named | own <= left
    assert left & everything - own == named | (everything & _platform_versions())
    assert await Pruner(db, lambda: after, clock).prune() == 0


def _platform_versions() -> set[str]:
    return {calendar.version for calendar in platform_calendars().values()}
