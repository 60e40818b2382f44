from datetime import date, timedelta

import pytest

from bot.db import tables
from bot.usecases.clocks import replan
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Verdict
from sla_rules.calendar import BusinessCalendar
from sla_rules.policy import PolicySet, presets
from tests.builders import (
    ANNA,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    ticket,
)
from tests.db.reading import deadline_states, effects, fire, mark_posted, rows, statements

pytestmark = pytest.mark.postgres(first=2)


async def replanned(db, desk, at, **how):
    ids = [row.id for row in await rows(db, tables.ticket)]
    await db.write(lambda tx: replan(tx, desk, ids, **how), now=at)


async def a_long_story(db, desk):
    """Answered, asked again, bounced, resolved, decided: a bit of everything."""
    for number, thread in enumerate(("a", "b", "c")):
        await arrive(db, desk, an_inbound(thread=thread, sent_at=NOW + hours(number)))
    first, second, third = [await ticket(db, number) for number in (1, 2, 3)]
    _, sent = await answer(db, desk, first.id, at=NOW + hours(14))
    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(15)))
    await answer(db, desk, second.id, at=NOW + hours(16))
    await fire(db, desk, NOW + hours(17))
    await arrive(
        db, desk, an_inbound(verdict=Verdict.BOUNCE, refers_to=[sent], sent_at=NOW + hours(18))
    )
    await db.write(
        lambda tx: resolve(tx, desk, Resolve(ticket_id=third.id, actor=ANNA)), now=NOW + hours(19)
    )
    await arrive(db, desk, an_inbound(verdict=Verdict.CLAIM, sent_at=NOW + hours(20)))
    await fire(db, desk, NOW + hours(21))


async def test_invariant_7_recomputing_gives_the_same_rows(db, desk):
    await a_long_story(db, desk)
    before = [await rows(db, table) for table in (tables.deadline, tables.ping)]
    cards = [row.card_stage for row in await rows(db, tables.ticket)]
    for later in (22, 23, 500):
        await replanned(db, desk, NOW + hours(later))
        assert [await rows(db, table) for table in (tables.deadline, tables.ping)] == before
        if later < 500:
            assert [row.card_stage for row in await rows(db, tables.ticket)] == cards


async def test_replanning_costs_the_same_for_one_ticket_and_for_many(db, desk):
    costs = []
    for size in (1, 30):
        await arrive(db, desk, *(an_inbound() for _ in range(size)))
        with statements(db) as sent:
            await replanned(db, desk, NOW + hours(1))
        costs.append(len(sent))
    assert costs[0] == costs[1] <= 6


async def test_a_card_is_redrawn_only_when_its_stage_changes(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    await replanned(db, desk, NOW + hours(1))
    assert await effects(db) == []
    await replanned(db, desk, NOW + hours(7))
    assert await effects(db) == ["update_card"]


async def test_a_clock_that_the_rules_no_longer_know_is_cancelled(db, desk):
    view = await a_ticket(db, desk)
    without = a_desk(
        policies=PolicySet.load(
            [table for table in presets() if table["name"] == "website.pre_sale"]
        )
    )
    await replanned(db, without, NOW + hours(1), anew=True)
    assert set((await deadline_states(db, view.id)).values()) == {"cancelled"}
    assert (await fire(db, without, NOW + days(9))).fired == 0
    await replanned(db, desk, NOW + hours(2))
    assert set((await deadline_states(db, view.id)).values()) == {"running"}
    assert (await fire(db, desk, NOW + hours(6))).fired == 1


async def test_invariant_5_a_shop_that_never_opens_again_counts_every_hour(db):
    mondays = {date(2026, 3, 9) + timedelta(weeks=week) for week in range(12 * 53)}
    closed = BusinessCalendar("Europe/Rome", {"mon": [("09:00", "18:00")]}, holidays=mondays)
    desk = a_desk(calendars={"rome": closed})
    await arrive(db, desk, an_inbound(), inbox=SHOP)
    assert (await ticket(db)).clocks[0].due_at == NOW + hours(2)
