import itertools
from dataclasses import replace

import pytest

from bot.domain.clocks import StoredClock, reconcile
from bot.domain.pings import PingOutcome
from sla_rules.calendar import ALWAYS
from sla_rules.deadlines import plan
from sla_rules.policy import PolicySet
from sla_rules.timeline import CustomerMessage, Hold, HumanAnswer, TicketFacts, Timeline
from sla_rules.vocabulary import ClockState, Waiting
from tests.builders import NOW, hours

POLICIES = PolicySet.load(
    [
        {
            "name": "ten hours",
            "source": "invented for this test",
            "clock": [{"metric": "response", "scope": "internal", "target": "10h"}],
        }
    ]
)
QUESTION = CustomerMessage(ref="1", at=NOW)
ANSWER = HumanAnswer(ref="2", at=NOW + hours(1))


@pytest.fixture
def ids():
    counter = itertools.count(1)
    return lambda: next(counter)


def planned(*events, policies=POLICIES):
    facts = TicketFacts(channel="amazon", inbox="amazon-it")
    policy = policies.select(facts)
    assert policy is not None
    return plan(Timeline(facts=facts, events=events), policy, {"always": ALWAYS}, NOW)


def stored_after(changes, before=()):
    """The rows as a database would hold them after `changes`."""
    rows = {clock.deadline.id: clock.deadline for clock in before}
    rows |= {row.id: row for row in changes.deadlines}
    pings = {ping.id: ping for clock in before for ping in clock.pings}
    pings |= {ping.id: ping for ping in changes.pings}
    return [
        StoredClock(
            deadline=row, pings=[ping for ping in pings.values() if ping.deadline_id == row.id]
        )
        for row in rows.values()
    ]


def change(clocks, step, **values):
    return [
        replace(
            clock,
            pings=[replace(ping, **values) if ping.step == step else ping for ping in clock.pings],
        )
        for clock in clocks
    ]


def test_a_first_plan_writes_the_deadline_and_all_its_pings(ids):
    changes = reconcile(7, (), planned(QUESTION), now=NOW, new_id=ids)
    assert [(row.ticket_id, row.due_at) for row in changes.deadlines] == [(7, NOW + hours(10))]
    assert [ping.step for ping in changes.pings] == [
        "warn50",
        "warn20",
        "breach",
        "breach2",
        "breach3",
    ]


def test_invariant_7_planning_again_changes_nothing(ids):
    events = (QUESTION, ANSWER, CustomerMessage(ref="3", at=NOW + hours(2)))
    stored = stored_after(reconcile(7, (), planned(*events), now=NOW, new_id=ids))
    again = reconcile(7, stored, planned(*events), now=NOW + hours(50), new_id=ids)
    assert not again.deadlines
    assert not again.pings


def test_an_answer_cancels_what_was_still_to_come(ids):
    stored = stored_after(reconcile(7, (), planned(QUESTION), now=NOW, new_id=ids))
    at = NOW + hours(1)
    changes = reconcile(7, stored, planned(QUESTION, ANSWER), now=at, new_id=ids)
    assert [row.state for row in changes.deadlines] == [ClockState.MET]
    assert {(ping.cancelled_at, ping.outcome) for ping in changes.pings} == {(at, "answered")}


def test_a_bounce_brings_back_the_pings_that_were_not_heard(ids):
    stored = stored_after(reconcile(7, (), planned(QUESTION), now=NOW, new_id=ids))
    stored = change(stored, "warn50", fired_at=NOW + hours(5), outcome=PingOutcome.SENT)
    answered = reconcile(7, stored, planned(QUESTION, ANSWER), now=NOW + hours(6), new_id=ids)
    stored = stored_after(answered, stored)
    changes = reconcile(7, stored, planned(QUESTION), now=NOW + hours(20), new_id=ids)
    assert [(row.state, row.due_at) for row in changes.deadlines] == [
        (ClockState.RUNNING, NOW + hours(10))
    ]
    back = {ping.step for ping in changes.pings if ping.cancelled_at is None}
    assert back == {"warn20", "breach", "breach2", "breach3"}


@pytest.mark.parametrize("outcome", [PingOutcome.SNOOZED, PingOutcome.ACKNOWLEDGED])
def test_what_people_silenced_stays_silent_after_another_plan(ids, outcome):
    stored = stored_after(reconcile(7, (), planned(QUESTION), now=NOW, new_id=ids))
    stored = change(stored, "warn50", cancelled_at=NOW + hours(5), outcome=outcome)
    changes = reconcile(7, stored, planned(QUESTION), now=NOW + hours(6), new_id=ids)
    assert not changes.pings


def test_a_stopped_clock_keeps_the_rule_it_was_judged_by(ids):
    stored = stored_after(reconcile(7, (), planned(QUESTION, ANSWER), now=NOW, new_id=ids))
    stricter = PolicySet.load(
        [
            {
                "name": "half an hour",
                "source": "invented for this test",
                "clock": [{"metric": "response", "scope": "internal", "target": "30m"}],
            }
        ]
    )
    changes = reconcile(
        7, stored, planned(QUESTION, ANSWER, policies=stricter), now=NOW + hours(2), new_id=ids
    )
    assert not changes.deadlines


