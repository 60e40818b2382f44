"""Rule tables: what they become, and what is refused in which words."""

from datetime import timedelta
from typing import Any

import pytest

from sla_rules.durations import in_words, read_duration
from sla_rules.policy import PolicyConflict, PolicyError, PolicySet, presets
from sla_rules.timeline import TicketFacts
from sla_rules.vocabulary import Kind, Metric, Scope, Stage
from tests.unit.sla_rules.builders import AMAZON, PRESETS, WEBSITE, clock, policy

HOUR = timedelta(hours=1)


def _allowed(facts: TicketFacts, scope: Scope) -> timedelta | None:
    chosen = PRESETS.select(facts)
    assert chosen is not None
    targets = {rule.target for rule in chosen.clocks if rule.scope is scope}
    return targets.pop() if targets else None


@pytest.mark.parametrize(
    ("kind", "limit", "target"),
    [
        (Kind.MESSAGE, 24 * HOUR, 12 * HOUR),
        (Kind.CLAIM, 72 * HOUR, HOUR / 4),
        (Kind.RETURN_REQUEST, 48 * HOUR, 24 * HOUR),
        (Kind.CANCEL_REQUEST, 24 * HOUR, HOUR),
    ],
)
def test_amazon_has_its_limits_and_our_stricter_targets(kind, limit, target):
    facts = TicketFacts(channel="amazon", inbox="amazon-it", kind=kind)

    assert _allowed(facts, Scope.MARKETPLACE) == limit
    assert _allowed(facts, Scope.INTERNAL) == target


@pytest.mark.parametrize(
    ("stage", "vip", "target"),
    [
        (Stage.UNKNOWN, False, 2 * HOUR),
        (Stage.POST_SALE, False, 2 * HOUR),
        (Stage.PRE_SALE, False, HOUR),
        (Stage.PRE_SALE, True, HOUR / 2),
        (Stage.POST_SALE, True, HOUR / 2),
    ],
)
def test_the_website_answers_before_an_order_sooner_and_a_vip_soonest(stage, vip, target):
    facts = TicketFacts(channel="website", inbox="shop", stage=stage, vip=vip)
    chosen = PRESETS.select(facts)

    assert chosen is not None
    assert {rule.calendar for rule in chosen.clocks} == {"shop"}
    assert _allowed(facts, Scope.INTERNAL) == target
    assert _allowed(facts, Scope.MARKETPLACE) is None


def test_any_other_channel_has_a_day():
    facts = TicketFacts(channel="somewhere_new", inbox="x")

    assert _allowed(facts, Scope.INTERNAL) == 24 * HOUR


@pytest.mark.parametrize("kind", [Kind.NOTICE, Kind.SUSPECT])
@pytest.mark.parametrize("channel", ["amazon", "website", "other"])
def test_nobody_waits_for_an_answer_to_a_notice_or_a_suspect_mail(kind, channel):
    chosen = PRESETS.select(TicketFacts(channel=channel, inbox="x", kind=kind))

    assert chosen is not None
    assert chosen.clocks == ()


def test_every_preset_says_where_its_numbers_come_from():
    for table in presets():
        assert len(str(table["source"])) > 30


def test_response_is_the_first_and_every_next_response():
    rule = policy(clock("2h", calendar="shop"))

    assert [item.metric for item in rule.clocks] == [Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE]
    assert rule.calendars == {"shop"}


def test_warnings_are_kept_in_the_order_they_come():
    assert policy(clock("2h", warn=["10%", "50%", "10%"])).clocks[0].warn == (50, 10)


def test_the_version_is_the_content_and_not_the_wording():
    one = policy(clock("2h"), source="a")

    assert policy(clock("120m", warn=["50%", "20%"]), source="b").version == one.version
    assert len(one.version) == 16


def test_the_version_changes_with_anything_that_can_move_a_deadline():
    versions = {
        policy(clock("2h")).version,
        policy(clock("3h")).version,
        policy(clock("2h", calendar="shop")).version,
        policy(clock("2h", scope="marketplace")).version,
        policy(clock("2h", warn=["30%"])).version,
        policy(clock("2h", metric="first_response")).version,
        policy(clock("2h"), safety_margin="10m").version,
        policy(clock("2h"), match={"channel": "amazon"}).version,
        policy(clock("2h"), match={"vip": True}).version,
        policy().version,
    }

    assert len(versions) == 10


