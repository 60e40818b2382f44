"""Which of the cards that wait goes out first."""

from dataclasses import replace

import pytest

from bot.domain.effects import Priority
from bot.domain.priority import Urgency, by_urgency
from bot.domain.root_order import root_priority
from sla_rules.vocabulary import Risk
from tests.builders import NOW, hours

ORDINARY = Urgency(
    ticket_id=1,
    limit_at=NOW + hours(20),
    target_at=None,
    risk=Risk.NORMAL,
    vip=False,
    worth=0.0,
    waiting_since=NOW,
)


@pytest.mark.parametrize(
    ("changes", "rank"),
    [
        ({"limit_at": NOW + hours(1)}, Priority.ROOT_LIMIT_NEAR),
        ({"limit_at": NOW - hours(1)}, Priority.ROOT_LIMIT_PASSED),
        ({"risk": Risk.CRITICAL}, Priority.ROOT_GRAVE),
        ({"target_at": NOW + hours(0.5)}, Priority.ROOT_TARGET_NEAR),
        ({}, Priority.ROOT),
        ({"limit_at": NOW + hours(25)}, Priority.ROOT_FAR),
        ({"limit_at": None}, Priority.ROOT_FAR),
    ],
)
def test_a_waiting_card_is_ranked_by_the_band_of_its_ticket(changes, rank):
    assert root_priority(replace(ORDINARY, **changes), NOW) is rank


def test_the_ranks_go_the_way_of_the_queue():
    tickets = [
        replace(ORDINARY, ticket_id=1),
        replace(ORDINARY, ticket_id=2, limit_at=NOW + hours(1)),
        replace(ORDINARY, ticket_id=3, risk=Risk.CRITICAL),
        replace(ORDINARY, ticket_id=4, limit_at=None),
        replace(ORDINARY, ticket_id=5, limit_at=NOW - hours(3)),
    ]
    ranks = [root_priority(each, NOW) for each in by_urgency(tickets, NOW)]
    assert ranks == sorted(ranks)


def test_no_card_waits_behind_a_log_line_and_none_overtakes_a_missed_deadline_or_an_answer():
    ranks = [each for each in Priority if each.name.startswith("ROOT")]
    assert max(ranks) < Priority.MESSAGE < Priority.LOG < Priority.CARD_NOT_CLAIMED
    assert min(ranks) > Priority.REPLY > Priority.BREACH
