"""Which clocks a ticket has, when they are due, and how they end."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from sla_rules.calendar import ALWAYS, CalendarError
from sla_rules.errors import PolicyError
from sla_rules.timeline import Event, TicketFacts
from sla_rules.vocabulary import ClockState, Kind, Metric, Scope
from tests.unit.sla_rules.builders import (
    AMAZON,
    SHOP,
    WEBSITE,
    answered,
    clock,
    not_needed,
    office,
    only,
    planned,
    policy,
    resolved,
    rome,
    steps,
    utc,
    wrote,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
CLAIM = TicketFacts(channel="amazon", inbox="amazon-it", kind=Kind.CLAIM)
T0 = utc("2026-11-20 10:00")


def test_a_message_starts_a_marketplace_and_an_internal_clock_and_no_other():
    deadlines = planned(wrote(T0))

    assert [(d.metric, d.scope, d.instance, d.state) for d in deadlines] == [
        (Metric.FIRST_RESPONSE, Scope.MARKETPLACE, 0, ClockState.RUNNING),
        (Metric.FIRST_RESPONSE, Scope.INTERNAL, 0, ClockState.RUNNING),
    ]
    assert [(d.started_at, d.due_at - T0) for d in deadlines] == [
        (T0, 24 * HOUR),
        (T0, 12 * HOUR),
    ]


def test_a_deadline_says_which_rule_and_calendar_it_comes_from():
    deadline = only(planned(wrote(T0), facts=WEBSITE), Scope.INTERNAL)

    assert (deadline.policy, deadline.calendar) == ("website.message", "shop")
    assert deadline.calendar_version == SHOP.version
    assert len(deadline.policy_version) == 16
    assert deadline.target == 2 * HOUR
    assert deadline.target_seconds == 7200
    assert deadline.clamped is None


def test_invariant_5_amazon_counts_every_hour():
    friday = rome("2026-10-23 17:00")  # the clocks go back on the Sunday

    limit = only(planned(wrote(friday)), Scope.MARKETPLACE)

    assert limit.due_at - limit.started_at == 24 * HOUR
    assert limit.due_at == rome("2026-10-24 17:00")
    sunday = only(planned(wrote(rome("2026-10-24 17:00"))), Scope.MARKETPLACE)
    assert sunday.due_at == rome("2026-10-25 16:00")


def test_a_website_message_on_friday_evening_is_due_on_monday():
    deadline = only(planned(wrote(rome("2026-11-20 17:30")), facts=WEBSITE), Scope.INTERNAL)

    assert deadline.due_at == rome("2026-11-23 10:30")


def test_a_website_message_before_a_holiday_skips_it():
    deadline = only(planned(wrote(rome("2026-12-07 17:00")), facts=WEBSITE), Scope.INTERNAL)

    assert deadline.due_at == rome("2026-12-09 10:00")


def test_a_claim_has_fifteen_minutes_and_seventy_two_hours():
    deadlines = planned(wrote(T0), facts=CLAIM)

    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 15 * MINUTE
    assert only(deadlines, Scope.MARKETPLACE).due_at == T0 + 72 * HOUR


def test_a_limit_that_the_platform_states_replaces_the_presets():
    deadlines = planned(wrote(T0), facts=CLAIM, limit=timedelta(days=7))

    limit = only(deadlines, Scope.MARKETPLACE)
    assert (limit.due_at, limit.target) == (T0 + timedelta(days=7), timedelta(days=7))
    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 15 * MINUTE


def test_a_limit_that_leaves_no_time_is_due_at_once():
    limit = only(planned(wrote(T0), facts=CLAIM, limit=timedelta(0)), Scope.MARKETPLACE)

    assert limit.due_at == T0 + timedelta(seconds=1)


def test_a_stated_limit_makes_no_marketplace_clock_where_the_policy_has_none():
    deadlines = planned(wrote(T0), facts=WEBSITE, limit=72 * HOUR)

    assert [deadline.scope for deadline in deadlines] == [Scope.INTERNAL]


def test_invariant_5_an_internal_deadline_keeps_five_minutes_before_the_marketplace():
    by = policy(clock("24h", scope="marketplace"), clock("8h", calendar="shop"))

    deadline = only(planned(wrote(rome("2026-11-20 17:00")), by=by), Scope.INTERNAL)

    assert deadline.due_at == rome("2026-11-21 16:55")
    assert deadline.target == 8 * HOUR
    assert deadline.clamped == "moved to 5 min before the marketplace limit"


def test_the_safety_margin_is_the_policys():
    by = policy(clock("2h", scope="marketplace"), clock("2h"), safety_margin="30m")

    assert only(planned(wrote(T0), by=by), Scope.INTERNAL).due_at == T0 + 1.5 * HOUR


def test_the_order_in_which_a_policy_lists_its_clocks_does_not_matter():
    limit, target = clock("2h", scope="marketplace"), clock("2h")

    for by in (policy(limit, target), policy(target, limit)):
        assert only(planned(wrote(T0), by=by), Scope.INTERNAL).due_at == T0 + 2 * HOUR - 5 * MINUTE


def test_a_target_that_just_keeps_the_margin_is_not_moved():
    by = policy(clock("2h", scope="marketplace"), clock("115m"))

    deadline = only(planned(wrote(T0), by=by), Scope.INTERNAL)

    assert (deadline.due_at, deadline.clamped) == (T0 + 115 * MINUTE, None)


def test_a_margin_longer_than_the_limit_leaves_half_of_it():
    deadlines = planned(wrote(T0), facts=CLAIM, limit=6 * MINUTE)

    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 3 * MINUTE


def test_an_answer_in_time_meets_every_clock_of_its_run():
    deadlines = planned(wrote(T0), answered(T0 + HOUR))

    assert [d.state for d in deadlines] == [ClockState.MET] * 2
    assert [d.stopped_at for d in deadlines] == [T0 + HOUR] * 2


def test_an_answer_between_the_two_deadlines_is_late_for_one_of_them():
    deadlines = planned(wrote(T0), answered(T0 + 13 * HOUR))

    assert only(deadlines, Scope.INTERNAL).state is ClockState.LATE
    assert only(deadlines, Scope.MARKETPLACE).state is ClockState.MET


def test_an_answer_at_the_deadline_meets_it_and_a_second_later_does_not():
    due = T0 + 12 * HOUR

    for at, state in ((due, ClockState.MET), (due + timedelta(seconds=1), ClockState.LATE)):
        assert only(planned(wrote(T0), answered(at)), Scope.INTERNAL).state is state


def test_no_answer_needed_satisfies_like_an_answer():
    in_time = planned(wrote(T0), not_needed(T0 + HOUR))
    late = planned(wrote(T0), not_needed(T0 + 25 * HOUR))

    assert {d.state for d in in_time} == {ClockState.MET}
    assert {d.state for d in late} == {ClockState.LATE}


def test_a_resolution_without_an_answer_cancels_what_is_not_yet_late():
    deadlines = planned(wrote(T0), resolved(T0 + 13 * HOUR))

    assert only(deadlines, Scope.MARKETPLACE).state is ClockState.CANCELLED
    assert only(deadlines, Scope.INTERNAL).state is ClockState.LATE
    assert {d.stopped_at for d in deadlines} == {T0 + 13 * HOUR}


def test_a_resolution_after_the_answer_changes_nothing():
    assert planned(wrote(T0), answered(T0 + HOUR), resolved(T0 + 2 * HOUR)) == planned(
        wrote(T0), answered(T0 + HOUR)
    )


def test_an_answer_satisfies_all_earlier_messages():
    deadlines = planned(wrote(T0), wrote(T0 + HOUR), wrote(T0 + 2 * HOUR), answered(T0 + 3 * HOUR))

    assert [(d.metric, d.state) for d in deadlines] == [
        (Metric.FIRST_RESPONSE, ClockState.MET),
        (Metric.FIRST_RESPONSE, ClockState.MET),
    ]


def test_further_messages_do_not_move_the_start():
    deadline = only(planned(wrote(T0), wrote(T0 + 5 * HOUR)), Scope.MARKETPLACE)

    assert deadline.started_at == T0


def test_a_message_after_an_answer_starts_a_next_response_from_the_oldest_of_its_run():
    deadlines = planned(wrote(T0), answered(T0 + HOUR), wrote(T0 + 3 * HOUR), wrote(T0 + 4 * HOUR))

    following = only(deadlines, Scope.MARKETPLACE, Metric.NEXT_RESPONSE, 1)
    assert (following.started_at, following.state) == (T0 + 3 * HOUR, ClockState.RUNNING)
    assert following.due_at == T0 + 27 * HOUR
    assert only(deadlines, Scope.MARKETPLACE).state is ClockState.MET


def test_every_run_has_an_instance_of_its_own():
    events = [
        event
        for day in range(4)
        for event in (
            wrote(T0 + timedelta(days=day)),
            answered(T0 + timedelta(days=day) + HOUR),
        )
    ]

    deadlines = planned(*events)

    assert [(d.metric, d.instance) for d in deadlines if d.scope is Scope.INTERNAL] == [
        (Metric.FIRST_RESPONSE, 0),
        (Metric.NEXT_RESPONSE, 1),
        (Metric.NEXT_RESPONSE, 2),
        (Metric.NEXT_RESPONSE, 3),
    ]


def test_two_answers_in_a_row_are_one():
    deadlines = planned(wrote(T0), answered(T0 + HOUR), answered(T0 + 2 * HOUR))

    assert {d.stopped_at for d in deadlines} == {T0 + HOUR}


def test_an_answer_before_any_message_satisfies_nothing():
    deadline = only(planned(answered(T0 - HOUR), wrote(T0)), Scope.INTERNAL)

    assert deadline.state is ClockState.RUNNING


def test_an_answer_at_the_very_instant_of_the_message_answers_it():
    assert only(planned(answered(T0), wrote(T0)), Scope.INTERNAL).state is ClockState.MET


def test_a_bounced_answer_leaves_the_clock_running_from_its_original_start():
    answer = answered(T0 + HOUR)
    before = only(planned(wrote(T0), answer), Scope.MARKETPLACE)

    after = only(planned(wrote(T0)), Scope.MARKETPLACE)

    assert before.state is ClockState.MET
    assert after.state is ClockState.RUNNING
    assert (after.started_at, after.due_at) == (before.started_at, before.due_at)


def test_a_bounce_after_the_customer_wrote_again_joins_the_runs():
    deadlines = planned(wrote(T0), wrote(T0 + 3 * HOUR))

    assert {d.metric for d in deadlines} == {Metric.FIRST_RESPONSE}
    assert {d.started_at for d in deadlines} == {T0}


def test_a_bounce_of_the_first_of_two_answers_leaves_the_second():
    deadlines = planned(wrote(T0), answered(T0 + 13 * HOUR))

    assert only(deadlines, Scope.INTERNAL).state is ClockState.LATE


def test_a_message_after_a_resolution_is_waited_for_even_when_nobody_ever_answered():
    deadlines = planned(wrote(T0), resolved(T0 + HOUR), wrote(T0 + 5 * HOUR))

    again = only(deadlines, Scope.MARKETPLACE, Metric.NEXT_RESPONSE, 1)
    assert (again.started_at, again.state) == (T0 + 5 * HOUR, ClockState.RUNNING)


def test_a_policy_may_ask_for_the_first_response_only():
    by = policy(clock("2h", metric="first_response"))

    deadlines = planned(wrote(T0), answered(T0 + HOUR), wrote(T0 + 3 * HOUR), by=by)

    assert [d.metric for d in deadlines] == [Metric.FIRST_RESPONSE]


def test_a_ticket_without_a_customer_message_has_no_clock():
    assert planned() == ()
    assert planned(answered(T0), resolved(T0 + HOUR), by=policy(_resolution("4h"))) == ()


def test_a_policy_without_clocks_plans_nothing():
    notice = TicketFacts(channel="amazon", inbox="amazon-it", kind=Kind.NOTICE)

    assert planned(wrote(T0), facts=notice) == ()


def _resolution(target: str, scope: str = "internal") -> Mapping[str, object]:
    return clock(target, scope, metric="resolution")


def test_a_resolution_clock_runs_on_through_answers():
    by = policy(_resolution("4h"))

    running = planned(wrote(T0), answered(T0 + HOUR), by=by)[0]
    met = planned(wrote(T0), answered(T0 + HOUR), resolved(T0 + 4 * HOUR), by=by)[0]
    late = planned(wrote(T0), resolved(T0 + 5 * HOUR), by=by)[0]

    assert (running.metric, running.state) == (Metric.RESOLUTION, ClockState.RUNNING)
    assert (met.state, met.stopped_at) == (ClockState.MET, T0 + 4 * HOUR)
    assert late.state is ClockState.LATE


def test_time_in_which_a_ticket_was_resolved_does_not_count_for_its_resolution():
    by = policy(_resolution("4h"))
    events: list[Event] = [
        wrote(T0),
        resolved(T0 + HOUR),
        resolved(T0 + 2 * HOUR),
        wrote(T0 + 9 * HOUR),
    ]

    reopened = planned(*events, by=by)[0]

    assert reopened.state is ClockState.RUNNING
    assert reopened.due_at == T0 + 12 * HOUR
    assert steps(reopened)["warn50"] == T0 + 10 * HOUR


def test_a_marketplaces_resolution_limit_never_pauses():
    by = policy(_resolution("4h", scope="marketplace"))

    reopened = planned(wrote(T0), resolved(T0 + HOUR), wrote(T0 + 9 * HOUR), by=by)[0]

    assert reopened.due_at == T0 + 4 * HOUR


def test_starts_are_floored_to_the_second():
    fraction = timedelta(microseconds=999_999)

    deadline = only(planned(wrote(T0 + fraction)), Scope.INTERNAL)

    assert (deadline.started_at, deadline.due_at) == (T0, T0 + 12 * HOUR)
    answer = answered(T0 + 12 * HOUR + fraction)
    assert only(planned(wrote(T0), answer), Scope.INTERNAL).state is ClockState.MET


def test_a_calendar_that_is_not_there_is_named_with_the_inbox():
    with pytest.raises(
        PolicyError, match=r'"website.message": calendar = "shop" .* inbox "shop".*always'
    ):
        planned(wrote(T0), facts=WEBSITE, calendars={"always": ALWAYS})


def test_always_is_known_without_being_given():
    assert len(planned(wrote(T0), facts=AMAZON, calendars={})) == 2


def test_a_named_calendar_measures_an_internal_clock():
    by = policy(clock("1h", calendar="nights"))
    nights = office(("22:00", "06:00"))

    deadline = planned(wrote(rome("2026-11-18 12:00")), by=by, calendars={"nights": nights})[0]

    assert deadline.due_at == rome("2026-11-18 23:00")


def test_invariant_12_an_instant_without_a_zone_is_refused():
    naive = T0.replace(tzinfo=None)

    with pytest.raises(CalendarError, match="no zone"):
        planned(wrote(naive))
    with pytest.raises(CalendarError, match="no zone"):
        planned(wrote(T0), now=naive)


def test_invariant_12_everything_planned_is_utc_whatever_went_in():
    inside = planned(wrote(rome("2026-11-20 11:00")), answered(rome("2026-11-20 12:00")))
    running = planned(wrote(rome("2026-11-20 11:00")), facts=WEBSITE)

    assert inside == planned(wrote(T0), answered(T0 + HOUR))
    for deadline in (*inside, *running):
        ends = [deadline.stopped_at] if deadline.stopped_at else []
        fired = [ping.fire_at for ping in deadline.pings]
        for at in (deadline.started_at, deadline.due_at, *ends, *fired):
            assert at.utcoffset() == timedelta(0)
