"""Rules that can each be, but not together: ties, holes, targets beyond a limit, limits left out."""

import pytest

from sla_rules.policy import PolicyConflict, PolicyError, PolicySet, presets
from tests.unit.sla_rules.rule_texts import BASE, CLOCK, QUIET, WHOLE, refused, rule


def test_a_mistake_in_one_rule_hides_no_tie_and_no_limit_among_the_others():
    text = (
        rule("slow", 'channel = "amazon", kind = "message", vip = true', "30h")
        + rule("tie", 'channel = "amazon", kind = "message", risk = "critical"')
        + rule("broken", 'channel = "amazon"', "soon")
    )

    with pytest.raises(PolicyConflict) as error:
        PolicySet.load_files({"r.toml": text}, base=presets())

    tie, mistake, limit = error.value.problems
    assert 'policies "slow" (r.toml:1) and "tie": are equally specific' in tie
    assert mistake.startswith('r.toml:21: policies "broken" → clock 1 → target: "soon"')
    assert limit.startswith('r.toml:7: policies "slow" → clock first_response → target: "30 h"')


def test_a_mistake_in_a_rule_is_no_reason_to_complain_of_what_only_that_rule_does():
    whole = rule("amazon.message", 'channel = "amazon", kind = "message"', "30h")
    limit = '[[policy.clock]]\nmetric = "response"\nscope = "marketplace"\ntarget = "soon"\n'
    vips = rule("vips", 'channel = "amazon", kind = "message", vip = true', "30h")
    text = whole + limit + vips

    with pytest.raises(PolicyError) as error:
        PolicySet.load_files({"r.toml": text}, base=presets())
    problems = error.value.problems
    assert problems[0].startswith('r.toml:11: policies "amazon.message" → clock 2 → target: "soon"')
    assert not any("(amazon.message)" in problem for problem in problems)

    (problem,) = refused(BASE.replace("9h", "soon"))
    assert problem.startswith('rules.toml:7: policies "base" → clock 1 → target: "soon"')


def test_every_tie_is_told_and_not_the_first_only():
    text = WHOLE + rule("a", "vip = true") + rule("b", 'risk = "critical"') + rule("c", 'tag = "t"')

    problems = refused(text)

    assert len(problems) == 3
    assert any("tags t" in each or "tag t" in each for each in problems)


def test_two_seasons_that_share_a_day_are_a_tie():
    with pytest.raises(PolicyConflict, match=r'"a" .*and "b".*season 2028-12-15'):
        PolicySet.load_files(
            {
                "rules.toml": WHOLE
                + rule("a", 'season = "12-01..12-15"')
                + rule("b", 'season = "12-15..02-29"')
            }
        )


def test_names_that_differ_in_capital_letters_only_are_a_tie():
    with pytest.raises(PolicyConflict, match=r'"a" .*and "b".*marketplace it'):
        PolicySet.load_files(
            {"r.toml": WHOLE + rule("a", 'marketplace = "IT"') + rule("b", 'marketplace = "it"')}
        )


def test_a_hole_is_refused_with_a_ticket_that_falls_into_it():
    problems = refused(BASE)

    assert [problem.split(" with ")[1].split(". ")[0] for problem in problems] == [
        "channel any other, kind notice",
    ]
    assert "clock = []" in problems[0]


def test_rules_that_only_together_cover_everything_leave_no_hole():
    parts = rule("a", "vip = true") + rule("b", "vip = false", target="2h")

    assert len(PolicySet.load_files({"r.toml": parts + QUIET}).policies) == 3


def test_holes_of_one_kind_are_told_once():
    parts = rule("a", 'channel = "a", vip = true') + rule("b", 'channel = "b", vip = true')

    problems = refused(parts + QUIET)

    assert len(problems) == 1
    assert "kind message" in problems[0]


def test_the_presets_have_neither_holes_nor_ties_nor_dropped_limits():
    found = PolicySet.load_files({}, base=presets())

    assert len(found.policies) > 40
    assert found.warnings() == ()


def test_a_target_above_the_channels_limit_is_refused_naming_the_limit():
    text = rule("slow", 'channel = "amazon", kind = "message", vip = true', target="30h")

    with pytest.raises(PolicyError) as error:
        PolicySet.load_files({"rules.toml": text}, base=presets())

    assert error.value.problems[0] == (
        'rules.toml:7: policies "slow" → clock first_response → target: "30 h" is above the limit '
        'of 24 h (amazon.message). Write at most "24 h".'
    )


def test_a_target_above_its_own_limit_is_refused():
    limit = '[[policy.clock]]\nmetric = "response"\nscope = "marketplace"\ntarget = "2h"\n'

    problems = refused(WHOLE + rule("own", 'channel = "here"', target="3h") + limit)

    assert len(problems) == 1
    assert "is above the limit of 2 h (own)" in problems[0]


def test_the_line_of_a_target_above_the_limit_is_that_of_the_clock_of_our_own():
    limit = '[[policy.clock]]\nmetric = "response"\nscope = "marketplace"\ntarget = "2h"\n'
    text = WHOLE + rule("own", 'channel = "here"') + CLOCK.format("3h")
    text = text.replace(CLOCK.format("1h") + CLOCK.format("3h"), limit + CLOCK.format("3h"))

    assert [problem.split(": ")[0] for problem in refused(text)] == ["rules.toml:22"]


def test_a_built_in_target_above_a_limit_of_ours_is_told_at_the_built_in_rule():
    limit = '[[policy.clock]]\nmetric = "response"\nscope = "marketplace"\ntarget = "10m"\n'
    own = '[[policy]]\nname = "own"\nmatch = { channel = "amazon" }\n' + limit

    with pytest.raises(PolicyError) as error:
        PolicySet.load_files({"rules.toml": own}, base=presets())

    assert any(
        problem.startswith("presets/amazon.toml:") and "limit of 10 min (own)" in problem
        for problem in error.value.problems
    )


def test_a_rule_that_drops_the_channels_limit_is_warned_about():
    text = rule("vips", 'channel = "amazon", kind = "message", vip = true')

    found = PolicySet.load_files({"rules.toml": text}, base=presets())

    said = found.warnings()
    assert any(
        line.startswith('rules.toml:1: policies "vips": wins over "amazon.message" and drops its')
        for line in said
    )
