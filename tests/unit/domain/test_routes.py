"""To whom a ticket goes: what a route asks for, who is free, whose turn it is."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.roster import Agent, Role, Roster, Seniority, WorkShift
from bot.domain.routes import Asked, By, Route, Routing, Wanted, Why, Work, next_for, routing_of
from sla_rules.calendar import BusinessCalendar
from sla_rules.match import Match
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Risk

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)  # a Tuesday, ten o'clock in Rome
ANNA, BRUNO, CARLA, DORA = "U0ANNA", "U0BRUNO", "U0CARLA", "U0DORA"
MORNING = BusinessCalendar("Europe/Rome", {"tue": [("09:00", "13:00")]})
AFTERNOON = BusinessCalendar("Europe/Rome", {"tue": [("14:00", "18:00")]})


def person(who: str, **changes: Any) -> Agent:
    agent = Agent(slack_id=who, name=who.removeprefix("U0").title(), role=Role.AGENT)
    return replace(agent, **changes)


def people(*agents: Agent, **changes: Any) -> Roster:
    return Roster(agents={each.slack_id: each for each in agents}, **changes)


THREE = people(
    person(ANNA, languages=frozenset({"it", "de"})),
    person(BRUNO, languages=frozenset({"it"}), skills=frozenset({"returns"})),
    person(CARLA, languages=frozenset({"de"}), seniority=Seniority.SENIOR),
    person(DORA, role=Role.MANAGER, languages=frozenset({"de"})),
)


def route(name: str = "all", by: By = By.LEAST_LOADED, **changes: Any) -> Route:
    match = changes.pop("match", Match())
    fallback = changes.pop("fallback", None)
    return Route(name=name, match=match, to=Wanted(**changes), by=by, fallback=fallback)


def asked(risk: Risk = Risk.NORMAL, **facts: Any) -> Asked:
    customer = facts.pop("customer_id", None)
    besides = facts.pop("besides", None)
    return Asked(
        facts=TicketFacts(channel="amazon", inbox="amazon-de", risk=risk, **facts),
        risk=risk,
        customer_id=customer,
        besides=besides,
    )


def routed(
    *routes: Route, roster: Roster = THREE, ticket: Asked | None = None, work: Work | None = None
) -> Routing:
    found = routing_of(routes, roster, ticket or asked(), work or Work(), NOW)
    assert found is not None
    return found


def reasons(routing: Routing) -> dict[str, Why]:
    return {each.agent: each.why for each in routing.left_out}


def test_a_ticket_that_no_route_is_meant_for_is_not_routed() -> None:
    german = route(match=Match(language=frozenset({"de"})))
    assert routing_of([german], THREE, asked(language="it"), Work(), NOW) is None
    assert routing_of([], THREE, asked(), Work(), NOW) is None


def test_the_most_specific_route_decides() -> None:
    amazon = route("amazon", match=Match(channel=frozenset({"amazon"})), people=frozenset({BRUNO}))
    german = route(
        "german",
        match=Match(channel=frozenset({"amazon"}), language=frozenset({"de"})),
        people=frozenset({CARLA}),
    )
    assert routed(amazon, german, ticket=asked(language="de")).assignee == CARLA
    assert routed(amazon, german, ticket=asked(language="it")).assignee == BRUNO


@pytest.mark.parametrize(
    ("wanted", "owner", "others"),
    [
        ({"languages": frozenset({"de"})}, ANNA, {BRUNO: Why.LANGUAGE}),
        ({"skills": frozenset({"returns"})}, BRUNO, {ANNA: Why.SKILL, CARLA: Why.SKILL}),
        ({"seniority": Seniority.SENIOR}, CARLA, {ANNA: Why.SENIORITY, BRUNO: Why.SENIORITY}),
        ({"people": frozenset({DORA})}, DORA, {}),
    ],
)
def test_who_is_not_what_a_route_asks_for_is_left_out_with_the_reason(
    wanted: dict[str, Any], owner: str, others: dict[str, Why]
) -> None:
    found = routed(route(**wanted))
    assert found.assignee == owner
    assert reasons(found) == others


def test_a_manager_gets_tickets_only_by_name() -> None:
    for _ in range(6):
        assert routed(route(languages=frozenset({"de"}))).assignee != DORA


def test_the_least_loaded_gets_it_and_a_critical_ticket_weighs_three() -> None:
    work = Work()
    first = routed(route(), work=work)
    work.give(first, Risk.CRITICAL, 1)
    assert work.loads == {ANNA: 3}
    owners = []
    for turn in range(2, 8):
        found = routed(route(), work=work)
        work.give(found, Risk.NORMAL, turn)
        owners.append(found.assignee)
    assert Counter(owners) == {BRUNO: 3, CARLA: 3}


def test_whoever_is_full_gets_nothing_more_but_one_ticket_always_fits() -> None:
    narrow = people(person(ANNA, capacity=2))
    assert routed(route(), roster=narrow, ticket=asked(Risk.CRITICAL)).assignee == ANNA
    found = routed(route(), roster=narrow, work=Work(loads={ANNA: 2}))
    assert found.assignee is None
    assert [(each.why, each.detail) for each in found.left_out] == [(Why.FULL, "2/2")]


def test_who_is_away_or_off_shift_is_left_out_and_the_next_is_named() -> None:
    shifts = (
        WorkShift(name="am", calendar=MORNING, people=frozenset({ANNA})),
        WorkShift(name="pm", calendar=AFTERNOON, people=frozenset({BRUNO, CARLA})),
    )
    roster = replace(THREE, shifts=shifts).without({ANNA: NOW + timedelta(days=1)})
    found = routed(route(), roster=roster)
    assert found.assignee is None
    assert reasons(found) == {ANNA: Why.AWAY, BRUNO: Why.OFF_SHIFT, CARLA: Why.OFF_SHIFT}
    assert found.coming is not None
    assert (found.coming.who, found.coming.at) == (BRUNO, NOW + timedelta(hours=4))


def test_who_has_no_hours_is_there_but_not_for_a_route_by_shifts() -> None:
    shifts = (WorkShift(name="pm", calendar=AFTERNOON, people=frozenset({ANNA, CARLA})),)
    roster = replace(THREE, shifts=shifts)
    assert routed(route(), roster=roster).assignee == BRUNO
    assert routed(route(by=By.ON_SHIFT_ONLY), roster=roster).assignee is None


def test_the_previous_agent_goes_before_the_least_loaded() -> None:
    work = Work(loads={CARLA: 5}, previous={7: CARLA})
    again = route(previous_agent=True)
    found = routed(again, ticket=asked(customer_id=7), work=work)
    assert (found.assignee, found.previous) == (CARLA, True)
    assert routed(route(), ticket=asked(customer_id=7), work=work).assignee == ANNA
    away = THREE.without({CARLA: None})
    assert routed(again, roster=away, ticket=asked(customer_id=7), work=work).assignee == ANNA


def test_a_fallback_is_asked_where_nobody_is_free() -> None:
    senior = route(
        "senior",
        match=Match(risk=frozenset({Risk.CRITICAL})),
        seniority=Seniority.SENIOR,
        fallback="all",
    )
    everybody = route("all")
    away = THREE.without({CARLA: None})
    found = routed(senior, everybody, roster=away, ticket=asked(Risk.CRITICAL))
    assert found.routes == ("senior", "all")
    assert found.assignee == ANNA
    assert reasons(found)[CARLA] is Why.AWAY


def test_next_is_whoever_is_free_else_who_comes_else_anybody_of_the_desk() -> None:
    shifts = (WorkShift(name="pm", calendar=AFTERNOON, people=frozenset({CARLA})),)
    roster = replace(THREE, shifts=shifts)
    german = route("german", languages=frozenset({"de"}), people=frozenset({CARLA}))
    coming = next_for([german], roster, asked(), Work(), NOW)
    assert coming.assignee == CARLA
    assert coming.coming is not None
    nobody = route("nobody", people=frozenset({"U0GONE"}))
    assert next_for([nobody], roster, asked(besides=ANNA), Work(), NOW).assignee == BRUNO


@st.composite
def desks(draw: st.DrawFn) -> tuple[Roster, Work]:
    agents, shifts, away = [], [], {}
    for who in (ANNA, BRUNO, CARLA):
        agents.append(
            person(
                who,
                languages=frozenset(draw(st.sets(st.sampled_from(["de", "it"])))),
                capacity=draw(st.sampled_from([None, 1, 3])),
                active=draw(st.booleans()),
            )
        )
        hours = draw(st.sampled_from([None, MORNING, AFTERNOON]))
        if hours is not None:
            shifts.append(WorkShift(name=who, calendar=hours, people=frozenset({who})))
        if draw(st.booleans()):
            away[who] = draw(st.sampled_from([None, NOW + timedelta(hours=1)]))
    loads = draw(st.dictionaries(st.sampled_from([ANNA, BRUNO, CARLA]), st.integers(0, 4)))
    return people(*agents, shifts=tuple(shifts)).without(away), Work(loads=loads)


@given(desks(), st.sampled_from(By), st.sampled_from(Risk))
def test_nobody_gets_a_ticket_who_is_gone_away_off_shift_full_or_cannot_read_it(
    desk: tuple[Roster, Work], by: By, risk: Risk
) -> None:
    roster, work = desk
    found = routed(
        route(by=by, languages=frozenset({"de"})), roster=roster, ticket=asked(risk), work=work
    )
    active = {who for who, agent in roster.agents.items() if agent.active}
    left = {each.agent for each in found.left_out}
    if found.assignee is None:
        assert left == active
        return
    agent = roster.agents[found.assignee]
    assert roster.is_here(found.assignee)
    assert "de" in agent.languages
    assert found.assignee not in left
    assert not any(
        found.assignee in shift.people and shift.calendar is AFTERNOON for shift in roster.shifts
    )
    load = work.loads.get(found.assignee, 0)
    assert agent.capacity is None or not load or load < agent.capacity


@given(st.integers(1, 30))
def test_a_round_gives_everybody_the_same_but_for_one(count: int) -> None:
    work = Work()
    turns: Counter[str] = Counter()
    for turn in range(1, count + 1):
        found = routed(route(by=By.ROUND_ROBIN), work=work)
        assert found.assignee is not None
        work.give(found, Risk.CRITICAL if turn % 3 else Risk.NORMAL, turn)
        turns[found.assignee] += 1
    assert max(turns.values()) - min(turns[who] for who in (ANNA, BRUNO, CARLA)) <= 1
