import asyncio
from dataclasses import replace
from datetime import date

import pytest

from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.usecases.recompute import BATCH, open_tickets, preview, recompute
from sla_rules.calendar import BusinessCalendar
from sla_rules.policy import PolicySet, presets
from tests.builders import (
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
    minutes,
    ticket,
)
from tests.db.reading import (
    deadline_states,
    effects,
    event_types,
    last_event,
    mark_posted,
    rows,
    statements,
)

pytestmark = pytest.mark.postgres

LATER = NOW + hours(1)


def with_internal(target):
    """The desk whose own target for Amazon's messages was edited."""
    own = {
        "name": "amazon.message",
        "match": {"channel": "amazon", "kind": "message"},
        "clock": [
            {"metric": "response", "scope": "marketplace", "target": "24h"},
            {"metric": "response", "scope": "internal", "target": target},
        ],
    }
    return a_desk(policies=PolicySet.load([*presets(), own]))


async def looked_at(db, desk, at=LATER):
    ids = await db.read(open_tickets)
    return await db.read(lambda conn: preview(conn, desk, ids, at))


async def applied(db, desk, at=LATER, **how):
    ids = await db.read(open_tickets)
    return await db.write(lambda tx: recompute(tx, desk, ids, **how), now=at)


async def due(db, number=1):
    return {clock.scope: clock.due_at for clock in (await ticket(db, number)).clocks}


async def every_row(db):
    watched = (tables.ticket, tables.deadline, tables.ping, tables.ticket_event, tables.outbox)
    return [await rows(db, table) for table in watched]


async def test_a_look_says_what_would_move_and_changes_nothing(db, desk):
    await a_ticket(db, desk)
    before = await every_row(db)

    (found,) = await looked_at(db, with_internal("8h"))

    (move,) = found.moves
    assert (move.metric, move.scope) == ("first_response", "internal")
    assert (move.before, move.after, move.past) == (NOW + hours(12), NOW + hours(8), False)
    assert await every_row(db) == before


async def test_applying_moves_deadline_and_pings_and_says_so_in_the_history(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)

    await applied(db, with_internal("8h"))

    assert (await due(db))["internal"] == NOW + hours(8)
    steps = {row.step: row.fire_at for row in await rows(db, tables.ping) if row.severity < 25}
    assert NOW + hours(4) in steps.values()
    told = (await last_event(db, view.id, "recomputed")).data["moves"]
    assert [(each["scope"], each["after"]) for each in told] == [
        ("internal", (NOW + hours(8)).isoformat())
    ]
    assert await effects(db) == ["update_card", "post_log"]


async def test_invariant_7_applying_twice_changes_nothing_the_second_time(db, desk):
    await a_ticket(db, desk)
    edited = with_internal("8h")
    await applied(db, edited)
    before = await every_row(db)

    assert await applied(db, edited, NOW + hours(2)) == []
    assert await every_row(db) == before


async def test_a_ticket_that_would_be_late_at_once_is_left_alone_unless_asked_for(db, desk):
    view = await a_ticket(db, desk)
    edited = with_internal("30m")
    before = await every_row(db)

    (found,) = await looked_at(db, edited)
    assert found.past
    assert await applied(db, edited) == []
    assert await every_row(db) == before

    assert len(await applied(db, edited, also_past=True)) == 1
    assert (await due(db))["internal"] == NOW + hours(0.5)
    assert "recomputed" in await event_types(db, view.id)


async def test_new_hours_of_a_calendar_move_the_clocks_measured_in_it(db, desk):
    await arrive(db, desk, an_inbound(sent_at=NOW + hours(7.5)), inbox=SHOP)
    assert await due(db) == {"internal": NOW + days(1) + hours(0.5)}
    week = {day: [("09:00", "18:00")] for day in ("tue", "wed", "thu")}
    closed = BusinessCalendar("Europe/Rome", week, holidays=[date(2026, 3, 11)])

    await applied(db, replace(desk, calendars={"rome": closed}), NOW + hours(8))

    assert await due(db) == {"internal": NOW + days(2) + hours(0.5)}


async def test_a_calendar_that_changes_nothing_for_a_ticket_is_only_written_down(db, desk):
    await arrive(db, desk, an_inbound(), inbox=SHOP)
    week = {day: [("09:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}
    more = BusinessCalendar("Europe/Rome", week, holidays=[date(2027, 1, 1)])
    assert more.version != a_shop_calendar().version

    (found,) = await applied(db, replace(desk, calendars={"rome": more}))

    assert found.moves == []
    assert {row.calendar_version for row in await rows(db, tables.deadline)} == {more.version}


async def test_what_was_answered_is_history(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(2))
    states = await deadline_states(db, view.id)

    assert await db.read(open_tickets) == []
    assert await deadline_states(db, view.id) == states


async def test_tickets_come_in_batches_and_each_once(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(BATCH + 3)))

    first = await db.read(open_tickets)
    rest = await db.read(lambda conn: open_tickets(conn, first[-1]))

    assert (len(first), len(rest)) == (BATCH, 3)
    assert len({*first, *rest}) == BATCH + 3


async def test_beside_a_desk_that_writes_nothing_of_either_is_lost(db, db_url, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(3 * BATCH)))
    edited = with_internal("8h")
    working, beside = Database(create_engine(db_url)), Database(create_engine(db_url))

    async def mail():
        for number in range(12):
            await arrive(working, desk, an_inbound(sent_at=NOW + minutes(number)))

    async def recomputing():
        after = 0
        while ids := await beside.read(lambda conn: open_tickets(conn, after, 10)):  # noqa: B023
            await beside.write(lambda tx: recompute(tx, edited, ids), now=LATER)
            after = ids[-1]

    try:
        await asyncio.gather(mail(), recomputing())
    finally:
        await working.close()
        await beside.close()

    found = [row for row in await rows(db, tables.deadline) if row.scope == "internal"]
    assert len(found) == 3 * BATCH + 12
    targets = [row.target_seconds for row in found]
    assert set(targets) <= {8 * 3600, 12 * 3600}
    assert targets[: 3 * BATCH] == [8 * 3600] * (3 * BATCH)


async def test_a_batch_costs_the_same_for_one_ticket_and_for_many(db, desk):
    costs = []
    for size, target in ((1, "8h"), (30, "9h")):
        await arrive(db, desk, *(an_inbound() for _ in range(size)))
        with statements(db) as sent:
            await applied(db, with_internal(target))
        costs.append(len(sent))
    assert costs[0] == costs[1]
