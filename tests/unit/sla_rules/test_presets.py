"""The channels' own rules: the numbers that the facts give, and that each says where it is from."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import presets
from sla_rules.timeline import TicketFacts
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Metric, Scope, Stage
from tests.unit.sla_rules.builders import PRESETS, only, planned, rome, utc, wrote

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
T0 = utc("2026-11-20 10:00")


def targets(channel, **keys):
    chosen = PRESETS.select(TicketFacts(channel=channel, inbox="x", **keys))
    assert chosen is not None
    first = [rule for rule in chosen.clocks if rule.metric is Metric.FIRST_RESPONSE]
    return {rule.scope.value: rule.target for rule in first}


@pytest.mark.parametrize(
    ("channel", "keys", "expected"),
    [
        ("amazon", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("amazon", {"on": date(2026, 12, 5)}, {"marketplace": DAY, "internal": DAY / 4}),
        (
            "amazon",
            {"kind": Kind.CLAIM, "topic": Topic.CHARGEBACK},
            {"marketplace": 7 * DAY, "internal": HOUR / 4},
        ),
        (
            "amazon",
            {"topic": Topic.NEGATIVE_FEEDBACK},
            {"marketplace": DAY, "internal": HOUR / 4},
        ),
        (
            "amazon",
            {"topic": Topic.NEGATIVE_FEEDBACK, "kind": Kind.NOTICE},
            {"marketplace": DAY, "internal": HOUR / 4},
        ),
        ("amazon", {"topic": Topic.SAFETY}, {"marketplace": DAY, "internal": HOUR / 4}),
        (
            "amazon",
            {"topic": Topic.CANCEL_BEFORE_SHIPMENT},
            {"marketplace": DAY, "internal": HOUR},
        ),
        ("shopify", {}, {"internal": 2 * HOUR}),
        ("shopify", {"stage": Stage.POST_SALE}, {"internal": 4 * HOUR}),
        (
            "shopify",
            {"stage": Stage.POST_SALE, "order_value": Decimal(200)},
            {"internal": 2 * HOUR},
        ),
        ("shopify", {"vip": True, "order_value": Decimal(900)}, {"internal": HOUR}),
        ("shopify", {"kind": Kind.CLAIM}, {"marketplace": 7 * DAY, "internal": HOUR / 2}),
        ("tiktok_shop", {}, {"window": 7 * DAY, "marketplace": DAY, "internal": 4 * HOUR}),
        (
            "tiktok_shop",
            {"marketplace": "VN"},
            {"window": 7 * DAY, "marketplace": DAY / 2, "internal": 3 * HOUR},
        ),
        ("instagram", {}, {"window": DAY, "internal": HOUR}),
        ("facebook", {}, {"window": DAY, "internal": HOUR}),
        ("ebay", {}, {"internal": DAY}),
        ("ebay", {"kind": Kind.CLAIM}, {"marketplace": 3 * DAY, "internal": HOUR / 2}),
        ("website", {"topic": Topic.LEGAL_THREAT, "vip": True}, {"internal": HOUR / 4}),
        ("mirakl", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("mirakl", {"marketplace": "the_range"}, {"marketplace": 2 * DAY, "internal": DAY}),
        ("walmart", {}, {"marketplace": 2 * DAY, "internal": DAY}),
        (
            "walmart",
            {"topic": Topic.REGULATOR_COMPLAINT},
            {"marketplace": HOUR, "internal": HOUR / 4},
        ),
        ("etsy", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("bol", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("kaufland", {}, {"marketplace": 2 * DAY, "internal": 16 * HOUR}),
        ("mercado_libre", {}, {"marketplace": 8 * HOUR, "internal": 4 * HOUR}),
        ("allegro", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("octopia", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("reviews", {"topic": Topic.NEGATIVE_REVIEW}, {"internal": HOUR}),
    ],
)
def test_a_channel_has_its_numbers(channel, keys, expected):
    assert targets(channel, **keys) == expected


def test_every_preset_and_every_rate_says_its_source():
    for table in presets():
        assert len(str(table["source"])) > 30
        assert all(len(str(rate["source"])) > 20 for rate in table.get("rate", []))


def test_a_preset_knows_the_file_and_line_it_is_written_on():
    origins = {policy.name: policy.origin for policy in PRESETS.policies}

    assert origins["amazon.message"] == "presets/amazon.toml:4"


@pytest.mark.parametrize(
    ("channel", "share", "within", "over"),
    [
        ("etsy", 95, DAY, 90 * DAY),
        ("bol", 90, DAY, 7 * DAY),
        ("walmart", 95, 2 * DAY, 30 * DAY),
        ("tiktok_shop", 90, DAY, 30 * DAY),
    ],
)
def test_a_platform_that_judges_by_a_rate_has_it(channel, share, within, over):
    chosen = PRESETS.select(TicketFacts(channel=channel, inbox="x"))

    assert chosen is not None
    (rate,) = chosen.rates
    assert (rate.share, rate.within, rate.over) == (share, within, over)


def test_kaufland_counts_working_days_whole():
    kaufland = TicketFacts(channel="kaufland", inbox="x")

    limit = only(planned(wrote(rome("2026-11-20 12:00")), facts=kaufland), Scope.MARKETPLACE)

    assert limit.due_at == rome("2026-11-24 12:00")
    assert limit.calendar_version == platform_calendars()["kaufland_working_days"].version


def test_mercado_libre_leaves_its_quiet_hours_out():
    mercado = TicketFacts(channel="mercado_libre", inbox="x")

    limit = only(planned(wrote(utc("2026-11-20 22:00")), facts=mercado), Scope.MARKETPLACE)

    # São Paulo is three hours behind UTC: two hours until 21:00, six from 08:00 on.
    assert limit.due_at == utc("2026-11-21 17:00")


def test_etsy_counts_the_first_message_of_a_conversation_only():
    chosen = PRESETS.select(TicketFacts(channel="etsy", inbox="x"))

    assert chosen is not None
    limits = [rule.metric for rule in chosen.clocks if rule.scope is Scope.MARKETPLACE]
    assert limits == [Metric.FIRST_RESPONSE]


def test_a_claim_on_ebay_is_kept_in_the_loop():
    chosen = PRESETS.select(TicketFacts(channel="ebay", inbox="x", kind=Kind.CLAIM))

    assert chosen is not None
    assert [rule.target for rule in chosen.clocks if rule.metric is Metric.UPDATE] == [2 * DAY]


def test_a_weekend_message_on_instagram_is_due_before_the_window_closes():
    instagram = TicketFacts(channel="instagram", inbox="x")

    ours = only(planned(wrote(rome("2026-11-20 18:00")), facts=instagram), Scope.INTERNAL)

    assert ours.due_at == rome("2026-11-21 16:00")
    assert ours.clamped == "moved to 2 h before the answering window closes"
