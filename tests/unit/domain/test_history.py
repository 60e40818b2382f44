from dataclasses import replace

import pytest

from bot.domain.history import History, standing, timeline
from bot.domain.ticket import CUSTOMER, DESK, MessageState, TicketState
from sla_rules.runs import resolution_runs, response_runs
from sla_rules.timeline import CustomerMessage, HumanAnswer
from sla_rules.vocabulary import Kind
from tests.builders import NOW, hours, minutes
from tests.unit.domain.builders import a_ticket_value, answered, mark, wrote


def state_of(*messages, marks=(), kind=Kind.MESSAGE):
    return standing(a_ticket_value(kind=kind), History(messages=messages, marks=marks))


def test_a_question_waits_since_its_marketplace_time():
    found = state_of(wrote(NOW, seen_at=NOW + minutes(3)))
    assert (found.state, found.waiting_since) == (TicketState.OPEN, NOW)


def test_a_ticket_waits_since_the_oldest_message_nobody_answered():
    found = state_of(
        wrote(NOW), answered(NOW + hours(1)), wrote(NOW + hours(2)), wrote(NOW + hours(3))
    )
    assert found.waiting_since == NOW + hours(2)


@pytest.mark.parametrize(
    "state",
    [
        MessageState.QUEUED,
        MessageState.SENDING,
        MessageState.BOUNCED,
        MessageState.CANCELLED,
        MessageState.FAILED,
        MessageState.UNSURE,
    ],
)
def test_invariant_6_only_an_answer_that_was_handed_over_answers(state):
    unanswered = state_of(wrote(NOW), answered(NOW + hours(1), state=state))
    assert unanswered.state is TicketState.OPEN
    assert state_of(wrote(NOW), answered(NOW + hours(1))).state is TicketState.ANSWERED


def test_an_answer_with_the_time_stamp_of_the_question_answers_it():
    assert state_of(wrote(NOW), answered(NOW)).state is TicketState.ANSWERED


def test_no_answer_needed_leaves_nobody_waiting():
    found = state_of(wrote(NOW), marks=[mark("no_answer_needed", NOW + hours(1))])
    assert (found.state, found.waiting_since) == (TicketState.ANSWERED, None)


def test_a_click_does_not_settle_a_message_nobody_had_seen():
    late = wrote(NOW + minutes(10), seen_at=NOW + minutes(20))
    click = mark("no_answer_needed", NOW + minutes(15))
    found = state_of(wrote(NOW), late, marks=[click])
    assert (found.state, found.waiting_since) == (TicketState.OPEN, NOW + minutes(10))


def test_who_writes_while_we_answer_is_not_answered():
    queued, accepted = NOW + minutes(30), NOW + minutes(31)
    reply = replace(answered(accepted), seen_at=queued)
    crossing = wrote(NOW + minutes(29), seen_at=NOW + minutes(32))
    found = state_of(wrote(NOW), crossing, reply)
    assert (found.state, found.waiting_since) == (TicketState.OPEN, NOW + minutes(29))
    events = timeline(a_ticket_value(), History(messages=[wrote(NOW), crossing, reply])).events
    runs = response_runs(events)
    assert [(run.started_at, run.ended_at) for run in runs] == [
        (NOW, accepted),
        (NOW + minutes(29), None),
    ]


def test_an_answer_given_in_the_marketplace_saw_all_that_was_there():
    elsewhere = replace(answered(NOW + hours(1)), verdict="answered_elsewhere")
    unseen_here = wrote(NOW + minutes(50), seen_at=NOW + hours(2))
    assert state_of(wrote(NOW), unseen_here, elsewhere).state is TicketState.ANSWERED


def test_a_resolution_that_did_not_know_of_a_message_resolves_nothing():
    unseen = wrote(NOW + minutes(50), seen_at=NOW + hours(2))
    history = History(messages=[wrote(NOW), unseen], marks=[mark("resolved", NOW + hours(1))])
    assert standing(a_ticket_value(), history).state is TicketState.OPEN
    (run,) = resolution_runs(timeline(a_ticket_value(), history).events)
    assert run.ended_at is None


def test_a_resolution_holds_through_a_later_answer():
    found = state_of(wrote(NOW), answered(NOW + hours(2)), marks=[mark("resolved", NOW + hours(1))])
    assert (found.state, found.resolved_at) == (TicketState.RESOLVED, NOW + hours(1))


def test_a_customer_who_writes_again_opens_a_resolved_ticket_without_the_old_wait():
    marks = [mark("resolved", NOW + hours(1)), mark("reopened", NOW + hours(5), actor=CUSTOMER)]
    found = state_of(wrote(NOW), wrote(NOW + hours(5)), marks=marks)
    assert (found.state, found.waiting_since) == (TicketState.OPEN, NOW + hours(5))


@pytest.mark.parametrize("actor", ["U0ANNA", DESK])
def test_reopening_by_hand_takes_the_resolution_back(actor):
    marks = [mark("resolved", NOW + hours(1)), mark("reopened", NOW + hours(5), actor=actor)]
    found = state_of(wrote(NOW), marks=marks)
    assert (found.state, found.waiting_since) == (TicketState.OPEN, NOW)


def test_a_decided_claim_is_over_but_an_ordinary_ticket_is_not():
    closed = [mark("claim_closed", NOW + hours(1), actor="platform")]
    assert state_of(wrote(NOW, verdict="claim"), marks=closed, kind=Kind.CLAIM).state is (
        TicketState.RESOLVED
    )
    assert state_of(wrote(NOW), marks=closed).state is TicketState.OPEN


def test_a_notice_keeps_its_own_ticket_open_and_nobody_waiting():
    found = state_of(wrote(NOW, verdict="notice"), kind=Kind.NOTICE)
    assert (found.state, found.waiting_since) == (TicketState.OPEN, None)


def test_a_notice_in_a_conversation_waits_for_nobody():
    found = state_of(wrote(NOW), answered(NOW + hours(1)), wrote(NOW + hours(2), verdict="notice"))
    assert found.state is TicketState.ANSWERED


def test_invariant_6_the_timeline_holds_customers_and_handed_over_answers_only():
    messages = [
        wrote(NOW),
        wrote(NOW, verdict="notice"),
        answered(NOW + hours(1), state=MessageState.BOUNCED),
        answered(NOW + hours(2)),
    ]
    events = timeline(a_ticket_value(), History(messages=messages)).events
    assert [type(event) for event in events] == [CustomerMessage, HumanAnswer]
