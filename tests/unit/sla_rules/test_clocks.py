"""Windows, dates, cut-offs, pauses, reopening, updates and the platform's own word."""

from datetime import timedelta

import pytest

from sla_rules.calendar import ALWAYS
from sla_rules.deadlines import plan
from sla_rules.timeline import (
    AutomaticAnswer,
    CustomerMessage,
    Hold,
    Reclassified,
    TicketFacts,
    Timeline,
)
from sla_rules.vocabulary import Audience, ClockState, Metric, Scope, Waiting
from tests.unit.sla_rules.builders import (
    AMAZON,
    CALENDARS,
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
    steps,
    utc,
    wrote,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
T0 = utc("2026-11-20 10:00")
RESOLUTION = clock("10h", metric="resolution", pause_on=["customer", "third_party"])


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


def test_a_forged_future_date_counts_from_when_the_desk_saw_it():
    forged = CustomerMessage(ref="m", at=T0 + 9 * HOUR, seen_at=T0)
    skewed = CustomerMessage(ref="m", at=T0, seen_at=T0 + HOUR)

    for message in (forged, skewed):
        assert only(planned(message), Scope.MARKETPLACE).started_at == T0


# -- pauses ------------------------------------------------------------------------------------


def hold(since, until=None, on=Waiting.THIRD_PARTY):
    return Hold(on=on, since=since, until=until)


def test_waiting_for_a_third_party_does_not_count():
    line = lined(wrote(T0), holds=[hold(T0 + HOUR, T0 + 4 * HOUR)])

    deadline = planned(line=line, by=policy(RESOLUTION))[0]

    assert deadline.due_at == T0 + 13 * HOUR
    assert deadline.pauses == ((T0 + HOUR, T0 + 4 * HOUR),)


def test_pauses_are_walked_in_opening_hours_and_never_added_to_the_clock():
    by = policy(clock("4h", metric="resolution", calendar="shop", pause_on="third_party"))
    night = hold(rome("2026-11-19 17:00"), rome("2026-11-20 10:00"))
    line = lined(wrote(rome("2026-11-19 16:00")), holds=[night])

    assert planned(line=line, by=by)[0].due_at == rome("2026-11-20 13:00")


def test_a_pause_wholly_in_closed_time_changes_nothing():
    by = policy(clock("4h", metric="resolution", calendar="shop", pause_on="third_party"))
    message = wrote(rome("2026-11-19 16:00"))
    night = hold(rome("2026-11-19 20:00"), rome("2026-11-20 08:00"))

    assert (
        planned(line=lined(message, holds=[night]), by=by)[0].due_at
        == planned(message, by=by)[0].due_at
    )


def test_two_reasons_to_wait_at_once_are_one_pause():
    holds = [
        hold(T0 + HOUR, T0 + 3 * HOUR),
        hold(T0 + 2 * HOUR, T0 + 4 * HOUR, on=Waiting.CUSTOMER),
    ]

    deadline = planned(line=lined(wrote(T0), holds=holds), by=policy(RESOLUTION))[0]

    assert deadline.due_at == T0 + 13 * HOUR


def test_a_pause_after_the_breach_never_takes_the_breach_back():
    line = lined(wrote(T0), resolved(T0 + 20 * HOUR), holds=[hold(T0 + 11 * HOUR)])
    still_open = lined(wrote(T0), holds=[hold(T0 + 11 * HOUR)])

    assert planned(line=line, by=policy(RESOLUTION))[0].state is ClockState.LATE
    assert planned(line=still_open, by=policy(RESOLUTION))[0].state is ClockState.RUNNING


def test_a_paused_clock_pings_nobody_and_keeps_what_is_left():
    holds = [hold(T0 + HOUR), hold(T0 + 2 * HOUR)]

    deadline = planned(line=lined(wrote(T0), holds=holds), by=policy(RESOLUTION))[0]

    assert (deadline.state, deadline.pings) == (ClockState.PAUSED, ())
    assert deadline.paused_at == T0 + HOUR
    assert deadline.due_at == T0 + 10 * HOUR


def test_the_customers_next_message_ends_the_wait_for_the_customer():
    waiting = hold(T0 + HOUR, on=Waiting.CUSTOMER)
    line = lined(wrote(T0), wrote(T0 + 3 * HOUR), holds=[waiting])

    deadline = only(planned(line=line, by=policy(RESOLUTION)), Scope.INTERNAL, Metric.RESOLUTION)

    assert (deadline.state, deadline.due_at) == (ClockState.RUNNING, T0 + 12 * HOUR)


def test_a_first_response_and_a_marketplace_clock_never_pause():
    line = lined(wrote(T0), holds=[hold(T0 + MINUTE)])
    by = policy(clock("24h", "marketplace"), clock("12h"))

    for deadline in planned(line=line, by=by):
        assert (deadline.state, deadline.pauses) == (ClockState.RUNNING, ())


def test_a_hold_that_the_rule_does_not_pause_on_counts():
    by = policy(clock("10h", metric="resolution", pause_on="customer"))

    deadline = planned(line=lined(wrote(T0), holds=[hold(T0 + HOUR)]), by=by)[0]

    assert (deadline.state, deadline.due_at) == (ClockState.RUNNING, T0 + 10 * HOUR)


# -- reopening ---------------------------------------------------------------------------------

HISTORY = (wrote(T0), resolved(T0 + 2 * HOUR), wrote(T0 + 6 * HOUR))


def reopened(reopen):
    by = policy(clock("10h", metric="resolution", reopen=reopen))
    return planned(*HISTORY, by=by)


def test_a_reopened_ticket_goes_on_where_it_stopped():
    (deadline,) = reopened("resume")

    assert (deadline.state, deadline.due_at) == (ClockState.RUNNING, T0 + 14 * HOUR)


def test_a_reopened_ticket_starts_again_and_keeps_what_was_judged():
    first, again = reopened("restart")

    assert (first.instance, first.state) == (0, ClockState.MET)
    assert (again.instance, again.started_at, again.due_at) == (
        1,
        T0 + 6 * HOUR,
        T0 + 16 * HOUR,
    )


def test_reopening_may_be_ignored():
    (deadline,) = reopened("ignore")

    assert (deadline.state, deadline.stopped_at) == (ClockState.MET, T0 + 2 * HOUR)


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


# -- a ticket that changes class ---------------------------------------------------------------


def retargeted(target, changed, *events, **keys):
    line = lined(wrote(T0), *events, reclassified=changed)
    return only(planned(line=line, by=policy(clock(target), **keys)), Scope.INTERNAL)


def test_a_ticket_that_becomes_vip_keeps_its_start():
    changed = Reclassified(at=T0 + MINUTE, what="VIP")

    deadline = retargeted("1h", changed)

    assert (deadline.started_at, deadline.due_at, deadline.cause) == (T0, T0 + HOUR, None)


def test_a_target_that_is_already_past_leaves_a_grace_and_says_so():
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP since 15:00")

    deadline = retargeted("1h", changed)

    assert deadline.due_at == T0 + 5 * HOUR + 15 * MINUTE
    assert deadline.cause == (
        "policy_change: VIP since 15:00; its target had passed by then, so 15 min from the change"
    )
    assert steps(deadline)["breach"] == deadline.due_at


def test_the_grace_is_the_policys():
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP")

    assert retargeted("1h", changed, grace="30m").due_at == T0 + 5.5 * HOUR


def test_a_change_of_class_takes_no_breach_back():
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP", due_before=T0 + 4 * HOUR)

    deadline = retargeted("1h", changed)

    assert (deadline.due_at, deadline.cause) == (T0 + HOUR, None)


def test_a_change_after_the_answer_judges_nothing_again():
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP")

    deadline = retargeted("1h", changed, answered(T0 + 2 * HOUR))

    assert (deadline.due_at, deadline.state) == (T0 + HOUR, ClockState.LATE)


def test_invariant_5_a_grace_never_reaches_past_the_platforms_limit():
    by = policy(clock("5h", "marketplace"), clock("1h"))
    changed = Reclassified(at=T0 + 5 * HOUR - MINUTE, what="VIP")

    deadlines = planned(line=lined(wrote(T0), reclassified=changed), by=by)

    assert only(deadlines, Scope.INTERNAL).due_at == T0 + 5 * HOUR - 5 * MINUTE
    assert only(deadlines, Scope.MARKETPLACE).due_at == T0 + 5 * HOUR


# -- when pings are heard ----------------------------------------------------------------------


def test_a_step_may_be_a_time_left():
    deadline = planned(wrote(T0), by=policy(clock("4h", warn=["50%", "30m"])))[0]

    assert steps(deadline)["warn30min"] == T0 + 3.5 * HOUR
    assert steps(deadline)["warn50"] == T0 + 2 * HOUR


def test_thirty_minutes_left_over_a_night_come_before_closing():
    by = policy(clock("2h", calendar="shop", warn=["30m"]))

    deadline = planned(wrote(rome("2026-11-20 16:15")), by=by)[0]

    assert deadline.due_at == rome("2026-11-23 09:15")
    assert steps(deadline)["warn30min"] == rome("2026-11-20 17:45")


def test_a_time_left_that_is_longer_than_the_target_is_no_step():
    assert "warn5h" not in steps(planned(wrote(T0), by=policy(clock("4h", warn=["5h"])))[0])


def test_a_warning_at_night_is_heard_at_the_last_open_moment_before_it():
    by = policy(clock("24h", warn=["50%"], ping_calendar="shop"))

    deadline = planned(wrote(rome("2026-11-19 14:00")), by=by)[0]

    assert deadline.due_at == rome("2026-11-20 14:00")
    assert steps(deadline)["warn50"] == rome("2026-11-19 18:00")


def test_a_warning_about_a_message_of_the_night_is_heard_in_the_morning_if_there_is_time():
    by = policy(clock("24h", warn=["90%", "20%"], ping_calendar="shop"))

    friday_night = planned(wrote(rome("2026-11-20 21:00")), by=by)[0]
    thursday_night = planned(wrote(rome("2026-11-19 21:00")), by=by)[0]

    assert steps(thursday_night)["warn90"] == rome("2026-11-20 09:00")
    assert steps(friday_night)["warn90"] == friday_night.due_at


def test_our_own_breach_waits_for_the_managers_and_the_platforms_does_not():
    by = policy(
        clock("24h", "marketplace", ping_calendar="shop"), clock("12h", ping_calendar="shop")
    )

    deadlines = planned(wrote(rome("2026-11-20 10:00")), by=by)

    ours, theirs = only(deadlines, Scope.INTERNAL), only(deadlines, Scope.MARKETPLACE)
    assert ours.due_at == rome("2026-11-20 22:00")
    assert steps(ours)["breach"] == rome("2026-11-23 09:00")
    assert steps(theirs)["breach"] == rome("2026-11-21 10:00")
    assert {ping.audience for ping in theirs.pings} == {Audience.ASSIGNEE, Audience.MANAGERS}


def test_a_plan_without_pings_is_otherwise_the_same():
    by = policy(clock("4h"))
    line = Timeline(facts=AMAZON, events=(wrote(T0),))

    (bare,) = plan(line, by, CALENDARS, T0, with_pings=False)

    assert bare.pings == ()
    assert bare.due_at == T0 + 4 * HOUR
