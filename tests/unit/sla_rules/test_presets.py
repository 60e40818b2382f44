"""The channels' own rules: the numbers that the facts give, and that each says where it is from."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from sla_rules.clock_rule import ClockRule
from sla_rules.coverage import cells
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import PolicySet, presets
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
        (
            "shopify",
            {"stage": Stage.POST_SALE, "order_value": Decimal(900), "tags": frozenset({"vip"})},
            {"internal": HOUR},
        ),
        ("shopify", {"kind": Kind.CLAIM}, {"marketplace": 7 * DAY, "internal": HOUR / 2}),
        ("tiktok_shop", {}, {"window": 7 * DAY, "marketplace": DAY, "internal": 4 * HOUR}),
        (
            "tiktok_shop",
            {"marketplace": "vn"},
            {"window": 7 * DAY, "marketplace": DAY / 2, "internal": 3 * HOUR},
        ),
        ("instagram", {}, {"window": DAY, "internal": HOUR}),
        ("facebook", {}, {"window": DAY, "internal": HOUR}),
        ("instagram", {"tags": frozenset({"comment"})}, {"internal": 4 * HOUR}),
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
        ("mercado_libre", {"kind": Kind.CLAIM}, {"marketplace": 2 * DAY, "internal": HOUR}),
        ("allegro", {}, {"marketplace": DAY, "internal": DAY / 2}),
        ("allegro", {"kind": Kind.CLAIM}, {"marketplace": 14 * DAY, "internal": HOUR}),
        (
            "allegro",
            {"kind": Kind.CLAIM, "tags": frozenset({"dispute"})},
            {"marketplace": DAY, "internal": 4 * HOUR},
        ),
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


NUMBERS = {
    "amazon.message": ["marketplace 24h", "internal 12h"],
    "amazon.message.december": ["marketplace 24h", "internal 6h"],
    "amazon.claim": ["marketplace 72h", "internal 15m"],
    "amazon.return": ["marketplace 48h", "internal 24h"],
    "amazon.cancel_request": ["marketplace 24h", "internal 1h"],
    "amazon.cancel_before_shipment": ["marketplace 24h", "internal 1h"],
    "amazon.chargeback": ["marketplace 168h", "internal 15m"],
    "amazon.negative_feedback": ["marketplace 24h", "internal 15m"],
    "amazon.danger": ["marketplace 24h", "internal 15m"],
    "default": ["internal 24h"],
    "no_answer_awaited": [],
    "danger": ["internal 15m"],
    "ebay.message": ["internal 24h"],
    "ebay.before_order": ["internal 4h shop"],
    "ebay.return": ["marketplace 72h", "internal 24h"],
    "ebay.claim": ["marketplace 72h", "internal 30m", "internal 48h update"],
    "ebay.cancel_request": ["marketplace 72h", "internal 1h"],
    "ebay.negative_feedback": ["internal 24h"],
    "mirakl.message": ["marketplace 24h", "internal 12h"],
    "mirakl.message.the_range": ["marketplace 48h", "internal 24h"],
    "mirakl.incident": ["internal 4h"],
    "mirakl.return": ["internal 24h"],
    "walmart.message": ["marketplace 48h", "internal 24h", "95% 48h 30d"],
    "walmart.regulator_complaint": ["marketplace 1h", "internal 15m"],
    "etsy.message": ["marketplace 24h first", "internal 12h", "95% 24h 90d first"],
    "bol.message": ["marketplace 24h first", "internal 12h", "90% 24h 7d first"],
    "kaufland.message": [
        "marketplace 48h kaufland_working_days",
        "internal 16h kaufland_working_days",
    ],
    "mercado_libre.message": [
        "marketplace 8h mercado_libre_hours first",
        "internal 4h mercado_libre_hours",
    ],
    "mercado_libre.message.global": ["marketplace 72h first", "internal 12h"],
    "mercado_libre.claim": ["marketplace 48h", "internal 1h"],
    "allegro.message": ["marketplace 24h", "internal 12h"],
    "allegro.claim": ["marketplace 336h", "internal 1h", "internal 48h update"],
    "allegro.dispute": ["marketplace 24h", "internal 4h", "internal 48h update"],
    "octopia.message": ["marketplace 24h", "internal 12h"],
    "octopia.claim": ["marketplace 24h", "internal 4h"],
    "shopee.message": ["marketplace 12h first", "internal 4h"],
    "reviews.negative": ["internal 1h shop"],
    "reviews.any": ["internal 1bd shop"],
    "instagram.message": ["window 24h", "internal 1h shop"],
    "instagram.message.human_agent": ["window 168h", "internal 1h shop"],
    "facebook.message": ["window 24h", "internal 1h shop", "90% 15m 7d by choice"],
    "facebook.message.human_agent": ["window 168h", "internal 1h shop"],
    "meta.danger": ["window 24h", "internal 15m"],
    "meta.comment": ["internal 4h shop"],
    "meta.comment.danger": ["internal 15m"],
    "shopify.message": ["internal 2h shop"],
    "shopify.after_order": ["internal 4h shop"],
    "shopify.big_order": ["internal 2h shop"],
    "shopify.vip": ["internal 1h shop"],
    "shopify.vip_tag": ["internal 1h shop"],
    "shopify.return": ["internal 8h shop"],
    "shopify.cancel_request": ["internal 1h shop"],
    "shopify.dispute": ["marketplace 168h", "internal 30m"],
    "tiktok_shop.message": [
        "marketplace 24h",
        "window 168h",
        "internal 4h",
        "90% 24h 30d",
    ],
    "tiktok_shop.message.southeast_asia": [
        "marketplace 12h",
        "window 168h",
        "internal 3h",
        "90% 12h 30d",
    ],
    "tiktok_shop.danger": ["marketplace 24h", "window 168h", "internal 15m"],
    "tiktok_shop.danger.southeast_asia": ["marketplace 12h", "window 168h", "internal 15m"],
    "tiktok_shop.return": ["marketplace 24h", "internal 15m"],
    "website.message": ["internal 2h shop"],
    "website.before_order": ["internal 1h shop"],
    "website.vip": ["internal 30m shop"],
    "website.danger": ["internal 15m"],
}
"""Every number of every preset. Whoever changes one changes its source as well."""


def test_the_presets_have_these_numbers_and_no_others():
    assert {policy.name: numbers(policy) for policy in PRESETS.policies} == NUMBERS


def test_every_number_is_named_in_the_source_beside_it():
    for policy in PRESETS.policies:
        for rule in policy.clocks:
            assert names(policy.source, rule.target), (policy.name, rule)
        for rate in policy.rates:
            assert names(rate.source, rate.within) or names(policy.source, rate.within), rate
            assert f"{rate.share} %" in rate.source, rate


def test_every_number_that_no_platform_published_says_that_it_is_our_own():
    for policy in PRESETS.policies:
        for rule in policy.clocks:
            if rule.scope is Scope.INTERNAL:
                said = re.search(
                    r"our own|half of|somebody has seen it|no platform rule", policy.source
                )
                assert said, policy.name


def test_no_preset_stands_in_the_shadow_of_the_others():
    reached = {policy.name for cell in cells(PRESETS.policies) for policy in cell.best}

    assert reached == {policy.name for policy in PRESETS.policies}


def numbers(policy):
    by_scope: dict[tuple[Scope, timedelta], list[ClockRule]] = {}
    for rule in policy.clocks:
        by_scope.setdefault((rule.scope, rule.target), []).append(rule)
    said = [
        " ".join(
            [scope, written(rules[0]), *named_calendar(rules[0]), *which(r.metric for r in rules)]
        )
        for (scope, _), rules in by_scope.items()
    ]
    return said + [
        " ".join(
            [
                f"{rate.share}% {short(rate.within)} {rate.over.days}d",
                *which(rate.metrics),
                *(["by choice"] if rate.opt_in else []),
            ]
        )
        for rate in policy.rates
    ]


def written(rule):
    return f"{rule.business_days}bd" if rule.business_days else short(rule.target)


def named_calendar(rule):
    return [] if rule.calendar == "always" else [rule.calendar]


def which(metrics):
    counted = set(metrics)
    if counted == {Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE}:
        return []
    return ["first"] if counted == {Metric.FIRST_RESPONSE} else sorted(counted)


def short(length):
    return f"{length // HOUR}h" if not length % HOUR else f"{length // timedelta(minutes=1)}m"


def names(source, length):
    """Whether the source has the number with its unit: "24 h", "24-hour", "7 calendar days"."""
    units = {DAY: r"d\b|days?", HOUR: r"h\b|hours?", timedelta(minutes=1): r"min|minutes"}
    return any(
        re.search(rf"\b{length // unit}(?:[- ]\w+)?[- ](?:{word})", source)
        for unit, word in units.items()
        if not length % unit
    )


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
        ("facebook", 90, HOUR / 4, 7 * DAY),
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


def test_a_sale_of_one_year_tightens_the_preset_on_its_dates_only():
    prime_day = """
[[policy]]
name = "amazon.prime_day"
match = { channel = "amazon", kind = "message", season = "2027-07-06..2027-07-09" }

[[policy.clock]]
metric = "response"
scope = "marketplace"
target = "24h"

[[policy.clock]]
metric = "response"
scope = "internal"
target = "3h"
"""
    rules = PolicySet.load_files({"rules.toml": prime_day}, base=presets())

    def ours(day):
        chosen = rules.select(TicketFacts(channel="amazon", inbox="x", on=day))
        assert chosen is not None
        return next(rule.target for rule in chosen.clocks if rule.scope is Scope.INTERNAL)

    on_the_days = [ours(date(2027, 7, day)) for day in (5, 6, 9, 10)]
    assert on_the_days == [12 * HOUR, 3 * HOUR, 3 * HOUR, 12 * HOUR]
