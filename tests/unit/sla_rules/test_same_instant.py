"""Events of one and the same instant: the order they are stored in decides nothing."""

from datetime import timedelta
from itertools import permutations

from sla_rules.timeline import Event, HumanAnswer, NoAnswerNeeded
from tests.unit.sla_rules.builders import clock, planned, policy, resolved, utc, wrote

T0 = utc("2026-11-20 10:00")
MINUTE = timedelta(minutes=1)
BY = policy(clock("4h"), clock("9h", metric="resolution"), clock("48h", metric="update"))


def test_an_answer_and_a_word_that_none_is_needed_at_once():
    events: tuple[Event, ...] = (
        wrote(T0),
        HumanAnswer(ref="a", at=T0),
        NoAnswerNeeded(at=T0),
        resolved(T0),
    )

    assert len({planned(*order, by=BY) for order in permutations(events)}) == 1


def test_two_answers_at_once_of_which_one_knew_less():
    at = T0 + 5 * MINUTE
    events: tuple[Event, ...] = (
        wrote(T0),
        wrote(T0 + 2 * MINUTE),
        HumanAnswer(ref="knew less", at=at, knew=T0 + MINUTE),
        HumanAnswer(ref="knew all", at=at),
    )

    assert len({planned(*order, by=BY) for order in permutations(events)}) == 1
