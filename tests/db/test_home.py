"""What a Home lists: in one order with every other list, in sections that repeat nothing."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import insert, update

from bot.db import queries, tables
from bot.db.home_rows import home_of
from bot.db.queue_rows import urgencies
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.home import HomeChoice, HomeQueue, HomeView, Shelf, own_inboxes
from bot.domain.priority import Band, band_of
from bot.domain.roster import WorkShift
from bot.jobs.forecast import ForecastWatch
from bot.usecases.away import GoAway, go_away
from bot.usecases.claim import Claim, claim
from bot.usecases.wait import WaitFor, wait_for
from sla_rules.calendar import ALWAYS
from sla_rules.vocabulary import Risk, Waiting
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    CARLA,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import rows

pytestmark = pytest.mark.postgres


async def home(db: Database, desk: Desk, user: str, at: datetime, **choice: Any) -> HomeView:
    wanted = HomeChoice(**choice)
    return await db.read(lambda conn: home_of(conn, desk, user, wanted, at))


def shelf(home: HomeView, queue: HomeQueue) -> Shelf:
    return next(each for each in home.shelves if each.queue is queue)


def numbers(home: HomeView, queue: HomeQueue) -> list[int]:
    return [row.number for row in shelf(home, queue).rows]


async def takes(db: Database, desk: Desk, user: str, number: int, at: datetime) -> None:
    view = await db.read(lambda conn: queries.ticket_by_number(conn, number))
    assert view is not None
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=view.id, actor=user)), now=at)


async def some_tickets(db: Database, desk: Desk, count: int) -> None:
    """Each an hour younger than the one before; the oldest is `#1`."""
    for number in range(count):
        await arrive(db, desk, an_inbound(sent_at=NOW + hours(number)))


async def test_each_ticket_stands_in_one_section_ones_own_risks_first(db, desk):
    await some_tickets(db, desk, 4)
    for number in (2, 4):
        await takes(db, desk, ANNA, number, NOW + hours(6))

    found = await home(db, desk, ANNA, NOW + hours(12) + minutes(30))

    assert numbers(found, HomeQueue.RISK) == [2, 1]
    assert numbers(found, HomeQueue.MINE) == [4]
    assert numbers(found, HomeQueue.UNCLAIMED) == [3]
    assert [shelf(found, queue).more for queue in (HomeQueue.MINE, HomeQueue.UNCLAIMED)] == [0, 0]


async def test_a_queue_alone_is_in_the_order_of_every_list_page_by_page(db, desk):
    await arrive(db, desk, *(an_inbound(sent_at=NOW + minutes(n)) for n in range(45)))
    in_order = await db.read(lambda conn: queries.queue(conn, "all", ANNA, NOW, limit=100))

    first = await home(db, desk, ANNA, NOW + hours(1), queue=HomeQueue.ALL)
    second = await home(db, desk, ANNA, NOW + hours(1), queue=HomeQueue.ALL, page=1)

    shown = numbers(first, HomeQueue.ALL) + numbers(second, HomeQueue.ALL)
    assert shown == [row.number for row in in_order]
    assert (first.shelves[0].more, second.shelves[0].more) == (5, 0)


async def test_of_very_many_the_first_page_is_still_the_most_urgent(db, desk):
    view = await a_ticket(db, desk)
    kept = (await rows(db, tables.ticket))[0]._asdict()
    clocks = [row._asdict() for row in await rows(db, tables.deadline, ticket_id=view.id)]

    def copy(tx: Any) -> None:
        for n in range(2, 402):
            new = {"id": tx.new_id(), "number": n, "external_thread": f"copy-{n}"}
            tx.conn.execute(insert(tables.ticket), kept | new)
            at = NOW + minutes(7 * n % 4001)
            times = [
                each | {"id": tx.new_id(), "ticket_id": new["id"], "due_at": at + hours(10 * k)}
                for k, each in enumerate(clocks)
            ]
            tx.conn.execute(insert(tables.deadline), times)

    await db.write(copy, now=NOW)
    in_order = await db.read(lambda conn: queries.queue(conn, "all", ANNA, NOW, limit=40))

    found = await home(db, desk, ANNA, NOW, queue=HomeQueue.ALL)

    assert found.shelves[0].total == 401
    assert numbers(found, HomeQueue.ALL) == [row.number for row in in_order]


async def test_unclaimed_tickets_are_of_the_inboxes_somebody_works_in(db, desk):
    await arrive(db, desk, an_inbound())
    await arrive(db, desk, an_inbound(), inbox=SHOP)
    route = replace(desk.inboxes[SHOP], group=(ANNA,))
    grouped = replace(desk, inboxes={**desk.inboxes, SHOP: route})

    theirs = await home(db, grouped, ANNA, NOW)
    everybodys = await home(db, grouped, BRUNO, NOW)

    assert [row.inbox for row in shelf(theirs, HomeQueue.UNCLAIMED).rows] == [SHOP]
    assert theirs.scoped
    assert shelf(everybodys, HomeQueue.UNCLAIMED).total == 2


def test_a_shift_says_where_somebody_works() -> None:
    shift = WorkShift(
        name="early", calendar=ALWAYS, people=frozenset({ANNA}), inboxes=frozenset({AMAZON, "gone"})
    )
    desk = a_desk()
    desk = replace(desk, roster=replace(desk.roster, shifts=(shift,)))

    assert own_inboxes(desk, ANNA) == {AMAZON}
    assert own_inboxes(desk, BRUNO) == frozenset()


async def test_a_chosen_inbox_leaves_the_others_out_of_lists_and_numbers(db, desk):
    await arrive(db, desk, an_inbound())
    await arrive(db, desk, an_inbound(), inbox=SHOP)

    found = await home(db, desk, ANNA, NOW + minutes(5), inbox=SHOP)

    assert [row.inbox for each in found.shelves for row in each.rows] == [SHOP]
    assert found.today.received == 1


async def test_who_is_waited_for_and_until_when(db, desk):
    view = await a_ticket(db, desk)
    until = NOW + hours(30)
    command = WaitFor(ticket_id=view.id, actor=ANNA, on=Waiting.CUSTOMER, until=until)
    await db.write(lambda tx: wait_for(tx, desk, command), now=NOW + minutes(1))

    found = await home(db, desk, ANNA, NOW + hours(1), queue=HomeQueue.WAITING)
    over = await home(db, desk, ANNA, NOW + hours(31), queue=HomeQueue.WAITING)

    assert numbers(found, HomeQueue.WAITING) == [1]
    assert (found.waits[view.id].on, found.waits[view.id].until) == (Waiting.CUSTOMER, until)
    assert numbers(over, HomeQueue.WAITING) == []


async def test_the_numbers_of_today(db, desk):
    first = await a_ticket(db, desk, an_inbound(sent_at=NOW))
    second = await a_ticket(db, desk, an_inbound(sent_at=NOW - hours(30)))
    await a_ticket(db, desk, an_inbound(sent_at=NOW - hours(23)))
    await answer(db, desk, first.id, at=NOW + hours(1))
    await answer(db, desk, second.id, at=NOW + hours(1), actor=BRUNO)

    found = (await home(db, desk, ANNA, NOW + hours(4))).today
    tomorrow = (await home(db, desk, ANNA, NOW + hours(24))).today

    assert (found.received, found.in_time, found.missed, found.own) == (1, 1, 2, 1)
    assert (tomorrow.received, tomorrow.in_time, tomorrow.own) == (0, 0, 0)


async def test_whoever_leads_sees_who_has_what_and_what_ends_soon(db, desk):
    await some_tickets(db, desk, 4)
    for number, user in ((1, ANNA), (2, ANNA), (3, BRUNO)):
        await takes(db, desk, user, number, NOW + hours(5))
    at = NOW + hours(21)

    team = (await home(db, desk, CARLA, at)).team
    assert team is not None
    assert [(each.agent, each.open, each.due) for each in team] == [(ANNA, 2, 2), (BRUNO, 1, 1)]
    assert [each.first.number for each in team if each.first] == [1, 3]
    assert (await home(db, desk, ANNA, at)).team is None
    assert (await home(db, desk, CARLA, NOW + hours(6))).team is not None


async def test_whoever_leads_sees_what_is_forecast_to_be_missed(db, desk):
    await some_tickets(db, desk, 2)
    await takes(db, desk, ANNA, 1, NOW + hours(5))
    await db.write(lambda tx: go_away(tx, desk, GoAway(actor=ANNA, who=ANNA)), now=NOW)
    at = NOW + hours(6)
    await ForecastWatch(db, lambda: desk, HandClock(at)).look()

    found = (await home(db, desk, CARLA, at)).breaches
    assert [(row.number, each.cause.who) for each, row in found] == [(1, ANNA)]
    assert (await home(db, desk, ANNA, at)).breaches == ()
    assert (await home(db, desk, CARLA, at + hours(3))).breaches == []


async def test_at_risk_is_what_the_order_puts_before_the_merely_counted(db, desk):
    await some_tickets(db, desk, 30)
    await db.write(
        lambda tx: tx.conn.execute(
            update(tables.ticket).where(tables.ticket.c.number == 30).values(risk=Risk.CRITICAL)
        ),
        now=NOW,
    )
    for passed in (0, 9, 12, 23, 30, 40):
        at = NOW + hours(passed)
        found = await home(db, desk, ANNA, at, queue=HomeQueue.RISK)
        everything = await db.read(lambda conn: urgencies(conn, tables.ticket.c.state == "open"))
        expected = {each.ticket_id for each in everything if band_of(each, at) < Band.COUNTED}
        assert {row.id for row in found.shelves[0].rows} == expected
        assert found.shelves[0].total == len(expected)
