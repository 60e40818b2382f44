"""Who hears of a miss, when and how often, where a rule says so itself."""

import json
from datetime import timedelta

import pytest

from sla_rules.archive import read_policy, write_policy
from sla_rules.policy import PolicyError, PolicySet
from sla_rules.vocabulary import Audience, Scope, Until
from tests.unit.sla_rules.builders import clock, only, planned, policy, rome, steps, utc, wrote

T0 = utc("2026-11-20 10:00")
MINUTE = timedelta(minutes=1)
USUAL = [
    {"after": "0m", "to": "managers", "mention": True, "until": "acknowledged"},
    {"after": "30m", "to": "managers"},
    {"after": "60m"},
]
OURS = [
    {"after": "0m", "to": "group"},
    {"after": "15m", "to": "assignee", "mention": False},
    {"after": "1h", "every": "1h", "times": 3, "to": "managers", "until": "answered"},
]


def misses(ladder, scope="marketplace", **keys):
    by = policy(clock("4h", scope, warn=[], ladder=ladder, **keys))
    return only(planned(wrote(T0), by=by), Scope(scope))


def test_each_step_of_a_ladder_is_a_ping_with_its_own_people_and_manner():
    deadline = misses(OURS)

    assert [
        (p.step, p.fire_at - deadline.due_at, p.audience, p.mention, p.until)
        for p in deadline.pings
    ] == [
        ("breach", 0 * MINUTE, Audience.GROUP, True, Until.ACKNOWLEDGED),
        ("breach2", 15 * MINUTE, Audience.ASSIGNEE, False, Until.ACKNOWLEDGED),
        ("breach3", 60 * MINUTE, Audience.MANAGERS, True, Until.ANSWERED),
        ("breach4", 120 * MINUTE, Audience.MANAGERS, True, Until.ANSWERED),
        ("breach5", 180 * MINUTE, Audience.MANAGERS, True, Until.ANSWERED),
    ]


def test_the_usual_ladder_written_out_is_the_same_rule_as_one_without():
    said = policy(clock("4h", ladder=USUAL))
    unsaid = policy(clock("4h"))

    assert said == unsaid
    assert said.version == unsaid.version


def test_another_ladder_is_another_version_of_the_rule():
    versions = {policy(clock("4h", ladder=each)).version for each in (USUAL, OURS, OURS[:2])}

    assert len(versions) == 3


def test_our_own_miss_never_becomes_as_grave_as_a_platforms():
    ladder = [{"after": "0m"}, {"after": "1h", "every": "1h", "times": 23}]

    ours = [p.severity for p in misses(ladder, "internal").pings]
    theirs = [p.severity for p in misses(ladder).pings]

    assert ours == sorted(ours)
    assert max(ours) < min(theirs)
    assert len(ours) == 24


def test_a_ladder_in_shop_hours_is_silent_at_night():
    by = policy(clock("1h", calendar="shop", warn=[], ladder=OURS))

    deadline = only(planned(wrote(rome("2026-11-20 16:30")), by=by), Scope.INTERNAL)

    assert list(steps(deadline).values()) == [
        rome("2026-11-20 17:30"),
        rome("2026-11-20 17:45"),
        rome("2026-11-23 09:30"),
        rome("2026-11-23 10:30"),
        rome("2026-11-23 11:30"),
    ]


def test_a_kept_rule_has_the_same_ladder_when_it_is_read_again():
    kept = policy(clock("4h", ladder=OURS))
    content = json.loads(json.dumps(write_policy(kept)))

    assert read_policy(content, kept.version) == kept


def test_a_rule_kept_before_there_were_ladders_has_the_usual_one():
    kept = policy(clock("4h"))
    content = write_policy(kept)
    for each in content["clocks"]:
        del each["ladder"]

    assert read_policy(content, kept.version) == kept


@pytest.mark.parametrize(
    ("ladder", "said"),
    [
        ([], "ladder: has no step"),
        ([{"after": "5m"}], "ladder: begins 5 min after the miss"),
        ([{"after": "0m"}, {"after": "0m"}], "ladder: a step 0 s after the miss follows"),
        (
            [{"after": "0m", "every": "1h", "times": 3}, {"after": "2h"}],
            "ladder: a step 2 h after the miss follows one that goes on to 2 h",
        ),
        (
            [
                {"after": "0m", "every": "1h", "times": 20},
                {"after": "5d", "every": "1h", "times": 5},
            ],
            "tells one miss 25 times. Write at most 24",
        ),
        ([{"after": "0m", "times": 2}], "ladder 1 → times: says not how far apart"),
        ([{"after": "0m", "every": "1h"}], "ladder 1 → every: is told once"),
        ([{"after": "soon"}], 'ladder 1 → after: "soon" is no length of time'),
        ([{"after": "0m"}, {"after": "1h", "to": "boss"}], 'ladder 2 → to: "boss" is not known'),
        ([{"after": "0m", "untill": "answered"}], 'untill: unknown key. Did you mean "until"'),
        ([{"to": "group"}], 'ladder 1 → after: is missing. Add it, such as after = "30m"'),
        ([{"after": "0m", "until": "bored"}], 'until: "bored" is not known here'),
    ],
)
def test_a_ladder_that_cannot_be_is_refused(ladder, said):
    with pytest.raises(PolicyError, match=said):
        policy(clock("4h", ladder=ladder))


def test_a_mistake_in_a_ladder_is_told_with_file_and_line():
    text = """
[[policies]]
name = "ours"
match = { channel = "website" }

[[policies.clock]]
metric = "response"
scope = "internal"
target = "4h"
ladder = [
    { after = "0m", to = "managers" },
    { after = "30m", to = "boss" },
]
"""
    with pytest.raises(PolicyError, match=r'ours\.toml:12: .*ladder 2 → to: "boss"'):
        PolicySet.load_files({"ours.toml": text})
