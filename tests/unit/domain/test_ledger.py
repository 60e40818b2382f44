"""The response ledger: what each line stopped, why it stopped none, and what a lead's word changes."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.domain.clocks import StoredDeadline
from bot.domain.history import History, standing, timeline
from bot.domain.holds import Mark
from bot.domain.ledger import CannotBe, Entry, Taken, WhyNone, ledger, refusal
from bot.domain.rulings import Correction, Ruling, corrections
from bot.domain.ticket import MessageState, TicketState
from connectors.contract import Verdict
from sla_rules.runs import response_runs
from sla_rules.vocabulary import Author, ClockState, Metric, Scope
from tests.builders import NOW, hours, minutes
from tests.unit.domain.builders import a_ticket_value, answered, mark, wrote

DANA = "U0DANA"


def an_answer(id_: int, at: datetime, **changes: Any) -> Entry:
    entry = Entry(
        id=id_,
        at=at,
        taken=Taken.ANSWER,
        author=Author.AGENT,
        agent="U0ANNA",
        state=MessageState.SENT,
    )
    return replace(entry, **changes)


def a_mail(id_: int, taken: Taken) -> Entry:
    return Entry(id=id_, at=NOW + hours(1), taken=taken, reason="Auto-Submitted says so")


def a_stopped_clock(at: datetime, **changes: Any) -> StoredDeadline:
    clock = StoredDeadline(
        id=1,
        ticket_id=1,
        metric=Metric.FIRST_RESPONSE,
        scope=Scope.MARKETPLACE,
        instance=0,
        started_at=NOW,
        due_at=NOW + hours(24),
        target_seconds=86_400,
        state=ClockState.MET,
        stopped_at=at,
        breached_at=None,
        policy="p",
        policy_version="v",
        calendar="always",
        calendar_version="always",
        clamped=None,
    )
    return replace(clock, **changes)


def said(ruling: Ruling) -> Correction:
    return Correction(ruling=ruling, by=DANA, at=NOW + hours(3), reason="I looked")


def test_the_line_that_stopped_a_clock_says_which_and_how() -> None:
    at = NOW + hours(1)
    late = a_stopped_clock(at, id=2, scope=Scope.INTERNAL, state=ClockState.LATE)

    (line,) = ledger([an_answer(5, at + minutes(0))], {}, [a_stopped_clock(at), late])

    assert [(each.scope, each.late) for each in line.stopped] == [
        (Scope.INTERNAL, True),
        (Scope.MARKETPLACE, False),
    ]
    assert line.why_none is None


def test_of_two_in_the_same_second_the_earlier_one_has_stopped_it() -> None:
    at = NOW + hours(1)

    first, second = ledger([an_answer(6, at), an_answer(5, at)], {}, [a_stopped_clock(at)])

    assert (first.entry.id, first.number, len(first.stopped)) == (5, 1, 1)
    assert (second.number, second.why_none) == (2, WhyNone.NOBODY_WAITED)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (MessageState.QUEUED, WhyNone.ON_ITS_WAY),
        (MessageState.SENDING, WhyNone.ON_ITS_WAY),
        (MessageState.CANCELLED, WhyNone.TAKEN_BACK),
        (MessageState.FAILED, WhyNone.NOT_SENT),
        (MessageState.UNSURE, WhyNone.UNSURE),
        (MessageState.BOUNCED, WhyNone.BOUNCED),
        (MessageState.SENT, WhyNone.NOBODY_WAITED),
    ],
)
def test_a_line_that_stopped_nothing_says_why(state: MessageState, why: WhyNone) -> None:
    (line,) = ledger([an_answer(5, NOW, state=state)], {}, [])
    assert line.why_none is why


@pytest.mark.parametrize(
    ("taken", "why"),
    [
        (Taken.RECEIPT, WhyNone.AUTOMATIC),
        (Taken.OWN_MAIL, WhyNone.AUTOMATIC),
        (Taken.BOUNCE, WhyNone.THEIRS),
        (Taken.AUTOMATIC, WhyNone.THEIRS),
    ],
)
def test_automatic_mail_stops_nothing_and_says_why(taken: Taken, why: WhyNone) -> None:
    (line,) = ledger([a_mail(5, taken)], {}, [])
    assert line.why_none is why


def test_an_automatic_answer_is_shown_as_what_stopped_a_clock_where_the_policy_counts_it() -> None:
    at = NOW + hours(1)

    (line,) = ledger([a_mail(5, Taken.RECEIPT)], {}, [a_stopped_clock(at)])

    assert (line.counts, len(line.stopped)) == (Ruling.AUTOMATIC, 1)


def test_a_line_keeps_its_number_when_others_are_added() -> None:
    at = NOW + hours(2)
    before = ledger([an_answer(5, at), an_answer(7, at)], {}, [])
    after = ledger([an_answer(9, NOW), an_answer(5, at), an_answer(7, at)], {}, [])

    assert [(each.number, each.entry.id) for each in after[:2]] == [
        (each.number, each.entry.id) for each in before
    ]


@pytest.mark.parametrize(
    ("entry", "ruling", "why"),
    [
        (a_mail(5, Taken.AUTOMATIC), Ruling.PERSON, CannotBe.THEIRS),
        (a_mail(5, Taken.RECEIPT), Ruling.PERSON, None),
        (a_mail(5, Taken.BOUNCE), Ruling.ELSEWHERE, None),
        (an_answer(5, NOW, state=MessageState.FAILED), Ruling.PERSON, CannotBe.NEVER_SENT),
        (an_answer(5, NOW, state=MessageState.UNSURE), Ruling.AUTOMATIC, CannotBe.NEVER_SENT),
        (an_answer(5, NOW, state=MessageState.BOUNCED), Ruling.PERSON, None),
        (an_answer(5, NOW), Ruling.AUTOMATIC, None),
    ],
)
def test_what_cannot_be_said_of_a_line(entry: Entry, ruling: Ruling, why: CannotBe | None) -> None:
    (line,) = ledger([entry], {}, [])
    assert refusal(line, ruling) is why


def test_the_same_is_not_said_twice() -> None:
    (line,) = ledger([an_answer(5, NOW)], {5: said(Ruling.AUTOMATIC)}, [])
    assert refusal(line, Ruling.AUTOMATIC) is CannotBe.SAME
    assert refusal(line, Ruling.PERSON) is None


# What the clocks make of it.


def correction(of: int, ruling: Ruling) -> Mark:
    kept = mark("verdict_corrected", NOW + hours(3), actor=DANA)
    return replace(kept, data={"line": str(of), "ruling": str(ruling), "reason": "I looked"})


def receipt(verdict: str = Verdict.ACKNOWLEDGEMENT) -> Mark:
    return replace(mark("verdict", NOW + hours(1)), data={"verdict": verdict})


def state_of(messages: Any, marks: Any) -> TicketState:
    return standing(a_ticket_value(), History(messages=messages, marks=marks)).state


@pytest.mark.parametrize("ruling", [Ruling.AUTOMATIC, Ruling.ELSEWHERE])
def test_invariant_6_an_answer_a_lead_disowns_answers_nobody(ruling: Ruling) -> None:
    answer = answered(NOW + hours(1))
    assert state_of([wrote(NOW), answer], []) is TicketState.ANSWERED
    assert state_of([wrote(NOW), answer], [correction(answer.id, ruling)]) is TicketState.OPEN


def test_another_correction_undoes_the_first() -> None:
    answer = answered(NOW + hours(1))
    words = [correction(answer.id, Ruling.AUTOMATIC), correction(answer.id, Ruling.PERSON)]
    assert state_of([wrote(NOW), answer], words) is TicketState.ANSWERED


@pytest.mark.parametrize("verdict", list(Verdict))
def test_invariant_6_only_mail_of_our_own_can_be_called_a_persons_answer(verdict: Verdict) -> None:
    came = receipt(verdict)
    ours = verdict in {Verdict.ACKNOWLEDGEMENT, Verdict.OWN_LOOP}
    state = state_of([wrote(NOW)], [came, correction(came.id, Ruling.PERSON)])
    assert state is (TicketState.ANSWERED if ours else TicketState.OPEN)


def test_invariant_6_an_answer_that_is_called_automatic_satisfies_only_where_the_policy_says() -> (
    None
):
    answer = answered(NOW + hours(1))
    history = History(
        messages=[wrote(NOW), answer], marks=[correction(answer.id, Ruling.AUTOMATIC)]
    )
    events = timeline(a_ticket_value(), history).events
    assert response_runs(events)[-1].ended_at is None
    assert response_runs(events, auto_satisfies=True)[-1].ended_at == NOW + hours(1)


def test_a_receipt_that_belongs_elsewhere_counts_nowhere() -> None:
    came = receipt()
    history = History(messages=[wrote(NOW)], marks=[came, correction(came.id, Ruling.ELSEWHERE)])
    events = timeline(a_ticket_value(), history).events
    assert response_runs(events, auto_satisfies=True)[-1].ended_at is None


@pytest.mark.parametrize("state", [MessageState.QUEUED, MessageState.FAILED, MessageState.UNSURE])
def test_invariant_6_no_word_makes_an_answer_of_what_was_not_handed_over(
    state: MessageState,
) -> None:
    answer = answered(NOW + hours(1), state=state)
    word = correction(answer.id, Ruling.PERSON)
    assert state_of([wrote(NOW), answer], [word]) is TicketState.OPEN


def test_an_answer_that_came_back_by_mistake_counts_on_a_leads_word() -> None:
    answer = answered(NOW + hours(1), state=MessageState.BOUNCED)
    assert state_of([wrote(NOW), answer], []) is TicketState.OPEN
    word = correction(answer.id, Ruling.PERSON)
    assert state_of([wrote(NOW), answer], [word]) is TicketState.ANSWERED


def test_the_last_word_on_a_line_is_the_one_that_holds() -> None:
    words = [correction(5, Ruling.ELSEWHERE), correction(5, Ruling.AUTOMATIC)]
    assert corrections(words)[5].ruling is Ruling.AUTOMATIC
    assert corrections(words)[5].by == DANA
