"""When a running deadline speaks, to whom, and how gravely."""

from datetime import timedelta

import pytest
from hypothesis import given, settings

from sla_rules.vocabulary import Audience, Scope
from tests.unit.sla_rules.builders import (
    SHOP,
    WEBSITE,
    answered,
    clock,
    only,
    planned,
    policy,
    resolved,
    rome,
    steps,
    utc,
    wrote,
)
from tests.unit.sla_rules.strategies import minutes

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
T0 = utc("2026-11-20 10:00")


def test_the_assignee_is_warned_at_half_and_a_fifth_and_managers_at_the_breach_and_twice_after():
    limit = only(planned(wrote(T0)), Scope.MARKETPLACE)

    assert [(p.step, p.audience, p.fire_at - T0) for p in limit.pings] == [
        ("warn50", Audience.ASSIGNEE, 12 * HOUR),
        ("warn20", Audience.ASSIGNEE, 19.2 * HOUR),
        ("breach", Audience.MANAGERS, 24 * HOUR),
        ("breach2", Audience.MANAGERS, 24.5 * HOUR),
        ("breach3", Audience.MANAGERS, 25 * HOUR),
    ]


def test_later_steps_are_graver_and_the_marketplaces_graver_than_ours():
    deadlines = planned(wrote(T0))

    assert [p.severity for p in only(deadlines, Scope.INTERNAL).pings] == [10, 20, 30, 31, 32]
    assert [p.severity for p in only(deadlines, Scope.MARKETPLACE).pings] == [15, 25, 35, 36, 37]


def test_any_warning_is_less_grave_than_any_breach_and_the_later_the_graver():
    by = policy(clock("100h", scope="marketplace", warn=[f"{left}%" for left in range(1, 100)]))

    deadline = only(planned(wrote(T0), by=by), Scope.MARKETPLACE)

    severities = [ping.severity for ping in deadline.pings]
    assert severities == sorted(severities)
    assert min(severities) > 5
    assert max(severities[:-3]) < 30


@pytest.mark.parametrize(
    "end", [answered(T0 + HOUR), resolved(T0 + HOUR), answered(T0 + 99 * HOUR)]
)
def test_a_stopped_clock_has_no_pings(end):
    assert all(deadline.pings == () for deadline in planned(wrote(T0), end))


def test_steps_of_the_past_are_planned_too():
    long_ago = only(planned(wrote(T0), now=T0 + timedelta(days=30)), Scope.INTERNAL)

    assert list(steps(long_ago)) == ["warn50", "warn20", "breach", "breach2", "breach3"]


def test_a_business_clock_warns_while_somebody_is_there():
    deadline = only(planned(wrote(rome("2026-11-20 17:30")), facts=WEBSITE), Scope.INTERNAL)

    assert steps(deadline) == {
        "warn50": rome("2026-11-23 09:30"),
        "warn20": rome("2026-11-23 10:06"),
        "breach": rome("2026-11-23 10:30"),
        "breach2": rome("2026-11-23 11:00"),
        "breach3": rome("2026-11-23 11:30"),
    }


def test_a_business_clock_missed_at_the_close_is_repeated_after_the_next_opening():
    deadline = only(planned(wrote(rome("2026-11-20 16:00")), facts=WEBSITE), Scope.INTERNAL)

    assert deadline.due_at == rome("2026-11-20 18:00")
    assert steps(deadline)["breach"] == rome("2026-11-20 18:00")
    assert steps(deadline)["breach2"] == rome("2026-11-23 09:30")
    assert steps(deadline)["breach3"] == rome("2026-11-23 10:00")


def test_a_marketplace_clock_pings_at_night():
    limit = only(planned(wrote(rome("2026-11-20 03:00"))), Scope.MARKETPLACE)

    assert steps(limit)["breach"] == rome("2026-11-21 03:00")
    assert steps(limit)["breach2"] == rome("2026-11-21 03:30")


def test_a_clamped_business_clock_warns_before_its_earlier_deadline():
    by = policy(clock("24h", scope="marketplace"), clock("16h", calendar="shop"))

    deadline = only(planned(wrote(rome("2026-11-18 10:00")), by=by), Scope.INTERNAL)

    # 8 open hours lie between Wednesday 10:00 and Thursday 09:55, 7 h 55 min of them counted.
    assert deadline.due_at == rome("2026-11-19 09:55")
    assert steps(deadline)["warn50"] == rome("2026-11-18 14:57:30")
    assert steps(deadline)["warn20"] < deadline.due_at
    assert steps(deadline)["breach"] == deadline.due_at


def test_a_clamped_deadline_in_closed_time_leaves_the_night_to_the_marketplace_clock():
    by = policy(clock("24h", scope="marketplace"), clock("2h", calendar="shop"))

    deadlines = planned(wrote(rome("2026-11-20 18:00")), by=by)

    ours = only(deadlines, Scope.INTERNAL)
    assert ours.due_at == rome("2026-11-21 17:55")
    assert steps(ours) == {
        "breach": rome("2026-11-23 09:00"),
        "breach2": rome("2026-11-23 09:30"),
        "breach3": rome("2026-11-23 10:00"),
    }
    assert steps(only(deadlines, Scope.MARKETPLACE))["breach"] == rome("2026-11-21 18:00")


@settings(max_examples=60, deadline=None)
@given(minutes)
def test_business_clocks_never_ping_at_night(at):
    by = policy(clock("24h", scope="marketplace"), clock("9h", calendar="shop"))

    for ping in only(planned(wrote(at), by=by), Scope.INTERNAL).pings:
        second = timedelta(seconds=1)
        somebody_is_there = SHOP.elapsed(ping.fire_at - second, ping.fire_at + second)
        assert somebody_is_there > timedelta(0)


def test_a_target_too_short_to_divide_still_breaches():
    by = policy(clock("1s"))

    assert list(steps(only(planned(wrote(T0), by=by), Scope.INTERNAL))) == [
        "breach",
        "breach2",
        "breach3",
    ]
