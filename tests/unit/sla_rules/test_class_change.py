"""A ticket that changes class, and when pings are heard."""

from dataclasses import replace
from datetime import timedelta

from sla_rules.deadlines import plan
from sla_rules.timeline import (
    Reclassified,
    Timeline,
)
from sla_rules.vocabulary import Audience, ClockState, Metric, Scope
from tests.unit.sla_rules.builders import (
    AMAZON,
    CALENDARS,
    answered,
    clock,
    lined,
    only,
    planned,
    policy,
    rome,
    steps,
    utc,
    wrote,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
T0 = utc("2026-11-20 10:00")


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
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP", missed=frozenset({Metric.FIRST_RESPONSE}))

    deadline = retargeted("1h", changed)

    assert (deadline.due_at, deadline.cause) == (T0 + HOUR, None)


def test_a_breach_of_one_clock_takes_no_grace_from_another():
    by = policy(clock("1h"), clock("3h", metric="resolution"))
    changed = Reclassified(at=T0 + 5 * HOUR, what="VIP", missed=frozenset({Metric.FIRST_RESPONSE}))

    deadlines = planned(line=lined(wrote(T0), reclassified=changed), by=by)

    assert only(deadlines, Scope.INTERNAL).due_at == T0 + HOUR
    resolution = only(deadlines, Scope.INTERNAL, Metric.RESOLUTION)
    assert resolution.due_at == T0 + 5.25 * HOUR
    assert resolution.cause is not None


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
    plain = policy(clock("4h", warn=["30m"]))
    longer = tuple(replace(rule, warn_left=(5 * HOUR,)) for rule in plain.clocks)

    deadline = planned(wrote(T0), by=replace(plain, clocks=longer))[0]

    assert not any(step.startswith("warn5") for step in steps(deadline))


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
