"""Pauses and reopening: what is taken out of a clock, and what never is."""

from datetime import timedelta

from sla_rules.runs import resolution_runs
from sla_rules.timeline import (
    Hold,
)
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
from tests.unit.sla_rules.builders import (
    clock,
    lined,
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
RESOLUTION = clock("10h", metric="resolution", pause_on=["customer", "third_party"])


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


def test_the_wait_for_a_resolution_is_one_run_with_its_pauses_or_none():
    (run,) = resolution_runs(HISTORY)

    assert (run.started_at, run.ended_at) == (T0, None)
    assert run.pauses == ((T0 + 2 * HOUR, T0 + 6 * HOUR),)
    assert not resolution_runs([resolved(T0)])
