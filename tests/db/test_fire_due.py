import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.db import queries, tables
from bot.db.due_rows import what_comes
from bot.db.ticket_rows import lock_tickets
from bot.domain.card import CardStage
from bot.usecases.acknowledge import Acknowledge, acknowledge
from bot.usecases.fire_due import FireReport, fire_due
from connectors.contract import Verdict
from sla_rules.policy import PolicySet
from tests.builders import (
    ANNA,
    GONE,
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
    queue,
    ticket,
)
from tests.db.reading import effects, event_types, fire, last_event, mark_posted, rows

pytestmark = pytest.mark.postgres

WITH_LADDER = {
    "name": "ours",
    "clock": [
        {
            "metric": "response",
            "scope": "internal",
            "target": "2h",
            "warn": [],
            "ladder": [
                {"after": "0m", "to": "group"},
                {"after": "30m", "to": "assignee", "mention": False},
                {"after": "90m", "until": "answered"},
            ],
        }
    ],
}


async def posted_pings(db):
    """The steps of each posted ping, gravest first, in the order they were decided."""
    found = [row for row in await rows(db, tables.outbox) if row.kind == "post_ping"]
    return [
        [
            each.step
            for each in await db.read(
                lambda conn, row=row: queries.pings(conn, row.payload["ping_ids"])
            )
        ]
        for row in found
    ]


async def outcomes(db):
    return {row.step: row.outcome for row in await rows(db, tables.ping) if row.outcome}


async def test_nothing_is_due_before_its_time(db, desk):
    await a_ticket(db, desk)
    assert await fire(db, desk, NOW + hours(6) - minutes(1)) == FireReport(fired=0, more=False)


async def test_pings_come_at_half_a_fifth_and_the_end_of_each_target(db, desk):
    view = await a_ticket(db, desk)
    found = await db.read(lambda conn: queries.planned_pings(conn, view.id))
    at = {(each.clock.scope.value, each.step): each.fire_at - NOW for each in found}
    assert at["internal", "warn50"] == hours(6)
    assert at["internal", "warn20"] == hours(9.6)
    assert at["internal", "breach"] == hours(12)
    assert at["internal", "breach3"] == hours(13)
    assert at["marketplace", "breach"] == hours(24)


async def test_a_warning_is_posted_once_and_colours_the_card(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    assert (await fire(db, desk, NOW + hours(6))).fired == 1
    assert await effects(db) == ["update_card", "post_ping"]
    after = await ticket(db)
    assert (after.card_stage, after.version) == (CardStage.SOON, view.version + 1)
    assert (await fire(db, desk, NOW + hours(6))).fired == 0
    assert (await last_event(db, view.id, "ping")).data["step"] == "warn50"


async def test_a_warning_disturbs_nobody_whose_answer_is_about_to_go_out(db, desk):
    view = await a_ticket(db, desk)
    await queue(db, desk, view.id, at=NOW + hours(6) - timedelta(seconds=5))
    assert (await fire(db, desk, NOW + hours(6))).fired == 0
    assert (await outcomes(db))["warn50"] == "answering"


async def test_an_answer_that_a_platform_does_not_take_silences_no_warning_for_long(db, desk):
    view = await a_ticket(db, desk)
    await queue(db, desk, view.id, at=NOW + hours(6) - minutes(10))
    assert (await fire(db, desk, NOW + hours(6))).fired == 1


async def test_a_miss_is_told_while_an_answer_is_on_its_way(db, desk):
    view = await a_ticket(db, desk)
    await queue(db, desk, view.id, at=NOW + hours(12) - timedelta(seconds=5))
    assert (await fire(db, desk, NOW + hours(12))).fired == 1


async def test_a_breach_is_recorded_once_and_posted_first(db, desk):
    view = await a_ticket(db, desk)
    await fire(db, desk, NOW + hours(12))
    await fire(db, desk, NOW + hours(12.5))
    after = await ticket(db)
    assert after.card_stage is CardStage.MISSED
    internal = after.clocks[0]
    assert internal.breached_at == NOW + hours(12)
    assert (await event_types(db, view.id)).count("breach") == 1
    breaches = [row for row in await rows(db, tables.outbox) if row.kind == "post_ping"]
    assert {row.priority for row in breaches} == {10}


async def test_invariant_4_what_came_due_while_nobody_ran_is_one_ping_of_the_gravest(db, desk):
    view = await a_ticket(db, desk)
    assert (await fire(db, desk, NOW + days(3))).fired == 1
    (steps,) = await posted_pings(db)
    assert len(steps) == 10
    assert steps[0] == "breach3"
    event = await last_event(db, view.id, "breach")
    assert event.data["late_seconds"] in {hours(60).total_seconds(), hours(48).total_seconds()}
    assert (await event_types(db, view.id)).count("breach") == 2
    spoken = sorted(row.outcome for row in await rows(db, tables.ping))
    assert spoken == ["merged"] * 9 + ["sent"]


async def test_invariant_4_no_ping_is_lost_when_the_process_dies_before_the_commit(db, desk):
    await a_ticket(db, desk)

    def dies(tx):
        fire_due(tx, desk)
        tx.flush()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await db.write(dies, now=NOW + hours(12))
    assert "post_ping" not in await effects(db)
    assert (await fire(db, desk, NOW + hours(12))).fired == 1


async def test_invariant_4_two_workers_fire_each_ping_once(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(30)))
    reports = await asyncio.gather(*(fire(db, desk, NOW + hours(6), limit=7) for _ in range(8)))
    while (await fire(db, desk, NOW + hours(6), limit=7)).fired:
        pass
    found = [row for row in await rows(db, tables.outbox) if row.kind == "post_ping"]
    pings = [each for row in found for each in row.payload["ping_ids"]]
    assert len(pings) == len(set(pings)) == 30
    assert sum(report.fired for report in reports) <= 30


