"""Tickets that find their owner as they open, and what becomes of them when somebody goes away."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import select, update

from bot.db import tables
from bot.db.routing_rows import away_at, last_routed
from bot.domain.roster import Agent, Role, Roster, WorkShift
from bot.domain.routes import By, Route, Wanted
from bot.errors import DeskError, NotAllowed
from bot.usecases.assign import Assign, assign
from bot.usecases.assign_next import AssignNext, HandOver, assign_next, hand_over
from bot.usecases.away import ComeBack, GoAway, come_back, go_away
from bot.usecases.claim_expiry import expire_claims
from bot.usecases.ingest import ingest
from bot.usecases.look_ahead import look_ahead
from bot.usecases.route import routing_now, routing_told
from bot.usecases.tag_customer import TagCustomer, tag_customer
from connectors.contract import Verdict
from sla_rules.calendar import BusinessCalendar
from sla_rules.match import Match
from sla_rules.vocabulary import Audience
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    CARLA,
    GONE,
    NOW,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    stored,
    ticket,
)
from tests.db.reading import effects, event_types, statements

pytestmark = pytest.mark.postgres(first=2)

EVERYBODY = Route(name="everybody", match=Match(), to=Wanted(), by=By.ROUND_ROBIN)
MORNING = BusinessCalendar("Europe/Rome", {day: [("08:00", "13:00")] for day in ("tue", "wed")})


def routed_desk(desk, *routes, **changes):
    return replace(desk, routes=routes or (EVERYBODY,), **changes)


def with_shifts(desk, *shifts):
    return replace(desk, roster=replace(desk.roster, shifts=shifts))


def morning(*people):
    return WorkShift(name="am", calendar=MORNING, people=frozenset(people))


async def going(db, desk, who, *, actor=None, until=None, at=NOW):
    command = GoAway(actor=actor or who, who=who, until=until)
    return await db.write(lambda tx: go_away(tx, desk, command), now=at)


async def routing(db, ticket_id):
    event = await db.read(lambda conn: last_routed(conn, ticket_id))
    return routing_told(event.data) if event else None


async def owners(db):
    rows = await db.read(
        lambda conn: conn.execute(
            select(tables.ticket.c.number, tables.ticket.c.assignee).order_by(
                tables.ticket.c.number
            )
        ).all()
    )
    return [row.assignee for row in rows]


async def test_without_routes_a_ticket_is_nobodys_and_nothing_is_said(db, desk):
    view = await a_ticket(db, desk)
    assert view.assignee is None
    assert await event_types(db, view.id) == ["opened"]


async def test_tickets_of_one_page_go_round(db, desk):
    desk = routed_desk(desk)
    await arrive(db, desk, *(an_inbound() for _ in range(4)))
    assert await owners(db) == [ANNA, BRUNO, CARLA, ANNA]
    await arrive(db, desk, an_inbound())
    assert (await owners(db))[-1] == BRUNO


async def test_a_routed_ticket_says_so_in_its_thread_and_has_its_owner_from_the_start(db, desk):
    desk = routed_desk(desk)
    view = await a_ticket(db, desk)
    assert view.assignee == ANNA
    assert await event_types(db, view.id) == ["opened", "routed"]
    assert await effects(db) == ["post_root", "post_log"]
    found = await routing(db, view.id)
    assert (found.assignee, found.routes) == (ANNA, ("everybody",))


async def test_a_page_of_routed_tickets_costs_the_same_however_long_it_is(db, desk):
    desk = routed_desk(desk, replace(EVERYBODY, to=Wanted(previous_agent=True)))
    await a_ticket(db, desk)
    costs = []
    for size in (1, 10, 50):
        read = await stored(db, desk, *(an_inbound() for _ in range(size)), now=NOW)
        with statements(db) as sent:
            await db.write(lambda tx, read=read: ingest(tx, desk, AMAZON, read), now=NOW)
        costs.append(len(sent))
    assert len(set(costs)) == 1
    assert costs[0] <= 19


async def test_an_owner_by_route_who_does_nothing_loses_the_ticket_like_any_other(db, desk):
    inboxes = {name: replace(route, claim_expires=hours(1)) for name, route in desk.inboxes.items()}
    desk = routed_desk(replace(desk, inboxes=inboxes))
    await arrive(db, desk, an_inbound(), an_inbound())
    for late in (minutes(50), hours(2)):
        await db.write(lambda tx: expire_claims(tx, desk), now=NOW + late)
    assert await owners(db) == [None, None]


async def test_history_that_is_only_imported_goes_to_nobody(db, desk):
    desk = routed_desk(desk)
    await arrive(db, desk, an_inbound(sent_at=NOW - days(30)), now=NOW, received_at=NOW - days(30))
    assert await owners(db) == [None]


async def test_a_notice_is_not_routed_unless_a_route_names_its_kind(db, desk):
    desk = routed_desk(desk)
    view = await a_ticket(db, desk, an_inbound(verdict=Verdict.NOTICE))
    assert view.assignee is None
    assert "routed" not in await event_types(db, view.id)


async def test_a_customer_who_is_known_gets_whoever_had_them(db, desk):
    desk = routed_desk(desk, replace(EVERYBODY, by=By.LEAST_LOADED, to=Wanted(previous_agent=True)))
    first = await a_ticket(db, desk, an_inbound(sender_handle="mara@marketplace.example"))
    await arrive(db, desk, an_inbound())
    assert first.assignee == ANNA
    again = await a_ticket(db, desk, an_inbound(sender_handle="mara@marketplace.example"))
    assert again.assignee == ANNA
    assert (await routing(db, again.id)).previous


async def test_a_tagged_customer_goes_by_the_route_for_them(db, desk):
    wholesale = Route(
        name="wholesale",
        match=Match(customer_tag=frozenset({"wholesale"})),
        to=Wanted(people=frozenset({CARLA})),
        by=By.LEAST_LOADED,
    )
    desk = routed_desk(desk, EVERYBODY, wholesale)
    buyer = "buyer@shop.example"
    view = await a_ticket(db, desk, an_inbound(sender_handle=buyer))
    assert view.assignee == ANNA
    command = TagCustomer(ticket_id=view.id, actor=ANNA, tags=("Wholesale",))
    await db.write(lambda tx: tag_customer(tx, desk, command), now=NOW)
    await arrive(db, desk, an_inbound(sender_handle=buyer), now=NOW + hours(1))
    assert await owners(db) == [ANNA, CARLA]
    now = await db.read(lambda conn: routing_now(conn, desk, view.id, NOW + hours(1)))
    assert (now.assignee, now.routes) == (CARLA, ("wholesale",))


async def test_nobody_on_shift_leaves_it_unclaimed_and_names_the_next(db, desk):
    desk = with_shifts(routed_desk(desk, replace(EVERYBODY, by=By.ON_SHIFT_ONLY)), morning(BRUNO))
    evening = NOW + hours(9)
    await arrive(db, desk, an_inbound(sent_at=evening), now=evening)
    view = await ticket(db)
    assert view.assignee is None
    found = await routing(db, view.id)
    assert (found.coming.who, found.coming.at) == (BRUNO, NOW + hours(22))
    assert view.clocks[0].started_at == evening


async def test_an_answered_ticket_comes_back_to_its_owner_but_not_to_one_who_left(db, desk):
    desk = routed_desk(desk)
    thread = "case-a"
    view = await a_ticket(db, desk, an_inbound(thread=thread))
    assert view.assignee == ANNA
    await answer(db, desk, view.id, at=NOW + hours(1), actor=ANNA)
    await arrive(db, desk, an_inbound(thread=thread, sent_at=NOW + hours(2)))
    assert (await ticket(db)).assignee == ANNA
    await answer(db, desk, view.id, at=NOW + hours(3), actor=ANNA)
    await db.write(lambda tx: tx.conn.execute(update(tables.ticket).values(assignee=GONE)), now=NOW)
    await arrive(db, desk, an_inbound(thread=thread, sent_at=NOW + hours(4)))
    assert (await ticket(db)).assignee in {ANNA, BRUNO, CARLA}
    assert (await event_types(db, view.id)).count("routed") == 2


async def test_who_is_away_gets_nothing_new_until_the_time_is_over(db, desk):
    desk = routed_desk(desk)
    await going(db, desk, ANNA, until=NOW + hours(2))
    await arrive(db, desk, an_inbound())
    assert await owners(db) == [BRUNO]
    later = NOW + hours(3)
    await arrive(db, desk, an_inbound(sent_at=later))
    assert (await owners(db))[-1] == ANNA
    assert await db.read(lambda conn: away_at(conn, later)) == {}


async def test_who_comes_back_early_is_back(db, desk):
    await going(db, desk, ANNA)
    command = ComeBack(actor=ANNA, who=ANNA)
    back = await db.write(lambda tx: come_back(tx, desk, command), now=NOW + hours(1))
    again = await db.write(lambda tx: come_back(tx, desk, command), now=NOW + hours(1))
    assert (back.changed, again.changed) == (True, False)


async def test_only_a_lead_says_that_somebody_else_is_away(db, desk):
    with pytest.raises(NotAllowed):
        await going(db, desk, BRUNO, actor=ANNA)
    await going(db, desk, BRUNO, actor=CARLA)
    assert await db.read(lambda conn: away_at(conn, NOW)) == {BRUNO: None}
    with pytest.raises(DeskError):
        await going(db, desk, GONE, actor=CARLA)


async def test_what_waits_for_who_goes_away_is_offered_in_its_channel(db, desk):
    view = await a_ticket(db, desk)
    await db.write(
        lambda tx: assign(tx, desk, Assign(ticket_id=view.id, actor=BRUNO, assignee=ANNA)), now=NOW
    )
    done = await going(db, desk, ANNA)
    assert (done.waiting, done.given) == (1, 0)
    assert (await effects(db))[-1] == "post_offer"
    assert (await ticket(db)).assignee == ANNA


async def test_with_reassign_away_it_goes_to_others_at_once(db, desk):
    desk = routed_desk(desk, reassign_away=True)
    view = await a_ticket(db, desk)
    done = await going(db, desk, ANNA)
    assert (done.waiting, done.given) == (1, 1)
    after = await ticket(db)
    assert after.assignee == BRUNO
    assert after.version > view.version
    assert "post_offer" not in await effects(db)


async def test_nobody_gives_a_ticket_to_somebody_who_is_away(db, desk):
    view = await a_ticket(db, desk)
    await going(db, desk, ANNA, until=NOW + hours(2))
    command = Assign(ticket_id=view.id, actor=BRUNO, assignee=ANNA)
    with pytest.raises(NotAllowed, match="Anna Bassi is away until Tue 10 Mar"):
        await db.write(lambda tx: assign(tx, desk, command), now=NOW)
    own = replace(command, actor=ANNA)
    await db.write(lambda tx: assign(tx, desk, own), now=NOW)


async def test_handing_over_gives_every_waiting_ticket_to_the_next(db, desk):
    view = await a_ticket(db, desk)
    await db.write(
        lambda tx: assign(tx, desk, Assign(ticket_id=view.id, actor=BRUNO, assignee=ANNA)), now=NOW
    )
    command = HandOver(actor=CARLA, who=ANNA)
    with pytest.raises(DeskError, match="is back"):
        await db.write(lambda tx: hand_over(tx, desk, command), now=NOW)
    await going(db, desk, ANNA)
    (given,) = await db.write(lambda tx: hand_over(tx, desk, command), now=NOW)
    assert given.who == (await ticket(db)).assignee == BRUNO


async def next_owner(db, desk, ticket_id, *, at=NOW, among=None):
    command = AssignNext(ticket_id=ticket_id, actor=CARLA, among=among)
    return await db.write(lambda tx: assign_next(tx, desk, command), now=at)


async def test_next_is_who_is_there_now_or_else_comes_first(db, desk):
    desk = with_shifts(
        desk,
        morning(BRUNO),
        WorkShift(
            name="pm",
            calendar=BusinessCalendar("Europe/Rome", {"tue": [("14:00", "18:00")]}),
            people=frozenset({ANNA, CARLA}),
        ),
    )
    view = await a_ticket(db, desk)
    assert (await next_owner(db, desk, view.id)).who == BRUNO
    noon = await next_owner(db, desk, view.id, at=NOW + hours(3.5))
    assert (noon.who, noon.at) == (ANNA, NOW + hours(4))


async def test_of_a_group_whoever_is_there_and_has_the_least_to_do_gets_it(db, desk):
    desk = with_shifts(desk, morning(ANNA, BRUNO))
    busy = await a_ticket(db, desk)
    await db.write(
        lambda tx: assign(tx, desk, Assign(ticket_id=busy.id, actor=BRUNO, assignee=ANNA)), now=NOW
    )
    view = await a_ticket(db, desk)
    team = frozenset({ANNA, BRUNO})
    assert (await next_owner(db, desk, view.id, among=team)).who == BRUNO
    with pytest.raises(DeskError, match="Nobody of them is on shift now; Anna Bassi is next"):
        await next_owner(db, desk, view.id, among=team, at=NOW + hours(9))


async def test_before_a_shift_ends_a_channel_hears_once_what_breaches_until_the_next(db, desk):
    desk = with_shifts(desk, morning(BRUNO))
    await arrive(db, desk, an_inbound(sent_at=NOW - hours(10)), now=NOW)
    await arrive(db, desk, an_inbound(sent_at=NOW), now=NOW)

    async def look(at: datetime) -> int:
        offered: int = await db.write(lambda tx: look_ahead(tx, desk), now=at)
        return offered

    assert await look(NOW + hours(2)) == 0
    assert await look(NOW + hours(3) - minutes(20)) == 1
    assert await look(NOW + hours(3) - minutes(10)) == 1
    offers = [kind for kind in await effects(db) if kind == "post_offer"]
    assert offers == ["post_offer"]


async def test_nothing_is_said_where_nobody_works_by_shifts_or_nothing_breaches(db, desk):
    await arrive(db, desk, an_inbound(sent_at=NOW - hours(10)), now=NOW)
    at = NOW + hours(3) - minutes(20)
    assert await db.write(lambda tx: look_ahead(tx, desk), now=at) == 0
    always = with_shifts(
        desk,
        morning(BRUNO),
        WorkShift(
            name="pm",
            calendar=BusinessCalendar("Europe/Rome", {"tue": [("13:00", "22:00")]}),
            people=frozenset({ANNA}),
        ),
    )
    assert await db.write(lambda tx: look_ahead(tx, always), now=at) == 0


async def test_where_a_ticket_would_go_now_is_told_without_a_change(db, desk):
    view = await a_ticket(db, desk)
    desk = routed_desk(desk)
    found = await db.read(lambda conn: routing_now(conn, desk, view.id, NOW))
    assert found.assignee == ANNA
    assert (await ticket(db)).assignee is None


def test_pings_of_who_is_away_go_to_the_group() -> None:
    agents = {who: Agent(slack_id=who, name=who, role=Role.AGENT) for who in (ANNA, BRUNO)}
    roster = Roster(agents=agents).without({ANNA: None})
    wanted, called = roster.audience(Audience.ASSIGNEE, assignee=ANNA, group=("S0AMAZON",))
    assert (wanted, list(called)) == (Audience.GROUP, ["S0AMAZON"])
    _, called = roster.audience(Audience.GROUP, assignee=None, group=(ANNA, BRUNO))
    assert list(called) == [BRUNO]
    _, called = roster.audience(Audience.GROUP, assignee=None, group=(ANNA,))
    assert list(called) == [ANNA]
