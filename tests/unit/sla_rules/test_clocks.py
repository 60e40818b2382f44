"""Windows, dates, cut-offs, updates and the platform's own word."""

from datetime import timedelta

import pytest

from sla_rules.calendar import ALWAYS
from sla_rules.timeline import (
    AutomaticAnswer,
    CustomerMessage,
    TicketFacts,
)
from sla_rules.vocabulary import ClockState, Metric, Scope
from tests.unit.sla_rules.builders import (
    SHOP,
    answered,
    clock,
    lined,
    not_needed,
    office,
    only,
    planned,
    policy,
    resolved,
    rome,
    utc,
    wrote,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
T0 = utc("2026-11-20 10:00")


# -- windows -----------------------------------------------------------------------------------


def test_a_window_is_counted_from_the_newest_message_and_the_limit_from_the_oldest():
    by = policy(clock("24h", scope="window"), clock("24h", scope="marketplace"))

    deadlines = planned(wrote(T0), wrote(T0 + 3 * HOUR), by=by)

    assert only(deadlines, Scope.WINDOW).due_at == T0 + 27 * HOUR
    assert only(deadlines, Scope.WINDOW).started_at == T0 + 3 * HOUR
    assert only(deadlines, Scope.MARKETPLACE).due_at == T0 + 24 * HOUR


def test_three_clocks_wait_for_the_same_answer():
    by = policy(clock("7d", "window"), clock("24h", "marketplace"), clock("4h"))

    deadlines = planned(wrote(T0), answered(T0 + 5 * HOUR), by=by)

    assert [(d.scope, d.state) for d in deadlines] == [
        (Scope.WINDOW, ClockState.MET),
        (Scope.MARKETPLACE, ClockState.MET),
        (Scope.INTERNAL, ClockState.LATE),
    ]


def test_invariant_5_opening_hours_never_lead_past_the_window():
    by = policy(clock("24h", "window"), clock("4h", calendar="shop"), safety_margin="2h")

    deadline = only(planned(wrote(rome("2026-11-20 17:00")), by=by), Scope.INTERNAL)

    assert deadline.due_at == rome("2026-11-21 15:00")
    assert deadline.clamped == "moved to 2 h before the answering window closes"


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrote_at", "due_at"),
    [
        ("2026-11-20 10:00", "2026-11-24 18:00"),
        ("2026-11-21 10:00", "2026-11-24 18:00"),
        ("2026-12-07 23:00", "2026-12-10 18:00"),
    ],
)
def test_two_business_days_end_when_the_second_open_day_after_the_message_closes(wrote_at, due_at):
    by = policy(clock("2bd", calendar="shop"))

    deadline = only(planned(wrote(rome(wrote_at)), by=by), Scope.INTERNAL)

    assert deadline.due_at == rome(due_at)
    assert deadline.target == SHOP.elapsed(rome(wrote_at), rome(due_at))


@pytest.mark.parametrize(
    ("wrote_at", "due_at"),
    [
        ("2026-11-20 18:59:59", "2026-11-20 23:00"),
        ("2026-11-20 19:00:00", "2026-11-23 23:00"),
        ("2026-11-21 08:00:00", "2026-11-23 23:00"),
        ("2026-11-19 20:00:00", "2026-11-20 23:00"),
    ],
)
def test_received_before_seven_is_answered_the_same_open_day(wrote_at, due_at):
    cutoff = {"received_before": "19:00", "reply_by": "23:00"}
    by = policy({"metric": "response", "scope": "internal", "cutoff": cutoff, "calendar": "shop"})

    assert only(planned(wrote(rome(wrote_at)), by=by), Scope.INTERNAL).due_at == rome(due_at)


def test_a_cut_off_without_a_time_to_reply_by_is_the_end_of_the_day():
    by = policy(
        {
            "metric": "first_response",
            "scope": "internal",
            "cutoff": {"received_before": "12:00"},
            "calendar": "shop",
        }
    )

    deadline = only(planned(wrote(rome("2026-11-20 09:00")), by=by), Scope.INTERNAL)

    assert deadline.due_at == rome("2026-11-21 00:00")


def test_a_date_in_the_hour_that_comes_twice_is_never_due_before_the_message():
    cutoff = {"received_before": "02:50", "reply_by": "02:55"}
    by = policy({"metric": "response", "scope": "internal", "cutoff": cutoff, "calendar": "night"})
    night = office(("00:00", "24:00"), days=["sun"])
    second_pass = utc("2026-10-25 01:40")

    deadline = planned(wrote(second_pass), by=by, calendars={"night": night})[0]

    assert deadline.due_at == second_pass + timedelta(seconds=1)


def test_dates_without_a_calendar_fall_back_to_plain_days():
    by = policy(clock("2bd", calendar="shop"))

    deadline = planned(wrote(T0), by=by, calendars={"shop": ALWAYS})[0]

    assert deadline.due_at == T0 + 48 * HOUR


# -- the platform's own word --------------------------------------------------------------------


def test_an_instant_the_platform_names_replaces_its_target():
    by = policy(clock("24h", "marketplace"), clock("12h"))
    line = lined(wrote(T0), platform_due_at=T0 + 90 * HOUR)

    deadlines = planned(line=line, by=by)

    assert only(deadlines, Scope.MARKETPLACE).due_at == T0 + 90 * HOUR
    assert only(deadlines, Scope.MARKETPLACE).stated
    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 12 * HOUR


