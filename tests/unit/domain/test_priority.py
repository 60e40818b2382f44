from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.priority import Band, Urgency, band_of, by_urgency
from sla_rules.vocabulary import Risk

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def urgency(ticket_id=1, **changes):
    usual = {
        "limit_at": None,
        "target_at": None,
        "risk": Risk.NORMAL,
        "vip": False,
        "worth": 0.0,
        "waiting_since": NOW - HOUR,
    }
    return Urgency(ticket_id=ticket_id, **{**usual, **changes})


@pytest.mark.parametrize(
    ("facts", "band"),
    [
        ({"limit_at": NOW + HOUR}, Band.LIMIT_NEAR),
        ({"limit_at": NOW + 2 * HOUR, "target_at": NOW - HOUR}, Band.LIMIT_NEAR),
        ({"limit_at": NOW}, Band.LIMIT_PASSED),
        ({"limit_at": NOW + 9 * HOUR, "risk": Risk.CRITICAL}, Band.GRAVE),
        ({"limit_at": NOW + 9 * HOUR, "target_at": NOW - HOUR}, Band.TARGET_NEAR),
        ({"target_at": NOW + HOUR}, Band.TARGET_NEAR),
        ({"limit_at": NOW + 9 * HOUR, "target_at": NOW + 3 * HOUR}, Band.COUNTED),
        ({"risk": Risk.CRITICAL}, Band.NOT_COUNTED),
    ],
)
def test_a_ticket_is_in_the_band_of_what_presses_most(facts, band):
    assert band_of(urgency(**facts), NOW) is band


def test_what_can_still_be_saved_comes_before_what_is_lost():
    lost = urgency(1, limit_at=NOW - HOUR, risk=Risk.CRITICAL)
    saved = urgency(2, limit_at=NOW + HOUR)
    assert by_urgency([lost, saved], NOW) == [saved, lost]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"risk": Risk.ELEVATED, "target_at": NOW + 9 * HOUR}, {"target_at": NOW + 8 * HOUR}),
        ({"target_at": NOW + 8 * HOUR}, {"target_at": NOW + 9 * HOUR, "vip": True}),
        ({"vip": True}, {"worth": 5000.0}),
        ({"worth": 10.0}, {"waiting_since": NOW - 5 * HOUR}),
        ({"waiting_since": NOW - 5 * HOUR}, {}),
        ({}, {"waiting_since": None}),
    ],
    ids=["risk", "deadline", "vip", "worth", "age", "nobody waits"],
)
def test_within_a_band_the_documented_reasons_decide_in_their_order(first, second):
    one, other = urgency(9, **first), urgency(1, **second)
    assert by_urgency([other, one], NOW) == [one, other]


times = st.none() | st.integers(-50, 50).map(lambda count: NOW + count * HOUR / 4)
tickets = st.builds(
    Urgency,
    ticket_id=st.integers(1, 10**6),
    limit_at=times,
    target_at=times,
    risk=st.sampled_from(Risk),
    vip=st.booleans(),
    worth=st.floats(0, 1e6),
    waiting_since=times,
)


@given(st.lists(tickets, unique_by=lambda each: each.ticket_id), st.randoms())
def test_the_order_never_depends_on_the_order_before(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert by_urgency(shuffled, NOW) == by_urgency(found, NOW)


@given(tickets)
def test_more_risk_never_moves_a_ticket_back(ticket):
    calm, grave = (
        Urgency(**{**_fields(ticket), "risk": risk}) for risk in (Risk.NORMAL, Risk.CRITICAL)
    )
    assert band_of(grave, NOW) <= band_of(calm, NOW)


def _fields(ticket):
    return {name: getattr(ticket, name) for name in Urgency.__dataclass_fields__}
