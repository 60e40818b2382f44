"""Whole rule files: what they may say, and every mistake of them told at once, with its line."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from sla_rules.policy import PolicyError, PolicySet, presets
from sla_rules.seasons import read_season
from sla_rules.timeline import TicketFacts
from sla_rules.topics import RISK, Topic, stage_of
from sla_rules.vocabulary import Kind, Reopen, Stage, Waiting
from tests.unit.sla_rules.builders import clock, policy
from tests.unit.sla_rules.rule_texts import WHOLE, facts, refused, rule

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("when", "meant", "not_meant"),
    [
        ('marketplace = "IT"', {"marketplace": "IT"}, {"marketplace": "DE"}),
        ('language = ["it", "de"]', {"language": "de"}, {"language": "fr"}),
        ('topic = "legal_threat"', {"topic": Topic.LEGAL_THREAT}, {"topic": Topic.THANKS}),
        (
            'tag = ["gold", "press"]',
            {"tags": frozenset({"press", "b"})},
            {"tags": frozenset({"b"})},
        ),
        ("order_value_from = 200", {"order_value": Decimal(200)}, {"order_value": Decimal(199)}),
        ("order_value_below = 20.5", {"order_value": Decimal(20)}, {"order_value": Decimal(21)}),
        ("order_value_from = 1", {"order_value": Decimal(1)}, {}),
        ("vip = true", {"vip": True}, {}),
        ('season = "12-01..12-31"', {"on": date(2027, 12, 31)}, {"on": date(2027, 11, 30)}),
        ('season = "12-20..01-06"', {"on": date(2027, 1, 6)}, {"on": date(2027, 1, 7)}),
        ('season = "2026-07-08..2026-07-11"', {"on": date(2026, 7, 8)}, {"on": date(2027, 7, 8)}),
        ('season = "12-01..12-31"', {"on": date(2027, 12, 1)}, {}),
    ],
)
def test_a_rule_may_look_at(when, meant, not_meant):
    policies = PolicySet.load_files({"rules.toml": WHOLE + rule("own", when)})

    chosen = [policies.select(facts(**keys)) for keys in (meant, not_meant)]

    assert [found.name for found in chosen if found] == ["own", "base"]


def test_when_and_match_are_the_same_and_not_both():
    one = PolicySet.load([{"name": "a", "when": {"vip": True}, "clock": []}])
    other = PolicySet.load([{"name": "a", "match": {"vip": True}, "clock": []}])

    assert one == other
    with pytest.raises(PolicyError, match=r"when: is the same as match\. Keep one"):
        PolicySet.load([{"name": "a", "when": {}, "match": {}, "clock": []}])


def test_a_season_overrides_the_rule_with_the_same_keys_and_no_more_specific_one():
    policies = PolicySet.load_files(
        {
            "rules.toml": WHOLE
            + rule("december", 'channel = "etsy", season = "12-01..12-31"')
            + rule("all year", 'channel = "etsy"')
            + rule("vip", 'channel = "etsy", vip = true')
        }
    )
    in_december = facts(on=date(2026, 12, 5))
    vip_in_december = facts(on=date(2026, 12, 5), vip=True)

    names = [policies.select(each) for each in (in_december, facts(), vip_in_december)]
    assert [found.name for found in names if found] == ["december", "all year", "vip"]


def test_precedence_decides_between_equally_specific_rules():
    text = WHOLE + rule("a", "vip = true").replace("when", "precedence = 1\nwhen")
    policies = PolicySet.load_files({"r.toml": text + rule("b", 'risk = "critical"')})

    chosen = policies.select(facts(vip=True, risk="critical"))

    assert chosen is not None
    assert chosen.name == "a"


def test_an_own_rule_wins_over_a_preset_that_names_no_more_of_the_place():
    own = {"name": "mine", "match": {"channel": "website", "kind": "message"}, "clock": []}
    wide = {"name": "all", "match": {"channel": "amazon"}, "clock": []}
    policies = PolicySet.load([*presets(), own, wide])

    vip = TicketFacts(channel="website", inbox="x", vip=True, topic=Topic.SAFETY)
    claim = TicketFacts(channel="amazon", inbox="x", kind=Kind.CLAIM)

    chosen = [policies.select(each) for each in (vip, claim)]
    assert [found.name for found in chosen if found] == ["mine", "amazon.claim"]


def test_all_mistakes_of_all_files_are_told_at_once_each_with_its_line():
    first = (
        '# ours\n[[policy]]\nname = "one"\nwhen = { kind = "atoz" }\n\n'
        '[[policy.clock]]\nmetric = "response"\nscope = "internal"\ntarget = "25 hours"\n'
        '[[policy.clock]]\nmetric = "speed"\nscope = "marketplace"\ntarget = "24h"\n'
    )
    second = '[[policies]]\nname = "two"\nurgent = true\nclock = []\n[policies.when]\nvip = 1\n'

    problems = refused(first, second)

    assert len(problems) == 5
    assert problems[0].startswith('rules.toml:4: policies "one" → when → kind: "atoz"')
    assert problems[1].startswith('rules.toml:9: policies "one" → clock 1 → target: "25 hours"')
    assert problems[2].startswith('rules.toml:11: policies "one" → clock 2 → metric: "speed"')
    assert problems[3].startswith('rules1.toml:6: policies "two" → when → vip: 1')
    assert problems[4].startswith('rules1.toml:3: policies "two" → urgent: unknown key')


def test_a_missing_key_is_told_at_the_line_of_its_table():
    text = WHOLE + '[[policy]]\nname = "own"\n[[policy.clock]]\nmetric = "response"\n'

    (problem,) = refused(text + 'target = "1h"\n')

    assert problem.startswith('rules.toml:14: policies "own" → clock 1 → scope: is missing')


def test_text_over_several_lines_hides_no_line():
    text = '[[policy]]\nname = "own"\nsource = """\nname = 1\n[[policy]]\n"""\nclock = 3\n'

    (problem,) = refused(text)

    assert problem.startswith('rules.toml:7: policies "own" → clock: 3')


def test_a_file_that_is_no_toml_says_the_line_and_the_other_files_are_still_read():
    problems = refused("[[policy]\n", '[[policy]]\nname = ""\nclock = []\n')

    assert problems[0].startswith("rules.toml:1: is not valid TOML:")
    assert len(problems) == 2
    assert refused("[[policy]\n", "x = 1")[0].startswith("rules.toml:1: is not valid TOML")


def test_policies_that_are_no_list_are_refused():
    assert refused('policy = "x"') == [
        "rules.toml:1: policy: is no list of tables. Write [[policy]] above each."
    ]


def test_other_tables_of_the_file_are_left_to_others():
    text = '[slack]\nchannel = "c"\n' + WHOLE + '[calendars.shop]\ntz = "Europe/Rome"\n'

    found = PolicySet.load_files({"threadline.toml": text})

    assert [policy.origin for policy in found.policies] == [
        "threadline.toml:3",
        "threadline.toml:10",
    ]


def test_capital_and_small_letters_are_the_same_in_names_of_a_match():
    names = 'channel = "Etsy", marketplace = ["TH"], language = "IT", tag = "Gold"'
    policies = PolicySet.load_files({"rules.toml": WHOLE + rule("own", names)})
    ticket = {"marketplace": "th", "language": "it", "tags": frozenset({"gold"})}
    loud = {"marketplace": "Th", "language": "It", "tags": frozenset({"GOLD", "b"})}

    chosen = [
        policies.select(facts(**ticket)),
        policies.select(facts(**loud, channel="ETSY")),
        policies.select(facts(**{**ticket, "marketplace": "vn"})),
    ]

    assert [found.name for found in chosen if found] == ["own", "own", "base"]


def test_a_rate_is_read_and_refused_like_a_clock():
    rate = {"share": "90%", "within": "15m", "over": "7d"}
    (own,) = PolicySet.load([{"name": "own", "clock": [], "rate": [rate]}]).policies

    assert (own.rates[0].share, own.rates[0].within) == (90, HOUR / 4)
    with pytest.raises(PolicyError, match='rate 1 → share: "all" is no share'):
        PolicySet.load([{"name": "own", "clock": [], "rate": [{**rate, "share": "all"}]}])
    with pytest.raises(PolicyError, match=r'rate 1 → over: is missing.*over = "7d"'):
        PolicySet.load([{"name": "own", "clock": [], "rate": [{"share": "9%", "within": "1h"}]}])


def test_the_29th_of_february_is_in_a_season_where_it_exists():
    season = read_season("02-20..02-29")

    assert season.holds(date(2028, 2, 29))
    assert not season.holds(date(2027, 3, 1))


def test_new_keys_leave_the_version_of_an_old_rule_alone_and_change_their_own():
    plain = clock("9h", metric="resolution", calendar="shop")
    versions = {
        policy(plain).version,
        policy({**plain, "reopen": "restart"}).version,
        policy({**plain, "pause_on": "customer"}).version,
        policy({**plain, "ping_calendar": "shop"}).version,
        policy({**plain, "warn": ["50%", "20%", "30m"]}).version,
        policy(plain, grace="1h").version,
        policy(plain, auto_reply_satisfies=True).version,
        policy(plain, when={"tag": ["b", "a"]}).version,
        policy(plain, when={"order_value_from": 5}).version,
        policy(plain, when={"season": "12-01..12-31"}).version,
    }

    assert len(versions) == 10
    assert policy({**plain, "reopen": "resume"}).version == policy(plain).version


def test_what_a_clock_says_becomes_its_rule():
    (own,) = policy(
        clock(
            "9h",
            metric="resolution",
            calendar="shop",
            reopen="ignore",
            pause_on="third_party",
            ping_calendar="night",
        )
    ).clocks

    assert (own.reopen, own.pause_on) == (Reopen.IGNORE, frozenset({Waiting.THIRD_PARTY}))
    assert policy(clock("9h", ping_calendar="night")).calendars == {"always", "night"}


def test_every_topic_has_a_risk_and_a_stage():
    assert set(RISK) == set(Topic)
    assert stage_of(Topic.PRE_SALE_QUESTION) is Stage.PRE_SALE
    assert stage_of(Topic.A_TO_Z) is Stage.POST_SALE
    assert stage_of(Topic.THANKS) is Stage.UNKNOWN


def test_a_yearly_season_beside_one_of_a_year_without_29th_of_february():
    text = rule("leap", 'season = "02-20..02-29"') + rule(
        "fair", 'season = "2027-05-01..2027-05-04"'
    )

    policies = PolicySet.load_files({"r.toml": WHOLE + text})

    chosen = policies.select(facts(on=date(2027, 2, 28)))
    assert chosen is not None
    assert chosen.name == "leap"


def test_policies_written_in_one_line_are_told_by_that_line():
    assert refused('policy = [{ name = "own" }]')[0].startswith(
        'rules.toml:1: policies "own" → clock'
    )


def test_a_mistake_in_a_table_of_a_clock_is_told_by_its_line():
    text = (
        '[[policy]]\nname = "own"\n[[policy.clock]]\nmetric = "response"\nscope = "internal"\n'
        'calendar = "shop"\n[policy.clock.cutoff]\nreceived_before = "25:00"\n'
    )

    (problem,) = refused(text)

    assert problem.startswith(
        'rules.toml:8: policies "own" → clock 1 → cutoff → received_before: "25:00"'
    )
