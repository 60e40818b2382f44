"""What other tools got wrong, each as it would show here. Named after the failure, not the tool."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_rules.calendar import ALWAYS, BusinessCalendar, CalendarError
from sla_rules.policy import PolicyError
from sla_rules.timeline import AutomaticAnswer, Hold, Timeline
from sla_rules.vocabulary import ClockState, Metric, Scope, Waiting
from tests.unit.sla_rules.builders import (
    AMAZON,
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


@pytest.mark.parametrize("ending", [resolved, not_needed])
def test_a_last_thanks_does_not_keep_the_next_response_running_after_the_end(ending):
    deadlines = planned(wrote(T0), answered(T0 + HOUR), wrote(T0 + 2 * HOUR), ending(T0 + 3 * HOUR))

    assert ClockState.RUNNING not in {deadline.state for deadline in deadlines}
    assert ClockState.LATE not in {deadline.state for deadline in deadlines}


def test_a_bots_answer_does_not_clear_the_wait():
    deadlines = planned(wrote(T0), AutomaticAnswer(ref="bot", at=T0 + MINUTE))

    assert {deadline.state for deadline in deadlines} == {ClockState.RUNNING}


def test_a_shorter_next_response_does_not_overrule_the_first_response():
    by = policy(clock("8h", metric="first_response"), clock("1h", metric="next_response"))

    (deadline,) = planned(wrote(T0), wrote(T0 + MINUTE), by=by)

    assert (deadline.metric, deadline.due_at) == (Metric.FIRST_RESPONSE, T0 + 8 * HOUR)


def test_a_clock_of_the_old_policy_is_not_left_behind():
    old = policy(clock("8h"), clock("20h", metric="resolution"))
    new = policy(clock("4h"))

    assert Metric.RESOLUTION in {d.metric for d in planned(wrote(T0), by=old)}
    assert {d.metric for d in planned(wrote(T0), by=new)} == {Metric.FIRST_RESPONSE}


def test_no_reminder_comes_in_the_night():
    by = policy(clock("24h", warn=["50%", "20%"], ping_calendar="shop"))

    for hour in range(24):
        for weekday in range(16, 20):
            started_at = rome(f"2026-11-{weekday} {hour:02}:30")
            pings = planned(wrote(started_at), by=by)[0].pings
            for ping in pings:
                local = SHOP.local(ping.fire_at)
                assert 9 <= local.hour <= 18, (started_at, ping)


def test_a_step_before_the_deadline_in_a_split_day_is_not_set_to_midnight():
    by = policy(clock("2h", calendar="shop", warn=["1h"]))

    fire_at = steps(planned(wrote(rome("2026-11-20 12:30")), by=by)[0])["warn1h"]

    assert fire_at == rome("2026-11-20 14:30")


def test_a_missed_deadline_is_said_three_times_and_not_hundreds():
    pings = planned(wrote(T0), by=policy(clock("1h")))[0].pings

    assert sum(ping.step.startswith("breach") for ping in pings) == 3


def test_a_changed_policy_keeps_the_pauses():
    line = lined(wrote(T0), holds=[Hold(on=Waiting.CUSTOMER, since=T0 + HOUR, until=T0 + 2 * HOUR)])
    due = [
        planned(line=line, by=policy(clock(target, metric="resolution", pause_on="customer")))[0]
        for target in ("4h", "8h")
    ]

    assert [deadline.due_at - T0 for deadline in due] == [5 * HOUR, 9 * HOUR]


def test_a_hold_over_a_night_is_not_counted_twice():
    by = policy(clock("9h", metric="resolution", calendar="shop", pause_on="third_party"))
    overnight = Hold(
        on=Waiting.THIRD_PARTY, since=rome("2026-11-19 17:00"), until=rome("2026-11-20 10:00")
    )

    line = lined(wrote(rome("2026-11-19 09:00")), holds=[overnight])

    # Thursday 9-13 and 14-17 are seven hours, Friday 10-12 the other two.
    assert planned(line=line, by=by)[0].due_at == rome("2026-11-20 12:00")


def test_two_pauses_that_begin_in_one_minute_do_not_collide():
    by = policy(clock("4h", metric="resolution", pause_on="third_party"))
    holds = [
        Hold(
            on=Waiting.THIRD_PARTY,
            since=T0 + timedelta(seconds=first),
            until=T0 + timedelta(seconds=first + 10),
        )
        for first in (0, 20, 40)
    ]

    deadline = planned(line=lined(wrote(T0), holds=holds), by=by)[0]

    assert deadline.due_at == T0 + 4 * HOUR + timedelta(seconds=30)


def test_a_pause_and_its_end_in_one_second_change_nothing():
    by = policy(clock("4h", metric="resolution", pause_on="third_party"))
    hold = Hold(on=Waiting.THIRD_PARTY, since=T0 + HOUR, until=T0 + HOUR)

    assert planned(line=lined(wrote(T0), holds=[hold]), by=by)[0].due_at == T0 + 4 * HOUR


def test_nothing_is_missed_right_after_creation_whatever_the_zone_of_the_shop():
    for zone in ("Pacific/Auckland", "America/Los_Angeles", "Asia/Kathmandu"):
        shop = office(tz=zone)
        by = policy(clock("1h", calendar="shop"))
        (deadline,) = planned(wrote(T0), by=by, calendars={"shop": shop})
        assert deadline.due_at >= T0 + HOUR


def test_a_change_of_the_clocks_moves_no_plain_hours_and_keeps_opening_times():
    saturday = rome("2026-10-24 17:00")
    by = policy(clock("24h"), clock("2h", metric="resolution", calendar="shop"))

    deadlines = planned(wrote(saturday), by=by)

    assert only(deadlines, Scope.INTERNAL).due_at == rome("2026-10-25 16:00")
    assert only(deadlines, Scope.INTERNAL, Metric.RESOLUTION).due_at == rome("2026-10-26 11:00")


def test_lunch_does_not_count():
    assert SHOP.elapsed(rome("2026-11-20 12:00"), rome("2026-11-20 15:00")) == 2 * HOUR


def test_elapsed_over_the_hour_that_comes_twice_is_not_zero():
    whole = office(("00:00", "24:00"), days=["sat", "sun"])
    first_pass, second_pass = utc("2026-10-25 00:30"), utc("2026-10-25 01:30")

    assert whole.elapsed(first_pass, second_pass) == HOUR
    rome_zone = ZoneInfo("Europe/Rome")
    start, end = first_pass.astimezone(rome_zone), second_pass.astimezone(rome_zone)
    assert whole.elapsed(start, end) == HOUR


def test_the_zone_an_instant_is_given_in_does_not_change_an_overnight_holiday():
    night = BusinessCalendar(
        "America/New_York",
        {day: [("22:00", "06:00")] for day in ("mon", "tue", "wed", "thu", "fri")},
        holidays=[date(2026, 11, 26)],
    )
    start = rome("2026-11-26 04:30")

    answers = {
        night.deadline(start.astimezone(zone), 3 * HOUR)
        for zone in (UTC, ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo"))
    }

    assert answers == {utc("2026-11-27 06:30")}


def test_a_midnight_that_does_not_exist_does_not_overrun_into_the_next_day():
    santiago = BusinessCalendar("America/Santiago", {"sun": [("00:00", "24:00")]})

    spans = santiago.open_spans(date(2026, 9, 6))

    assert sum((end - start for start, end in spans), timedelta(0)) == 23 * HOUR


def test_a_date_that_does_not_exist_has_no_hours():
    apia = BusinessCalendar("Pacific/Apia", {"fri": [("09:00", "17:00")]})

    assert apia.open_spans(date(2011, 12, 30)) == ()


def test_a_gap_of_thirty_minutes_is_not_taken_for_an_hour():
    island = BusinessCalendar("Australia/Lord_Howe", {"sun": [("02:15", "10:00")]})

    (opens, _), *_ = island.open_spans(date(2026, 10, 4))

    assert opens == utc("2026-10-03 15:45")


def test_a_week_that_never_opens_is_refused_and_not_searched_forever():
    with pytest.raises(CalendarError, match="no opening hours"):
        BusinessCalendar("Europe/Rome", {})


@pytest.mark.parametrize("target", ["0h", "-1h"])
def test_a_target_that_is_over_before_it_begins_is_refused_at_load(target):
    with pytest.raises(PolicyError, match="is no length of time"):
        policy(clock(target))


def test_a_reply_after_closing_to_a_deadline_at_closing_is_late_in_every_view():
    by = policy(clock("8h", calendar="shop"))
    due = rome("2026-11-20 18:00")

    (deadline,) = planned(wrote(rome("2026-11-20 09:00")), answered(due + 14 * HOUR), by=by)

    assert (deadline.due_at, deadline.state) == (due, ClockState.LATE)
    assert SHOP.elapsed(deadline.started_at, due + 14 * HOUR) == 8 * HOUR


def test_reopening_an_old_ticket_does_not_breach_at_once():
    by = policy(clock("10h", metric="resolution"))

    (deadline,) = planned(wrote(T0), resolved(T0 + HOUR), wrote(T0 + timedelta(days=90)), by=by)

    assert deadline.due_at == T0 + timedelta(days=90) + 9 * HOUR


def test_a_step_named_twice_is_one_row():
    deadline = planned(wrote(T0), by=policy(clock("10h", warn=["50%", "50%", "5h", "300m"])))[0]

    names = [ping.step for ping in deadline.pings]
    assert len(names) == len(set(names))


def test_a_step_moves_with_its_deadline():
    events = (wrote(T0), answered(T0 + HOUR), wrote(T0 + 2 * HOUR))
    bounced = (wrote(T0), wrote(T0 + 2 * HOUR))

    running = [
        deadline
        for deadline in planned(*events, by=policy(clock("10h")))
        if deadline.state is ClockState.RUNNING
    ]
    again = planned(*bounced, by=policy(clock("10h")))

    assert steps(running[0])["warn50"] == T0 + 7 * HOUR
    assert steps(again[0])["warn50"] == T0 + 5 * HOUR


def test_a_marketplace_clock_cannot_be_paused_away():
    line = Timeline(
        facts=AMAZON, events=(wrote(T0),), holds=[Hold(on=Waiting.CUSTOMER, since=T0 + MINUTE)]
    )

    assert {d.state for d in planned(line=line)} == {ClockState.RUNNING}
    assert ALWAYS.version == "always"


def test_an_answered_ticket_never_goes_overdue():
    by = policy(clock("1h"), clock("2h", scope="marketplace"))

    deadlines = planned(wrote(T0), answered(T0 + 30 * MINUTE), by=by, now=T0 + timedelta(days=30))

    assert {deadline.state for deadline in deadlines} == {ClockState.MET}
    assert [ping for deadline in deadlines for ping in deadline.pings] == []


def test_a_second_miss_on_the_same_day_is_said_as_well():
    by = policy(clock("1h"))

    first = planned(wrote(T0), by=by)[0]
    deadlines = planned(wrote(T0), answered(T0 + 2 * HOUR), wrote(T0 + 3 * HOUR), by=by)
    second = next(each for each in deadlines if each.state is ClockState.RUNNING)

    assert steps(first)["breach"] == T0 + HOUR
    assert steps(second)["breach"] == T0 + 4 * HOUR


def test_a_paused_ticket_is_not_called_failed_while_it_waits():
    by = policy(clock("4h", metric="resolution", pause_on="customer"))
    line = lined(wrote(T0), holds=[Hold(on=Waiting.CUSTOMER, since=T0 + HOUR)])

    (deadline,) = planned(line=line, by=by, now=T0 + timedelta(days=9))

    assert (deadline.state, deadline.pings) == (ClockState.PAUSED, ())


def test_closing_a_ticket_is_not_taken_for_an_answer():
    (deadline,) = planned(wrote(T0), resolved(T0 + MINUTE), by=policy(clock("1h")))

    assert deadline.state is ClockState.CANCELLED


def test_the_clock_that_ends_first_does_not_hide_the_other():
    by = policy(clock("1h"), clock("24h", scope="marketplace"), clock("3h", metric="resolution"))

    due = sorted(deadline.due_at - T0 for deadline in planned(wrote(T0), by=by))

    assert due == [HOUR, 3 * HOUR, 24 * HOUR]


def test_a_ticket_that_is_asked_again_gets_a_second_cycle():
    by = policy(clock("1h", metric="next_response"), clock("1h", metric="first_response"))
    ended = answered(T0 + MINUTE), resolved(T0 + 2 * MINUTE)

    deadlines = planned(wrote(T0), *ended, wrote(T0 + timedelta(days=3)), by=by)

    running = [deadline for deadline in deadlines if deadline.state is ClockState.RUNNING]
    assert [each.due_at for each in running] == [T0 + timedelta(days=3) + HOUR]


def test_a_message_read_late_keeps_the_warnings_it_has_missed():
    deadline = planned(wrote(T0), by=policy(clock("10h")), now=T0 + 9 * HOUR)[0]

    assert steps(deadline)["warn50"] == T0 + 5 * HOUR
    assert steps(deadline)["breach"] == T0 + 10 * HOUR
