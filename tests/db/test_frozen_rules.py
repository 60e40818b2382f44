"""An open ticket goes by the rules it was begun under, whatever the file says since."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.db import tables
from bot.jobs.audit import audit
from bot.jobs.findings import Expectations
from bot.usecases.clocks import replan
from bot.usecases.reclassify import Reclassify, reclassify
from bot.usecases.recompute import open_tickets, recompute
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Verdict
from sla_rules.calendar import BusinessCalendar
from sla_rules.policy import PolicySet, presets
from tests.builders import (
    ANNA,
    NOW,
    SHOP,
    a_desk,
    a_shop_calendar,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    ticket,
)
from tests.db.reading import deadline_states, event_types, fire, rows, statements

pytestmark = pytest.mark.postgres(first=2)

MESSAGE = {"channel": "amazon", "kind": "message"}


def ruled(internal="12h", *more, name="amazon.message"):
    """A desk, and so a process, of its own whose file says this of Amazon's messages."""
    own = {
        "name": name,
        "match": MESSAGE,
        "clock": [
            {"metric": "response", "scope": "marketplace", "target": "24h"},
            {"metric": "response", "scope": "internal", "target": internal},
            *more,
        ],
    }
    return a_desk(policies=PolicySet.load([*presets(), own]))


def opening_at(hour):
    week = {day: [(f"{hour:02}:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    return BusinessCalendar("Europe/Rome", week)


async def replanned(db, desk, at):
    ids = [row.id for row in await rows(db, tables.ticket)]
    await db.write(lambda tx: replan(tx, desk, ids), now=at)


async def recomputed(db, desk, at, **how):
    ids = await db.read(open_tickets)
    return await db.write(lambda tx: recompute(tx, desk, ids, **how), now=at)


async def due(db, number=1):
    view = await ticket(db, number)
    return {(clock.metric, clock.scope): clock.due_at for clock in view.clocks}


async def internal_due(db, number=1):
    found = await due(db, number)
    return max(at for (_, scope), at in found.items() if scope == "internal")


async def planned_rows(db):
    return [await rows(db, table) for table in (tables.deadline, tables.ping)]


async def a_bit_of_everything(db, desk):
    """Open, answered, asked again, bounced, resolved and claimed, at a shop and in a market."""
    for number, thread in enumerate(("a", "b", "c")):
        await arrive(db, desk, an_inbound(thread=thread, sent_at=NOW + hours(number)))
    first, second, third = [await ticket(db, number) for number in (1, 2, 3)]
    _, sent = await answer(db, desk, first.id, at=NOW + hours(14))
    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(15)))
    await answer(db, desk, second.id, at=NOW + hours(16))
    await fire(db, desk, NOW + hours(17))
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[sent], sent_at=NOW + hours(18))
    await arrive(db, desk, bounce)
    done = Resolve(ticket_id=third.id, actor=ANNA)
    await db.write(lambda tx: resolve(tx, desk, done), now=NOW + hours(19))
    await arrive(db, desk, an_inbound(verdict=Verdict.CLAIM, sent_at=NOW + hours(20)))
    await arrive(db, desk, an_inbound(sent_at=NOW + hours(20)), inbox=SHOP)


async def test_invariant_7_recomputing_under_frozen_versions_gives_the_same_rows(db):
    await a_bit_of_everything(db, ruled())
    before = await planned_rows(db)
    edited = replace(ruled("30m"), calendars={"rome": opening_at(15)})

    for later in (21, 22, 500):
        await replanned(db, edited, NOW + hours(later))
        assert await planned_rows(db) == before


async def test_invariant_7_only_recompute_moves_them_and_what_ended_stays_judged(db):
    await a_bit_of_everything(db, ruled())
    ended = [row for row in await rows(db, tables.deadline) if row.stopped_at is not None]
    assert ended
    edited = replace(ruled("30m"), calendars={"rome": opening_at(15)})

    changed = await recomputed(db, edited, NOW + hours(21), also_past=True)

    moved = {(each.inbox, move.why) for each in changed for move in each.moves}
    assert moved == {
        ("amazon-it", 'policy "amazon.message" was edited'),
        ("shop", 'calendar "shop" is another version'),
    }
    after = {row.id: row for row in await rows(db, tables.deadline)}
    assert [after[row.id] for row in ended] == ended
    frozen = await planned_rows(db)
    await replanned(db, ruled(), NOW + hours(22))
    assert await planned_rows(db) == frozen


async def test_a_new_ticket_goes_by_the_edited_file_and_the_open_one_by_its_own(db):
    await a_ticket(db, ruled())
    edited = ruled("8h")

    await arrive(db, edited, an_inbound())

    assert await internal_due(db, 1) == NOW + hours(12)
    assert await internal_due(db, 2) == NOW + hours(8)


