"""Forecasts as rows: made once an hour, standing while the deadline does, and judged afterwards."""

from dataclasses import replace

import pytest

from bot.db import tables
from bot.db.forecast_rows import arrival_rates, handling_times, standing
from bot.domain.forecast import Because
from bot.domain.roster import WorkShift
from bot.domain.routes import By, Route, Wanted
from bot.jobs.forecast import ForecastWatch
from bot.jobs.prune import Pruner
from bot.usecases.claim import Claim, claim
from bot.usecases.forecast import foreseen, outlook_of, rate_now
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from sla_rules.calendar import ALWAYS, BusinessCalendar
from sla_rules.match import Match
from tests.builders import (
    ANNA,
    BRUNO,
    NOW,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import count, fire, rows

pytestmark = pytest.mark.postgres

WEDNESDAY = BusinessCalendar("Europe/Rome", {"wed": [("08:00", "13:00")]})


@pytest.fixture
def desk(desk):
    shift = WorkShift(name="wed", calendar=WEDNESDAY, people=frozenset({ANNA, BRUNO}))
    return replace(desk, roster=replace(desk.roster, shifts=(shift,)))


async def look(db, desk, at=NOW):
    await ForecastWatch(db, lambda: desk, HandClock(at)).look()


async def due_soon(db, desk):
    """A ticket whose limit of 24 hours ends in two: nobody is on shift before Wednesday."""
    await arrive(db, desk, an_inbound(sent_at=NOW - hours(22)), now=NOW)


async def test_what_nobody_is_there_for_is_forecast_to_be_missed(db, desk):
    await due_soon(db, desk)
    outlook, roster = await db.read(lambda conn: outlook_of(conn, desk, NOW))
    found = foreseen(outlook, roster)
    assert {each.cause.because for each in found} == {Because.NOBODY}
    assert found[0].cause.at == NOW + hours(22)
    assert outlook.until == NOW + hours(22)


async def test_a_forecast_is_kept_once_an_hour(db, desk):
    await due_soon(db, desk)
    await look(db, desk)
    made = await count(db, tables.forecast)
    assert made > 0
    await look(db, desk, NOW + minutes(10))
    assert await count(db, tables.forecast) == made
    await look(db, desk, NOW + hours(1))
    assert await count(db, tables.forecast) > made


async def test_a_forecast_stands_until_the_deadline_is_met_or_the_hour_is_long_over(db, desk):
    await due_soon(db, desk)
    await look(db, desk)
    stood = await db.read(lambda conn: standing(conn, NOW + minutes(5)))
    assert stood
    assert all(each.percent == 100 for each in stood)
    assert await db.read(lambda conn: standing(conn, NOW + minutes(5), ids=[])) == []
    (ticket,) = await rows(db, tables.ticket)
    command = NoAnswerNeeded(ticket_id=ticket.id, actor=ANNA)
    await db.write(lambda tx: no_answer_needed(tx, desk, command), now=NOW + minutes(6))
    assert await db.read(lambda conn: standing(conn, NOW + minutes(7))) == []


async def test_it_is_counted_how_many_forecast_misses_came_and_how_many_misses_were_forecast(
    db, desk
):
    assert (await db.read(lambda conn: rate_now(conn, NOW))).since is None
    await due_soon(db, desk)
    await look(db, desk)
    await fire(db, desk, NOW + hours(3))
    await arrive(db, desk, an_inbound(sent_at=NOW - hours(22)), now=NOW + minutes(90))
    later = NOW + hours(3)
    rate = await db.read(lambda conn: rate_now(conn, later))
    assert rate.came == rate.foreseen > 0
    assert rate.missed > rate.warned > 0
    assert rate.is_small


async def test_handling_times_are_from_claim_to_answer_and_leave_out_what_waited(db, desk):
    view = await a_ticket(db, desk)
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=view.id, actor=ANNA)), now=NOW)
    await answer(db, desk, view.id, at=NOW + minutes(10))
    found = await db.read(lambda conn: handling_times(conn, NOW + hours(1)))
    assert [len(each) for each in found.values()] == [1]


async def test_tickets_come_in_as_they_did_at_this_hour_a_week_ago(db, desk):
    await arrive(db, desk, an_inbound(sent_at=NOW - days(8)), now=NOW - days(8))
    await arrive(db, desk, an_inbound(sent_at=NOW - days(7)), now=NOW - days(7) + minutes(70))
    rates = await db.read(lambda conn: arrival_rates(conn, NOW, 3))
    assert list(rates.values()) == [[0.0, 1.0, 0.0]]


async def test_old_forecasts_are_forgotten(db, desk):
    await due_soon(db, desk)
    await look(db, desk)
    await Pruner(db, lambda: desk, HandClock(NOW + days(34))).prune()
    assert await count(db, tables.forecast)
    await Pruner(db, lambda: desk, HandClock(NOW + days(36))).prune()
    assert not await count(db, tables.forecast)


async def test_a_ticket_of_nobody_waits_for_those_its_route_is_meant_for(db, desk):
    always = WorkShift(name="all", calendar=ALWAYS, people=frozenset({BRUNO}))
    roster = replace(desk.roster, shifts=(*desk.roster.shifts, always))
    annas = Route(
        name="annas",
        match=Match(),
        to=Wanted(people=frozenset({ANNA})),
        by=By.ON_SHIFT_ONLY,
    )
    desk = replace(desk, roster=roster, routes=(annas,))
    await due_soon(db, desk)
    outlook, staff = await db.read(lambda conn: outlook_of(conn, desk, NOW))
    assert {each.cause.because for each in foreseen(outlook, staff)} == {Because.NOBODY}
    (ticket,) = outlook.tickets
    assert ticket.meant == {ANNA}


async def test_a_ticket_of_who_left_is_anybodys(db, desk):
    await due_soon(db, desk)
    (row,) = await rows(db, tables.ticket)
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=row.id, actor=ANNA)), now=NOW)
    left = replace(desk.roster.agents[ANNA], active=False)
    desk = replace(desk, roster=replace(desk.roster, agents={**desk.roster.agents, ANNA: left}))
    outlook, _ = await db.read(lambda conn: outlook_of(conn, desk, NOW))
    (ticket,) = outlook.tickets
    assert ticket.assignee is None
    assert BRUNO in ticket.meant
