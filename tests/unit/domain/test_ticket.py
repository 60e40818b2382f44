import pytest

from bot.domain.card import CardStage
from bot.domain.ticket import TicketState, card_stage, kind_after, stage_of_severity
from sla_rules.vocabulary import Kind


@pytest.mark.parametrize(
    ("severity", "stage"),
    [
        (2, CardStage.CALM),
        (10, CardStage.SOON),
        (15, CardStage.SOON),
        (20, CardStage.CRITICAL),
        (29, CardStage.CRITICAL),
        (30, CardStage.MISSED),
        (37, CardStage.MISSED),
        (99, CardStage.MISSED),
    ],
)
def test_a_step_colours_the_card_by_its_severity(severity, stage):
    assert stage_of_severity(severity) is stage


def test_the_card_shows_the_gravest_step_that_is_due():
    assert card_stage(TicketState.OPEN, [10, 30, 20]) is CardStage.MISSED
    assert card_stage(TicketState.OPEN, []) is CardStage.CALM


def test_an_answered_or_resolved_card_shows_no_alarm():
    assert card_stage(TicketState.ANSWERED, [30]) is CardStage.ANSWERED
    assert card_stage(TicketState.RESOLVED, [30]) is CardStage.RESOLVED


@pytest.mark.parametrize("current", [Kind.NOTICE, Kind.SUSPECT])
def test_a_ticket_without_clocks_gets_them_when_a_customer_writes(current):
    assert kind_after(current, Kind.MESSAGE) is Kind.MESSAGE


def test_a_running_kind_stays_whatever_comes_later():
    assert kind_after(Kind.MESSAGE, Kind.RETURN_REQUEST) is Kind.MESSAGE