async def test_another_message_of_the_same_wait_brings_no_other_rules(db):
    await arrive(db, ruled(), an_inbound(thread="a"))
    edited = ruled("8h")

    await arrive(db, edited, an_inbound(thread="a", sent_at=NOW + hours(1)))

    assert await internal_due(db) == NOW + hours(12)


async def test_a_new_wait_goes_by_the_rules_of_now_and_the_old_one_stays_judged(db):
    first = ruled()
    await arrive(db, first, an_inbound(thread="a"))
    view = await ticket(db)
    await answer(db, first, view.id, at=NOW + hours(1))
    before = await rows(db, tables.deadline)

    await arrive(db, ruled("8h"), an_inbound(thread="a", sent_at=NOW + hours(2)))

    assert await internal_due(db) == NOW + hours(10)
    after = {row.id: row for row in await rows(db, tables.deadline)}
    assert [after[row.id] for row in before] == before
    assert len(after) == len(before) + 2


async def test_a_clock_that_is_new_in_the_file_is_not_made_up_for_a_wait_of_before(db):
    first = ruled()
    await arrive(db, first, an_inbound(thread="a"))
    await answer(db, first, (await ticket(db)).id, at=NOW + hours(1))
    edited = ruled("8h", {"metric": "response", "scope": "window", "target": "7d"})

    await arrive(db, edited, an_inbound(thread="a", sent_at=NOW + hours(2)))

    states = await deadline_states(db, (await ticket(db)).id)
    assert states["next_response", "window", 1] == "running"
    assert ("first_response", "window", 0) not in states


async def test_a_bounce_brings_a_wait_back_under_its_own_rules(db):
    first = ruled()
    view = await a_ticket(db, first)
    _, sent = await answer(db, first, view.id, at=NOW + hours(1))
    bounce = an_inbound(verdict=Verdict.BOUNCE, refers_to=[sent], sent_at=NOW + hours(2))

    await arrive(db, ruled("8h"), bounce)

    assert await internal_due(db) == NOW + hours(12)
    assert set((await deadline_states(db, view.id)).values()) == {"running"}


async def test_a_resolution_clock_runs_on_under_its_rules_through_a_new_wait(db):
    def closing(target, internal):
        clock = {"metric": "resolution", "scope": "internal", "target": target}
        return ruled(internal, clock)

    first = closing("3d", "12h")
    await arrive(db, first, an_inbound(thread="a"))
    await answer(db, first, (await ticket(db)).id, at=NOW + hours(1))

    await arrive(db, closing("2d", "8h"), an_inbound(thread="a", sent_at=NOW + hours(2)))

    found = await due(db)
    assert found["resolution", "internal"] == NOW + days(3)
    assert found["next_response", "internal"] == NOW + hours(10)


async def test_the_calendar_that_shop_stood_for_is_kept_when_the_inbox_gets_another(db):
    desk = a_desk()
    await arrive(db, desk, an_inbound(sent_at=NOW + hours(7.5)), inbox=SHOP)
    before = await due(db)
    other = replace(
        desk.inboxes[SHOP],
        calendar="late",
    )
    moved = a_desk(
        inboxes={**desk.inboxes, SHOP: other},
        calendars={"rome": a_shop_calendar(), "late": opening_at(15)},
    )

    await replanned(db, moved, NOW + hours(8))

    assert await due(db) == before
    (row,) = await rows(db, tables.ticket)
    assert row.calendar_versions == {"shop": a_shop_calendar().version}


async def test_a_change_of_class_goes_by_the_rules_of_now_at_once(db):
    view = await a_ticket(db, ruled())
    important = {
        "name": "amazon.safety",
        "match": {**MESSAGE, "vip": True},
        "clock": [{"metric": "response", "scope": "internal", "target": "6h"}],
    }
    tables_ = [*presets(), important]
    edited = a_desk(policies=PolicySet.load(tables_))

    command = Reclassify(ticket_id=view.id, actor=ANNA, vip=True)
    await db.write(lambda tx: reclassify(tx, edited, command), now=NOW + hours(1))

    assert await internal_due(db) == NOW + hours(6)
    before = await planned_rows(db)
    await replanned(db, ruled(), NOW + hours(2))
    assert await planned_rows(db) == before


async def test_rules_a_process_lacks_are_read_once(db):
    await arrive(db, ruled(), *(an_inbound(thread=f"t{number}") for number in range(5)))
    edited = ruled("8h")

    costs = []
    for later in (1, 2):
        with statements(db) as sent:
            await replanned(db, edited, NOW + hours(later))
        costs.append(sum("rule_version" in each for each in sent))

    assert costs == [1, 0]


