"""What is kept of a rule is the very same rule when it is read again, or it is refused."""

import json
from dataclasses import fields, is_dataclass
from datetime import date

import pytest

from sla_rules.archive import (
    ArchiveError,
    read_calendar,
    read_policy,
    write_calendar,
    write_policy,
)
from sla_rules.calendar import BusinessCalendar
from sla_rules.platform_calendars import platform_calendars
from sla_rules.policy import PolicySet, presets

EVERY_KEY = {
    "name": "every.key",
    "match": {
        "channel": "amazon",
        "inbox": ["one", "two"],
        "kind": "message",
        "stage": "pre_sale",
        "risk": ["critical", "elevated"],
        "vip": True,
        "marketplace": "it",
        "language": "it",
        "topic": "return",
        "tag": "gift",
        "order_value_from": 99.5,
        "order_value_below": 1000,
        "season": ["12-01..01-06", "2026-07-08..2026-07-11"],
    },
    "clock": [
        {
            "metric": "response",
            "scope": "internal",
            "target": "2h30m",
            "calendar": "shop",
            "warn": ["50%", "10m"],
            "ping_calendar": "desk",
        },
        {
            "metric": "resolution",
            "scope": "internal",
            "target": "3bd",
            "calendar": "shop",
            "reopen": "restart",
        },
    ],
    "safety_margin": "7m",
    "grace": "20m",
    "auto_reply_satisfies": True,
    "precedence": 3,
}
PAUSING = {
    "name": "pausing",
    "match": {"channel": "website"},
    "clock": [
        {
            "metric": "resolution",
            "scope": "internal",
            "target": "8h",
            "pause_on": ["customer", "third_party"],
        },
        {
            "metric": "response",
            "scope": "internal",
            "calendar": "shop",
            "cutoff": {"received_before": "15:00", "reply_by": "18:00"},
        },
    ],
}

POLICIES = PolicySet.load([*presets(), EVERY_KEY, PAUSING]).policies
FULL = BusinessCalendar(
    "Europe/Rome",
    {
        "mon": [("09:00", "13:00"), ("14:00", "18:00")],
        "fri": [("22:00", "06:00")],
        "sun": [("20:00", "24:00")],
    },
    [date(2026, 12, 25), date(2026, 1, 1)],
    {date(2026, 8, 14): [("15:00", "18:00")], date(2026, 12, 31): [("23:00", "02:00")]},
    hours={date(2026, 12, 8): [("10:00", "12:00")], date(2026, 12, 7): []},
)


def through_json(content):
    return json.loads(json.dumps(content))


def spelt(value):
    """The whole of a rule with the type of each part; a set has no order to compare."""
    if is_dataclass(value):
        return {each.name: spelt(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, frozenset):
        return sorted(map(repr, value))
    if isinstance(value, tuple):
        return [spelt(each) for each in value]
    return repr(value)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_a_policy_comes_back_as_it_was(policy):
    again = read_policy(through_json(write_policy(policy)), policy.version)

    assert again == policy
    assert again.origin == policy.origin
    assert spelt(again.clocks) == spelt(policy.clocks)


@pytest.mark.parametrize("calendar", [FULL, *platform_calendars().values()])
def test_a_calendar_comes_back_as_it_was(calendar):
    again = read_calendar(through_json(write_calendar(calendar)), calendar.version)

    assert again.calendar.version == calendar.version
    assert again.calendar.opening_hours == calendar.opening_hours
    assert not again.moved


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"safety_margin": "PT1M"}, "but reads as"),
        ({"version": "0000000000000000"}, "but reads as"),
        ({"clocks": [{"metric": "first_response"}]}, "cannot be read: clocks"),
        ({"clocks": None}, "cannot be read: clocks"),
    ],
)
def test_a_policy_that_was_tampered_with_is_refused(changed, says):
    policy = POLICIES[0]

    with pytest.raises(ArchiveError, match=says):
        read_policy({**write_policy(policy), **changed}, policy.version)


def test_a_policy_with_a_key_of_a_newer_version_is_refused_by_its_hash():
    """A process that does not know the key would judge by less than the rule says."""
    policy = POLICIES[0]
    content = {**write_policy(policy), "version": "abcdefabcdefabcd", "from_the_future": 1}

    with pytest.raises(ArchiveError, match="abcdefabcdefabcd"):
        read_policy(content, "abcdefabcdefabcd")


@pytest.mark.parametrize(
    "changed",
    [
        {"tz": "Mars/Olympus"},
        {"week": {"mon": [["09:00", "25:00"]]}},
        {"week": {"mon": ["09:00"]}},
        {"holidays": ["2026-02-30"]},
        {"closures": None},
        {"hours": {"2026-01-01": [["10:00"]]}},
    ],
)
def test_a_calendar_that_cannot_be_is_refused(changed):
    with pytest.raises(ArchiveError, match="cannot be read"):
        read_calendar({**write_calendar(FULL), **changed}, FULL.version)


def test_a_calendar_with_other_hours_than_its_version_is_refused():
    content = {**write_calendar(FULL), "holidays": []}

    with pytest.raises(ArchiveError, match=f"kept as {FULL.version}, but reads as"):
        read_calendar(content, FULL.version)


def test_a_calendar_of_other_zone_data_keeps_its_hours_and_says_so():
    content = {**write_calendar(FULL), "tzdata": "2019a"}

    again = read_calendar(content, "0123456789abcdef")

    assert (again.moved, again.kept_with) == (True, "2019a")
    assert again.calendar.version == FULL.version
