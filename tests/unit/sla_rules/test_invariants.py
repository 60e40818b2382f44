"""The promises of the design that the pure core keeps, for any history of a ticket."""

import random
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from sla_rules.timeline import CustomerMessage, HumanAnswer, NoAnswerNeeded
from sla_rules.vocabulary import ClockState, Scope
from tests.unit.sla_rules.builders import (
    CALENDARS,
    LATER,
    clock,
    office,
    only,
    planned,
    policy,
    resolved,
    utc,
    wrote,
)
from tests.unit.sla_rules.strategies import events, instants

EXAMPLES = settings(max_examples=100, deadline=None)
HISTORIES = st.lists(events, max_size=8)
SECOND = timedelta(seconds=1)
BOTH = policy(
    clock("24h", scope="marketplace"),
    clock("9h", calendar="shop"),
    clock("20h", metric="resolution"),
)


@EXAMPLES
@given(HISTORIES)
def test_invariant_5_a_shown_deadline_is_never_later_than_the_true_one(history):
    wrote_at = [event.at for event in history if isinstance(event, CustomerMessage)]

    for deadline in planned(*history, by=BOTH):
        starts = [at for at in wrote_at if timedelta(0) <= at - deadline.started_at < SECOND]
        assert starts, "a clock starts with a customer's message, and not after it"
        if deadline.scope is Scope.MARKETPLACE:
            assert deadline.due_at == deadline.started_at + timedelta(hours=24)


@EXAMPLES
@given(HISTORIES)
def test_invariant_5_our_own_deadline_is_always_before_the_marketplaces(history):
    deadlines = planned(*history, by=BOTH)
    limits = {(d.metric, d.instance): d.due_at for d in deadlines if d.scope is Scope.MARKETPLACE}

    for deadline in deadlines:
        limit = limits.get((deadline.metric, deadline.instance))
        if limit is not None and deadline.scope is Scope.INTERNAL:
            assert deadline.due_at <= limit - timedelta(minutes=5)


@EXAMPLES
@given(HISTORIES)
def test_invariant_6_only_an_answer_or_an_explicit_word_satisfies_a_response_clock(history):
    said = {
        event.at.replace(microsecond=0)
        for event in history
        if isinstance(event, HumanAnswer | NoAnswerNeeded)
    }

    for deadline in planned(*history):
        if deadline.state is ClockState.MET:
            assert deadline.stopped_at in said


@EXAMPLES
@given(st.lists(instants, min_size=1, max_size=6))
def test_invariant_6_messages_alone_leave_every_clock_running(ats):
    states = {deadline.state for deadline in planned(*map(wrote, ats), by=BOTH)}

    assert states == {ClockState.RUNNING}


def test_invariant_6_resolving_is_no_answer():
    at = utc("2026-11-20 10:00")

    for deadline in planned(wrote(at), resolved(at + timedelta(minutes=1))):
        assert deadline.state is ClockState.CANCELLED


@EXAMPLES
@given(HISTORIES, st.randoms(use_true_random=False), instants)
def test_invariant_7_planning_again_gives_the_same_rows(history, order: random.Random, now):
    first = planned(*history, by=BOTH, now=LATER)
    shuffled = order.sample(history, len(history))

    assert planned(*shuffled, by=BOTH, now=now) == first


@EXAMPLES
@given(HISTORIES)
def test_invariant_7_the_versions_name_all_that_a_row_depends_on(history):
    same_rule = policy(
        clock("24h", scope="marketplace"),
        clock("540m", calendar="shop"),
        clock("20h", metric="resolution"),
    )
    fresh = {**CALENDARS, "shop": office(("09:00", "18:00"))}
    also_fresh = {**CALENDARS, "shop": office(("09:00", "12:00"), ("12:00", "18:00"))}

    assert planned(*history, by=BOTH, calendars=fresh) == planned(
        *history, by=same_rule, calendars=also_fresh
    )


@EXAMPLES
@given(HISTORIES)
def test_invariant_7_every_row_has_a_key_of_its_own(history):
    deadlines = planned(*history, by=BOTH)

    keys = {(deadline.metric, deadline.scope, deadline.instance) for deadline in deadlines}
    assert len(keys) == len(deadlines)
    for deadline in deadlines:
        assert len({ping.step for ping in deadline.pings}) == len(deadline.pings)


def test_the_newest_wait_runs_until_it_ends():
    at = utc("2026-11-20 10:00")

    assert only(planned(wrote(at)), Scope.MARKETPLACE).stopped_at is None