def test_a_table_with_the_name_of_a_preset_takes_its_place():
    own = {
        "name": "website.message",
        "match": {"channel": "website", "kind": "message"},
        "clock": [clock("30m")],
    }

    for tables in ([*presets(), own], [own, *presets()]):
        chosen = PolicySet.load(tables).select(WEBSITE)
        assert chosen is not None
        assert [rule.target for rule in chosen.clocks] == [HOUR / 2, HOUR / 2]


def _table(**keys: Any) -> dict[str, Any]:
    return {"name": "ours", "clock": [clock("2h")], **keys}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (_table(clock=[clock("2 hours")]), 'clock 1 → target: "2 hours" is no length of time'),
        (_table(clock=[clock("0h")]), '"0h" is no length of time.*"24h"'),
        (_table(clock=[clock("999d")]), '"999d" is no length of time'),
        (_table(clock=[{**clock("2h"), "target": 2}]), "clock 1 → target: 2 is no text.*quotes"),
        (_table(clock=[clock("2h", scope="hard")]), 'scope: "hard".*marketplace.*internal'),
        (_table(clock=[clock("2h", metric="speed")]), 'metric: "speed".*next_response'),
        (_table(clock=[clock("2h", targt="3h")]), "clock 1 → targt: unknown key.*target"),
        (_table(clock=[clock("2h"), {"metric": "resolution"}]), "clock 2 → scope: is missing"),
        (_table(clock=[clock("2h", warn=["150%"])]), 'warn: "150%" is no share.*"50%"'),
        (_table(clock=[clock("2h", warn=[50])]), "warn: 50 is no share"),
        (_table(clock=[clock("2h"), clock("3h")]), "2 internal clocks for first_response"),
        (_table(clock=[clock("3d", calendar="shop")]), '"3d".*Write opening hours'),
        (_table(clock=clock("2h")), "clock: .* cannot be used. Write a list"),
        (_table(clock=["2h"]), 'clock 1: "2h" cannot be used. Write a table'),
        (_table(match={"chanel": "amazon"}), "match → chanel: unknown key.*channel"),
        (_table(match={"kind": "atoz"}), 'match → kind: "atoz".*claim'),
        (_table(match={"vip": "yes"}), 'match → vip: "yes".*true or false'),
        (_table(match="amazon"), 'match: "amazon".*Write a table'),
        (_table(safety_margin=5), "safety_margin: 5 is no text"),
        (_table(urgent=True), "urgent: unknown key. Write one of name, source, match, clock"),
        ({"name": "ours"}, r"clock: is missing.*clock = \[\]"),
    ],
)
def test_an_impossible_table_is_refused_by_policy_key_value_and_remedy(table, said):
    with pytest.raises(PolicyError, match=f'policies "ours".*{said}'):
        PolicySet.load([table])


def test_a_table_without_a_name_is_refused():
    with pytest.raises(PolicyError, match=r'without a name → name: is missing.*"website.message"'):
        PolicySet.load([{"clock": []}])


def test_an_overlong_value_is_cut_in_the_error():
    with pytest.raises(PolicyError) as refused:
        PolicySet.load([_table(clock=[clock("9" * 5000)])])

    assert len(str(refused.value)) < 300


def test_invariant_5_a_marketplace_limit_cannot_be_measured_in_shop_hours():
    with pytest.raises(PolicyError, match='calendar: "shop": a marketplace limit counts every'):
        policy(clock("24h", scope="marketplace", calendar="shop"))


def test_a_name_used_twice_is_refused():
    with pytest.raises(PolicyError, match='"ours" is used twice'):
        PolicySet.load([_table(match={"channel": "a"}), _table(match={"channel": "b"})])