async def test_a_page_of_due_pings_says_that_there_are_more(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(5)))
    assert await fire(db, desk, NOW + hours(6), limit=3) == FireReport(fired=3, more=True)
    assert await fire(db, desk, NOW + hours(6), limit=3) == FireReport(fired=2, more=False)


async def test_pings_of_one_ticket_are_one_post_even_across_a_page(db, desk):
    await a_ticket(db, desk)
    assert (await fire(db, desk, NOW + days(3), limit=2)).fired == 1
    assert (await fire(db, desk, NOW + days(3), limit=2)).fired == 0


async def test_no_ping_for_a_ticket_answered_meanwhile(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(5))
    assert (await fire(db, desk, NOW + days(5))).fired == 0
    assert set((await outcomes(db)).values()) == {"answered"}


async def test_a_ping_whose_clock_stopped_without_a_plan_is_dropped(db, desk):
    await a_ticket(db, desk)
    await db.write(lambda tx: tx.conn.execute(update(tables.deadline).values(state="met")), now=NOW)
    assert (await fire(db, desk, NOW + days(5))).fired == 0
    assert set((await outcomes(db)).values()) == {"answered"}
    assert (await ticket(db)).card_stage is CardStage.CALM


async def test_a_shop_is_not_warned_at_night_but_a_marketplace_is(db, desk):
    evening = NOW.replace(hour=16, minute=30)  # half past five in Rome; the shop closes at six
    await arrive(db, desk, an_inbound(sent_at=evening), inbox=SHOP)
    night = evening + hours(9)
    assert (await fire(db, desk, night)).fired == 0
    await arrive(db, desk, an_inbound(sent_at=evening))
    assert (await fire(db, desk, night)).fired == 1


async def test_a_claim_that_nobody_opens_escalates_within_the_hour(db, desk):
    view = await a_ticket(db, desk, an_inbound(verdict=Verdict.CLAIM))
    for minute in (15, 45, 75):
        assert (await fire(db, desk, NOW + minutes(minute))).fired == 1
    assert (await fire(db, desk, NOW + hours(5))).fired == 0
    assert [steps[0] for steps in await posted_pings(db)] == ["breach", "breach2", "breach3"]
    assert view.kind == "claim"


async def test_the_next_wake_up_is_the_earliest_ping_to_come(db, desk):
    assert (await db.read(what_comes)).first is None
    view = await a_ticket(db, desk)
    assert (await db.read(what_comes)).first == NOW + hours(6)
    await fire(db, desk, NOW + hours(6))
    assert (await db.read(what_comes)).first == NOW + hours(9.6)
    await answer(db, desk, view.id, at=NOW + hours(7))
    assert (await db.read(what_comes)).first is None


async def test_a_ping_for_somebody_who_left_is_still_posted(db, desk):
    await a_ticket(db, desk)
    await db.write(lambda tx: tx.conn.execute(update(tables.ticket).values(assignee=GONE)), now=NOW)
    assert (await fire(db, desk, NOW + hours(6))).fired == 1


