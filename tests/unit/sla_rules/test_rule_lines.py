"""Mistakes in rule files: each told with its line, and with the word that was meant."""

import pytest

from sla_rules.policy import PolicyError, PolicySet, presets
from tests.unit.sla_rules.rule_texts import WHOLE, refused, rule


def test_a_rule_for_an_inbox_is_one_for_the_channel_of_that_inbox_only():
    text = rule("slow shop", 'inbox = "shop", kind = "message"', target="40h")

    found = PolicySet.load_files({"r.toml": text}, presets(), inboxes={"shop": "website"})

    assert found.warnings({"shop": "website"}) == ()
    with pytest.raises(PolicyError, match="above the limit of 24 h"):
        PolicySet.load_files({"r.toml": text}, presets(), inboxes={"shop": "amazon"})


def test_the_policies_an_inbox_can_meet_are_told_whatever_they_look_at():
    text = rule("gold", 'channel = "website", kind = "message", tag = "gold"')
    found = PolicySet.load_files({"r.toml": text}, presets())

    met, other = (
        {policy.name for policy in each}
        for each in found.meetings([("website", "shop"), ("amazon", "amazon-it")])
    )

    assert {"gold", "website.message"} <= met
    assert not any(name.startswith("amazon") for name in met)
    assert "amazon.message" in other
    assert "gold" not in other


def test_what_only_presets_are_told_is_no_key_of_a_file():
    problems = refused(WHOLE + rule("own", "vip = true").replace("when", "preset = true\nwhen"))

    assert problems[0].startswith('rules.toml:14: policies "own" → preset: unknown key.')


def test_a_name_used_twice_is_told_with_both_lines():
    (problem,) = refused(WHOLE + rule("base", "vip = true"))

    assert problem.startswith('rules.toml:13: policies "base" → name: "base" is used twice')
    assert "(first in rules.toml:1)" in problem


def test_a_tie_is_told_with_both_lines():
    (problem,) = refused(WHOLE + rule("a", "vip = true") + rule("b", 'risk = "critical"'))

    assert problem.startswith('rules.toml:19: policies "a" (rules.toml:12) and "b":')


def test_brackets_without_end_are_a_sentence():
    assert "nested too deeply" in refused("x = " + "[" * 5000 + "]" * 5000)[0]


def test_every_mistake_of_a_clock_as_a_whole_is_told_at_the_line_of_its_key():
    text = (
        '[[policy]]\nname = "own"\n[[policy.clock]]\nmetric = "first_response"\n'
        'scope = "marketplace"\ntarget = "2h"\ncalendar = "shop"\nwarn = ["3h"]\n'
        'pause_on = "customer"\nreopen = "restart"\n'
    )

    problems = refused(text)

    assert [problem.split(": ")[0] for problem in problems] == [
        f"rules.toml:{line}" for line in (7, 8, 9, 10)
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('when = { topic = "a_to_zed" }', "a_to_z"),
        ('when = { risk = "crtical" }', "critical"),
        ('when = { stage = "presale" }', "pre_sale"),
        ('when = { chanel = "amazon" }', "channel"),
        ('sorce = "me"', "source"),
    ],
)
def test_a_slip_of_a_word_is_told_with_the_word_meant(written, meant):
    (problem,) = refused(f'[[policy]]\nname = "own"\nclock = []\n{written}\n')

    assert problem.startswith("rules.toml:4: ")
    assert problem.endswith(f'Did you mean "{meant}"?')
