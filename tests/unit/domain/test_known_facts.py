"""What a connector states of an item, bounded before the desk believes it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.inbound import (
    LONGEST_LIMIT,
    TAG_LIMIT,
    TAGS,
    ReadItem,
    kept_tags,
    understood,
)
from bot.domain.pings import PingOutcome, Quiet, decide
from bot.domain.routing import zone_of
from bot.domain.ticket import graver_topic
from sla_rules.topics import Topic
from sla_rules.vocabulary import ClockState
from tests.builders import AMAZON, NOW, SHOP, a_desk, an_inbound, days, hours
from tests.unit.domain.test_pings import a_due_ping


def taken(**known):
    read = ReadItem(raw_id=5, received_at=NOW, message=an_inbound(**known))
    return understood(read, NOW)


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        (NOW + days(3), NOW + days(3)),
        (NOW - days(3), NOW + timedelta(seconds=1)),
        (NOW, NOW + timedelta(seconds=1)),
        (NOW + days(9000), NOW + LONGEST_LIMIT),
        (None, None),
    ],
)
def test_an_instant_to_answer_by_is_after_the_message_and_within_a_year(stated, kept):
    assert taken(respond_by=stated).respond_by == kept


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("89.90", "89.90"),
        ("0", "0.00"),
        ("19.999", "19.99"),
        ("-3", None),
        ("1e15", None),
        ("NaN", None),
        ("Infinity", None),
    ],
)
def test_an_order_value_is_a_price_or_nothing(stated, kept):
    found = taken(order_value=Decimal(stated)).order_value
    assert found == (Decimal(kept) if kept else None)


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("EUR", "EUR"), (" eur ", "EUR"), ("€", None), ("EURO", None), ("1€2", None), (None, None)],
)
def test_a_currency_is_its_three_letters(stated, kept):
    assert taken(currency=stated).currency == kept


def test_a_marketplace_is_one_short_word_in_small_letters():
    assert taken(marketplace=" IT\x00\n").marketplace == "it"
    assert len(taken(marketplace="m" * 90).marketplace) == 40


def test_tags_are_clean_short_and_few():
    assert kept_tags([" a  b ", "a b", "", "\x00", "C"]) == ("a b", "C")
    assert kept_tags(["t" * 90]) == ("t" * TAG_LIMIT,)
    assert len(taken(tags=[str(number) for number in range(99)]).tags) == TAGS


@pytest.mark.parametrize(
    ("one", "other", "stays"),
    [
        (Topic.THANKS, Topic.CHARGEBACK, Topic.CHARGEBACK),
        (Topic.CHARGEBACK, Topic.COMPLAINT, Topic.CHARGEBACK),
        (Topic.OTHER, Topic.WHERE_IS_MY_ORDER, Topic.WHERE_IS_MY_ORDER),
        (Topic.WHERE_IS_MY_ORDER, Topic.THANKS, Topic.WHERE_IS_MY_ORDER),
        (Topic.WHERE_IS_MY_ORDER, Topic.PRE_SALE_QUESTION, Topic.WHERE_IS_MY_ORDER),
        (Topic.OTHER, Topic.THANKS, Topic.OTHER),
    ],
)
def test_the_graver_of_two_topics_stays_and_thanks_hide_nothing(one, other, stays):
    assert graver_topic(one, other) is stays


def test_dates_are_local_to_the_calendar_else_to_the_desk():
    desk = a_desk(timezone="Europe/Berlin")
    assert str(zone_of(desk, SHOP)) == "Europe/Rome"
    assert str(zone_of(desk, AMAZON)) == "Europe/Berlin"
    assert str(zone_of(desk, "gone")) == "Europe/Berlin"


@pytest.mark.parametrize("step", ["warn50", "breach", "breach2"])
def test_a_clock_that_stands_still_says_nothing(step):
    quiet = Quiet(snoozed_until=None, acknowledged_at=None, acknowledge_for=hours(4))
    ping = a_due_ping(step, clock=ClockState.PAUSED)
    found = decide([ping], quiet, NOW)
    assert not found.speaking
    assert list(found.silent) == [(ping, PingOutcome.PAUSED)]