def test_a_ping_heard_for_an_earlier_deadline_is_heard_again_for_a_later_one(ids):
    stored = stored_after(reconcile(7, (), planned(QUESTION), now=NOW, new_id=ids))
    stored = change(stored, "breach", fired_at=NOW + hours(10), outcome=PingOutcome.SENT)
    later = CustomerMessage(ref="1", at=NOW + hours(3))
    changes = reconcile(7, stored, planned(later), now=NOW + hours(11), new_id=ids)
    armed = {ping.step: ping for ping in changes.pings}
    assert (armed["breach"].fire_at, armed["breach"].fired_at) == (NOW + hours(13), None)


def test_a_clock_that_is_no_longer_planned_is_cancelled_with_its_pings(ids):
    stored = stored_after(reconcile(7, (), planned(QUESTION), now=NOW, new_id=ids))
    changes = reconcile(7, stored, (), now=NOW + hours(1), new_id=ids)
    assert [row.state for row in changes.deadlines] == [ClockState.CANCELLED]
    assert {ping.outcome for ping in changes.pings} == {"superseded"}
    stored = stored_after(changes, stored)
    assert not reconcile(7, stored, (), now=NOW + hours(2), new_id=ids).deadlines


HOLDING = PolicySet.load(
    [
        {
            "name": "ten hours",
            "source": "invented for this test",
            "clock": [
                {
                    "metric": "resolution",
                    "scope": "internal",
                    "target": "10h",
                    "pause_on": ["customer"],
                }
            ],
        }
    ]
)


def planned_with(*holds, events=(QUESTION,)):
    facts = TicketFacts(channel="amazon", inbox="amazon-it")
    policy = HOLDING.select(facts)
    assert policy is not None
    line = Timeline(facts=facts, events=events, holds=holds)
    return plan(line, policy, {"always": ALWAYS}, NOW)


def held(since, until=None):
    return Hold(on=Waiting.CUSTOMER, since=since, until=until)


def test_a_paused_clock_says_since_when_and_its_pings_are_silent(ids):
    stored = stored_after(reconcile(7, (), planned_with(), now=NOW, new_id=ids))
    at = NOW + hours(2)
    changes = reconcile(7, stored, planned_with(held(at)), now=at, new_id=ids)
    assert [(row.state, row.paused_at) for row in changes.deadlines] == [(ClockState.PAUSED, at)]
    assert {(ping.cancelled_at, ping.outcome) for ping in changes.pings} == {
        (at, PingOutcome.PAUSED)
    }


def test_pings_come_back_shifted_and_those_that_were_heard_do_not(ids):
    stored = stored_after(reconcile(7, (), planned_with(), now=NOW, new_id=ids))
    stored = change(stored, "warn50", fired_at=NOW + hours(5), outcome="sent")
    stop, go = NOW + hours(6), NOW + hours(9)
    paused = reconcile(7, stored, planned_with(held(stop)), now=stop, new_id=ids)
    stored = stored_after(paused, stored)
    changes = reconcile(7, stored, planned_with(held(stop, go)), now=go, new_id=ids)
    (row,) = changes.deadlines
    assert (row.state, row.paused_at, row.due_at) == (ClockState.RUNNING, None, NOW + hours(13))
    back = {ping.step: ping.fire_at for ping in changes.pings}
    assert back["warn20"] == NOW + hours(11)
    assert back["breach"] == NOW + hours(13)
    assert "warn50" not in back


def test_a_pause_after_the_breach_never_takes_it_back(ids):
    stored = stored_after(reconcile(7, (), planned_with(), now=NOW, new_id=ids))
    missed = [
        replace(each, deadline=replace(each.deadline, breached_at=NOW + hours(10)))
        for each in stored
    ]
    at = NOW + hours(11)
    changes = reconcile(7, missed, planned_with(held(at)), now=at, new_id=ids)
    assert not changes.deadlines


def test_what_was_judged_stays_when_the_rules_no_longer_know_of_it(ids):
    events = (QUESTION, ANSWER)
    stored = stored_after(reconcile(7, (), planned(*events), now=NOW, new_id=ids))
    changes = reconcile(7, stored, (), now=NOW + hours(50), new_id=ids, events=events)
    assert not changes.deadlines


def test_a_wait_that_never_was_is_taken_back(ids):
    """Two questions and an answer between them, which has bounced since: one wait, not two."""
    again = CustomerMessage(ref="3", at=NOW + hours(2))
    second = HumanAnswer(ref="4", at=NOW + hours(3))
    events = (QUESTION, ANSWER, again, second)
    stored = stored_after(reconcile(7, (), planned(*events), now=NOW, new_id=ids))
    left = (QUESTION, again, second)
    at = NOW + hours(4)
    changes = reconcile(7, stored, planned(*left), now=at, new_id=ids, events=left)
    states = {row.metric: (row.state, row.stopped_at) for row in changes.deadlines}
    assert states == {
        "first_response": (ClockState.MET, NOW + hours(3)),
        "next_response": (ClockState.CANCELLED, at),
    }