def test_the_platforms_instant_is_about_the_newest_wait_only():
    by = policy(clock("24h", "marketplace"))
    line = lined(
        wrote(T0), answered(T0 + HOUR), wrote(T0 + 2 * HOUR), platform_due_at=T0 + 30 * HOUR
    )

    first, following = planned(line=line, by=by)

    assert (first.due_at, following.due_at) == (T0 + 24 * HOUR, T0 + 30 * HOUR)


def test_the_earliest_instant_named_with_any_message_of_a_run_holds():
    by = policy(clock("24h", "marketplace"))
    messages = [
        CustomerMessage(ref="a", at=T0, due_at=T0 + 50 * HOUR),
        CustomerMessage(ref="b", at=T0 + HOUR, due_at=T0 + 40 * HOUR),
    ]

    assert planned(*messages, by=by)[0].due_at == T0 + 40 * HOUR


def test_an_instant_that_has_passed_already_is_due_at_once():
    by = policy(clock("24h", "marketplace"))

    deadline = planned(line=lined(wrote(T0), platform_due_at=T0 - HOUR), by=by)[0]

    assert deadline.due_at == T0 + timedelta(seconds=1)


def test_a_platforms_limit_runs_from_when_it_counts_the_customer_as_waiting():
    by = policy(clock("24h", "marketplace"), clock("4h"))
    again = CustomerMessage(ref="again", at=T0, waiting_since=T0 - 10 * HOUR)

    deadlines = planned(again, by=by)

    limit = only(deadlines, Scope.MARKETPLACE)
    assert (limit.started_at, limit.due_at) == (T0 - 10 * HOUR, T0 + 14 * HOUR)
    assert limit.owed_before
    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 4 * HOUR


def test_a_platform_that_says_it_began_later_takes_nothing_from_the_customer():
    by = policy(clock("24h", "marketplace"))
    late = CustomerMessage(ref="m", at=T0 + HOUR, waiting_since=T0 + HOUR)

    assert only(planned(wrote(T0), late, by=by), Scope.MARKETPLACE).due_at == T0 + 24 * HOUR


def test_a_window_closes_when_the_platform_says():
    by = policy(clock("24h", "window"), clock("4h"), safety_margin="30m")
    first = CustomerMessage(ref="a", at=T0, closes_at=T0 + 30 * HOUR)
    last = CustomerMessage(ref="b", at=T0 + HOUR, closes_at=T0 + 3 * HOUR)

    deadlines = planned(first, last, by=by)

    assert only(deadlines, Scope.WINDOW).due_at == T0 + 3 * HOUR
    assert only(deadlines, Scope.WINDOW).stated
    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 2 * HOUR + 30 * MINUTE


def test_a_forged_future_date_counts_from_when_the_desk_saw_it():
    forged = CustomerMessage(ref="m", at=T0 + 9 * HOUR, seen_at=T0)
    skewed = CustomerMessage(ref="m", at=T0, seen_at=T0 + HOUR)

    for message in (forged, skewed):
        assert only(planned(message), Scope.MARKETPLACE).started_at == T0


# -- updates -----------------------------------------------------------------------------------


def test_a_claimant_is_kept_in_the_loop_from_each_answer_to_the_next():
    by = policy(clock("48h", metric="update"))
    deadlines = planned(
        wrote(T0), answered(T0 + HOUR), answered(T0 + 40 * HOUR), answered(T0 + 90 * HOUR), by=by
    )

    assert [(d.instance, d.due_at - d.started_at, d.state) for d in deadlines] == [
        (0, 48 * HOUR, ClockState.MET),
        (1, 48 * HOUR, ClockState.LATE),
        (2, 48 * HOUR, ClockState.RUNNING),
    ]


def test_no_update_is_due_before_an_answer_or_after_the_end():
    by = policy(clock("48h", metric="update"))

    assert planned(wrote(T0), by=by) == ()
    assert planned(answered(T0), by=by) == ()
    (closed,) = planned(wrote(T0), answered(T0 + HOUR), resolved(T0 + 2 * HOUR), by=by)
    assert closed.state is ClockState.CANCELLED
    assert planned(wrote(T0), not_needed(T0 + HOUR), by=by) == ()


def test_an_automatic_word_is_no_update():
    by = policy(clock("48h", metric="update"))
    automatic = AutomaticAnswer(ref="a", at=T0 + 3 * HOUR)

    (deadline,) = planned(wrote(T0), answered(T0 + HOUR), automatic, by=by)

    assert deadline.state is ClockState.RUNNING


# -- automatic answers -------------------------------------------------------------------------


def test_invariant_6_an_automatic_answer_satisfies_only_where_the_platform_counts_it():
    events = (wrote(T0), AutomaticAnswer(ref="a", at=T0 + MINUTE))
    etsy = TicketFacts(channel="etsy", inbox="etsy")

    assert {d.state for d in planned(*events)} == {ClockState.RUNNING}
    assert {d.state for d in planned(*events, facts=etsy)} == {ClockState.MET}


def test_a_bot_does_not_move_the_start_of_the_wait():
    events = (wrote(T0), AutomaticAnswer(ref="a", at=T0 + MINUTE), wrote(T0 + HOUR))

    (deadline, *_) = planned(*events)

    assert (deadline.metric, deadline.started_at) == (Metric.FIRST_RESPONSE, T0)