def test_the_most_specific_match_wins_whatever_the_order():
    tables = [
        _table(name="any", match={}),
        _table(name="channel", match={"channel": ["amazon", "ebay"]}),
        _table(name="kind", match={"channel": "amazon", "kind": "message"}),
        _table(name="vip", match={"channel": "amazon", "kind": "message", "vip": True}),
    ]
    vip = TicketFacts(channel="amazon", inbox="amazon-it", vip=True)
    claim = TicketFacts(channel="ebay", inbox="x", kind=Kind.CLAIM)
    other = TicketFacts(channel="website", inbox="x")

    for policies in (PolicySet.load(tables), PolicySet.load(tables[::-1])):
        names = [policies.select(facts) for facts in (vip, AMAZON, claim, other)]
        assert [found.name for found in names if found] == ["vip", "kind", "channel", "any"]


def test_a_rule_for_one_inbox_beats_the_same_rule_for_its_channel():
    policies = PolicySet.load(
        [
            _table(name="channel", match={"channel": "amazon", "kind": "message"}),
            _table(name="inbox", match={"inbox": "amazon-it", "kind": "message"}),
        ]
    )

    chosen = policies.select(AMAZON)

    assert chosen is not None
    assert chosen.name == "inbox"


def test_a_rule_without_a_kind_leaves_notices_alone():
    policies = PolicySet.load([_table(match={"channel": "amazon"})])

    assert policies.select(AMAZON) is not None
    assert policies.select(TicketFacts(channel="amazon", inbox="x", kind=Kind.NOTICE)) is None


def test_a_tie_is_refused_when_the_rules_are_loaded_naming_both():
    with pytest.raises(PolicyConflict, match=r'"one" and "other".*channel amazon.*Add a key'):
        PolicySet.load(
            [
                _table(name="one", match={"channel": "amazon", "vip": True}),
                _table(name="other", match={"channel": "amazon", "risk": "critical"}),
            ]
        )


def test_two_rules_for_everything_are_a_tie():
    with pytest.raises(PolicyConflict, match=r'"one" and "other".*any ticket'):
        PolicySet.load([_table(name="one"), _table(name="other")])


def test_a_tie_that_a_more_specific_rule_decides_is_none():
    policies = PolicySet.load(
        [
            _table(name="one", match={"channel": "amazon", "vip": True}),
            _table(name="other", match={"channel": "amazon", "risk": "critical"}),
            _table(name="both", match={"channel": "amazon", "vip": True, "risk": "critical"}),
        ]
    )

    assert len(policies.policies) == 3


def test_equally_specific_rules_that_share_no_ticket_are_no_tie():
    policies = PolicySet.load(
        [
            _table(name="a", match={"channel": "amazon", "stage": "pre_sale"}),
            _table(name="b", match={"channel": "amazon", "stage": ["post_sale", "unknown"]}),
            _table(name="c", match={"channel": "ebay", "stage": "pre_sale"}),
        ]
    )

    assert len(policies.policies) == 3


def test_a_tie_that_loading_was_not_asked_about_is_refused_at_the_ticket():
    one = policy(clock("2h"), name="one")
    other = policy(clock("3h"), name="other")

    with pytest.raises(PolicyConflict, match='"one" and "other"'):
        PolicySet(policies=(one, other)).select(AMAZON)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("24h", 24 * HOUR),
        ("15m", HOUR / 4),
        ("90s", timedelta(seconds=90)),
        ("3d", 72 * HOUR),
        ("1h30m", 1.5 * HOUR),
        ("1h 30m", 1.5 * HOUR),
    ],
)
def test_a_length_of_time_is_read(text, length):
    assert read_duration(text) == length


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "1.5h", "30m1h", "24H", "1h1h", "٣h"])
def test_what_is_no_length_of_time_is_refused(text):
    with pytest.raises(ValueError, match="Write a number and a unit"):
        read_duration(text)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (36 * HOUR, "36 h"),
        (1.5 * HOUR, "1 h 30 min"),
        (timedelta(seconds=45), "45 s"),
        (timedelta(0), "0 s"),
        (-2 * HOUR, "2 h"),
    ],
)
def test_a_length_of_time_is_said(length, words):
    assert in_words(length) == words