async def test_a_process_with_the_same_file_never_asks_for_rules(db):
    await arrive(db, ruled(), an_inbound(thread="a"))

    with statements(db) as sent:
        await replanned(db, ruled(), NOW + hours(1))

    assert not any("rule_version" in each for each in sent)


async def damaged(db, kind="policy"):
    kept = tables.rule_version
    spoil = update(kept).where(kept.c.kind == kind).values(content={"name": "?"})
    await db.write(lambda tx: tx.conn.execute(spoil), now=NOW)


async def test_invariant_5_rules_that_are_lost_move_no_deadline_and_are_reported(db):
    view = await a_ticket(db, ruled("8h"))
    before = await planned_rows(db)
    await damaged(db)
    edited = ruled("20h")

    await replanned(db, edited, NOW + hours(1))

    assert await planned_rows(db) == before
    expected = Expectations(since=NOW, pings=days(99), effects=days(99))
    report = await db.read(lambda conn: audit(conn, edited, expected, NOW + hours(1)))
    assert [each.code for each in report.findings] == ["rules_lost"]
    await answer(db, edited, view.id, at=NOW + hours(9))
    states = await deadline_states(db, view.id)
    assert states["first_response", "internal", 0] == "late"
    assert states["first_response", "marketplace", 0] == "met"


async def test_recompute_puts_a_ticket_whose_rules_are_lost_under_those_of_now(db):
    await a_ticket(db, ruled("8h"))
    await damaged(db)
    edited = ruled("20h")
    await replanned(db, edited, NOW + hours(1))

    await recomputed(db, edited, NOW + hours(1))

    assert await internal_due(db) == NOW + hours(20)
    expected = Expectations(since=NOW, pings=days(99), effects=days(99))
    report = await db.read(lambda conn: audit(conn, edited, expected, NOW + hours(1)))
    assert report.ok


async def counted_with_older_zone_data(db):
    """As if everything had been written by a process with the zone data of before."""
    kept, older = tables.rule_version, "0123456789abcdef"
    (row,) = await rows(db, kept, kind="calendar", name="rome")
    content = {**row.content, "tzdata": "2019a"}

    def rewrite(tx):
        for statement in (
            update(kept).where(kept.c.id == row.id).values(version=older, content=content),
            update(tables.ticket).values(calendar_versions={"shop": older}),
            update(tables.deadline).values(calendar_version=older),
        ):
            tx.conn.execute(statement)

    await db.write(rewrite, now=NOW)
    return older


async def test_a_calendar_goes_on_with_its_hours_when_the_zone_data_is_newer(db):
    await arrive(db, a_desk(), an_inbound(sent_at=NOW + hours(7.5)), inbox=SHOP)
    before = await due(db)
    older = await counted_with_older_zone_data(db)
    edited = a_desk(calendars={"rome": opening_at(15)})

    for later in (8, 9):
        await replanned(db, edited, NOW + hours(later))

        assert await due(db) == before
        (row,) = await rows(db, tables.ticket)
        assert row.calendar_versions == {"shop": older}
        (deadline,) = await rows(db, tables.deadline)
        assert deadline.calendar_version == a_shop_calendar().version
    assert not edited.known.lost


async def test_a_ticket_of_before_there_were_versions_takes_those_of_now_once(db):
    await a_ticket(db, ruled("8h"))
    unfrozen = update(tables.ticket).values(policy_version=None, calendar_versions=None)
    await db.write(lambda tx: tx.conn.execute(unfrozen), now=NOW)

    await replanned(db, ruled("9h"), NOW + hours(1))
    assert await internal_due(db) == NOW + hours(9)
    await replanned(db, ruled("10h"), NOW + hours(1))

    assert await internal_due(db) == NOW + hours(9)


async def test_a_recomputed_ticket_says_in_its_thread_what_moved_and_why(db):
    view = await a_ticket(db, ruled())
    seen = update(tables.ticket).values(slack_channel="C0AMAZON", slack_ts="1.0001")
    await db.write(lambda tx: tx.conn.execute(seen), now=NOW)

    await recomputed(db, ruled("8h"), NOW + timedelta(minutes=5))

    (event,) = [row for row in await rows(db, tables.ticket_event) if row.type == "recomputed"]
    assert event.data["moves"] == [
        {
            "metric": "first_response",
            "scope": "internal",
            "policy": "amazon.message",
            "before": (NOW + hours(12)).isoformat(),
            "after": (NOW + hours(8)).isoformat(),
            "why": 'policy "amazon.message" was edited',
        }
    ]
    assert "recomputed" in await event_types(db, view.id)
    posted = [row.payload for row in await rows(db, tables.outbox, kind="post_log")]
    assert event.id in [payload["event_id"] for payload in posted]
