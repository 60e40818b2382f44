from dataclasses import replace
from decimal import Decimal

import pytest

from bot.domain.class_change import due_before, missed, moves_told, told, what_changed
from bot.domain.clocks import StoredClock, StoredDeadline
from bot.domain.recomputation import Move
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Risk, Stage
from tests.builders import NOW, hours
from tests.unit.domain.builders import a_ticket_value


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        ({"vip": True}, "VIP"),
        ({"risk": Risk.CRITICAL}, "risk normal → critical"),
        ({"topic": Topic.NEGATIVE_REVIEW}, "topic other → negative review"),
        ({"stage": Stage.PRE_SALE}, "stage post sale → pre sale"),
        ({"kind": Kind.CLAIM}, "kind message → claim"),
        ({"language": None}, "language en → none"),
        ({"marketplace": "it"}, "marketplace none → it"),
        ({"tags": frozenset({"b", "a"})}, "tag a, tag b"),
        ({"order_value": Decimal("9.50"), "currency": "EUR"}, "order value 9.50 EUR"),
        ({"order_value": Decimal(9)}, "order value 9"),
        ({"vip": True, "risk": Risk.ELEVATED}, "risk normal → elevated, VIP"),
        ({"subject": "another", "order_id": "7"}, ""),
    ],
)
def test_a_change_is_said_in_words(changes, words):
    before = a_ticket_value()
    assert what_changed(before, replace(before, **changes)) == words


def test_what_is_taken_back_is_said_too():
    before = a_ticket_value(vip=True, tags=frozenset({"trade"}))
    after = replace(before, vip=False, tags=frozenset())
    assert what_changed(before, after) == "no VIP any more, no tag trade"


def a_clock(due, *, metric="first_response", scope="internal", state="running", began=NOW):
    deadline = StoredDeadline(
        id=1,
        ticket_id=1,
        metric=metric,
        scope=scope,
        instance=0,
        started_at=began,
        due_at=NOW + hours(due),
        target_seconds=1,
        state=state,
        stopped_at=None,
        breached_at=None,
        policy="usual",
        policy_version="1",
        calendar="always",
        calendar_version="1",
        clamped=None,
    )
    return StoredClock(deadline=deadline)


def test_the_desks_own_target_for_the_answer_is_what_was_promised_before():
    clocks = [
        a_clock(1, metric="resolution"),
        a_clock(12),
        a_clock(6, scope="marketplace"),
        a_clock(2, state="met"),
    ]
    assert due_before(clocks, NOW) == NOW + hours(12)
    assert due_before(clocks[:1], NOW) == NOW + hours(1)
    assert due_before(clocks[2:], NOW) == NOW + hours(6)
    assert due_before([a_clock(12, state="paused")], NOW) == NOW + hours(12)


def test_nothing_was_promised_where_no_clock_lasts():
    assert due_before([], NOW) is None
    assert due_before([a_clock(2, state="met")], NOW) is None
    assert due_before([a_clock(2, began=NOW + hours(1))], NOW) is None


def test_only_an_own_clock_that_runs_on_past_its_end_was_missed():
    clocks = [
        a_clock(-1, metric="resolution"),
        a_clock(-2, state="paused"),
        a_clock(-2, scope="marketplace"),
        a_clock(-2, state="met"),
        a_clock(2, metric="update"),
    ]
    assert missed(clocks, NOW) == {"resolution"}


def test_moves_are_read_back_as_they_were_told():
    found = Move(
        metric="first_response",
        scope="internal",
        before=NOW + hours(12),
        after=NOW + hours(2),
        policy="vip",
        past=False,
    )
    new = replace(found, before=None)
    assert moves_told({"moves": told([found, new])}) == (found, new)
    assert moves_told({}) == ()