async def test_a_ticket_somebody_works_on_this_moment_is_left_for_the_next_round(db, desk):
    if db.is_sqlite:
        pytest.skip("SQLite has one transaction at a time")
    view = await a_ticket(db, desk)
    held, go_on = asyncio.Event(), asyncio.Event()

    async def hold():
        async with db.engine.begin() as conn:
            await conn.run_sync(lambda sync: lock_tickets(sync, [view.id]))
            held.set()
            await go_on.wait()

    holder = asyncio.create_task(hold())
    await held.wait()
    report = await asyncio.wait_for(fire(db, desk, NOW + hours(6)), timeout=30)
    go_on.set()
    await holder
    assert report.fired == 0
    assert (await fire(db, desk, NOW + hours(6))).fired == 1


async def test_a_ladder_of_a_rule_says_who_hears_of_a_miss_and_how(db):
    desk = a_desk(policies=PolicySet.load([WITH_LADDER]))
    view = await a_ticket(db, desk)
    for passed in (hours(2), hours(2.5), hours(3.5)):
        assert (await fire(db, desk, NOW + passed)).fired == 1
    heard = await db.read(
        lambda conn: queries.pings(conn, [row.id for row in conn.execute(select(tables.ping))])
    )
    assert [(each.step, each.audience, each.mention, each.misses) for each in heard] == [
        ("breach3", "managers", True, 3),
        ("breach2", "assignee", False, 3),
        ("breach", "group", True, 3),
    ]
    assert (await ticket(db)).id == view.id


async def test_a_step_until_the_answer_speaks_although_somebody_is_on_it(db):
    desk = a_desk(policies=PolicySet.load([WITH_LADDER]))
    view = await a_ticket(db, desk)
    await fire(db, desk, NOW + hours(2))
    await db.write(
        lambda tx: acknowledge(tx, desk, Acknowledge(ticket_id=view.id, actor=ANNA)),
        now=NOW + hours(2.1),
    )
    assert (await fire(db, desk, NOW + hours(2.5))).fired == 0
    assert (await fire(db, desk, NOW + hours(3.5))).fired == 1
    assert await outcomes(db) == {"breach": "sent", "breach2": "acknowledged", "breach3": "sent"}


async def told_together(db):
    """The pings of each message that tells several tickets' pings."""
    found = [row for row in await rows(db, tables.outbox) if row.kind == "post_together"]
    return [row.payload["ping_ids"] for row in found]


async def test_many_misses_of_one_moment_are_one_message_to_the_managers(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(5)))
    assert (await fire(db, desk, NOW + hours(12))).fired == 5
    (ids,) = await told_together(db)
    assert "post_ping" not in await effects(db)
    settled = {row.id: row.outcome for row in await rows(db, tables.ping) if row.outcome}
    assert sorted(ids) == sorted(settled)
    assert sorted(settled.values()) == ["merged"] * 15 + ["sent"] * 5
    assert (await fire(db, desk, NOW + hours(12))).fired == 0


async def test_three_misses_are_told_below_their_own_cards(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(3)))
    await fire(db, desk, NOW + hours(12))
    assert (await effects(db)).count("post_ping") == 3
    assert await told_together(db) == []


async def test_many_warnings_stay_below_their_own_cards(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(5)))
    await fire(db, desk, NOW + hours(6))
    assert (await effects(db)).count("post_ping") == 5
    assert await told_together(db) == []


async def test_misses_of_two_channels_are_two_messages(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(4)))
    await arrive(db, desk, *(an_inbound(verdict=Verdict.CLAIM) for _ in range(4)), inbox=SHOP)
    await fire(db, desk, NOW + days(1))
    found = [row for row in await rows(db, tables.outbox) if row.kind == "post_together"]
    assert [row.lane_group for row in found] == ["slack:C0AMAZON", "slack:C0SHOP"]


async def test_invariant_4_two_workers_tell_many_misses_once(db, desk):
    await arrive(db, desk, *(an_inbound() for _ in range(20)))
    at = NOW + hours(12)
    await asyncio.gather(*(fire(db, desk, at, limit=32) for _ in range(6)))
    while (await fire(db, desk, at, limit=32)).fired:
        pass
    alone = [row for row in await rows(db, tables.outbox) if row.kind == "post_ping"]
    told = [each for ids in await told_together(db) for each in ids]
    told += [each for row in alone for each in row.payload["ping_ids"]]
    assert len(told) == len(set(told)) == 80
