"""What business time answers, case by case, and what it refuses."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from sla_rules.calendar import ALWAYS, BusinessCalendar, CalendarError
from tests.unit.sla_rules.builders import ROME, office, rome, utc

HOUR = timedelta(hours=1)


def test_a_target_used_up_at_the_close_is_due_at_the_close():
    assert office().deadline(rome("2026-11-18 09:00"), 9 * HOUR) == rome("2026-11-18 18:00")


def test_one_second_more_than_a_day_is_due_after_the_next_opening():
    due = office().deadline(rome("2026-11-18 09:00"), 9 * HOUR + timedelta(seconds=1))

    assert due == rome("2026-11-19 09:00:01")


def test_a_weekend_is_walked_over():
    assert office().deadline(rome("2026-11-20 17:30"), 2 * HOUR) == rome("2026-11-23 10:30")


def test_a_lunch_break_is_walked_over():
    split = office(("09:00", "13:00"), ("14:00", "18:00"))

    assert split.deadline(rome("2026-11-18 12:30"), HOUR) == rome("2026-11-18 14:30")


def test_a_holiday_is_walked_over():
    closed = office(holidays=[date(2026, 11, 19)])

    assert closed.deadline(rome("2026-11-18 17:00"), 2 * HOUR) == rome("2026-11-20 10:00")


def test_a_closure_takes_hours_out_of_one_date_only():
    calendar = office(closures={date(2026, 12, 24): [("12:00", "24:00")]})

    assert calendar.deadline(rome("2026-12-24 11:00"), 2 * HOUR) == rome("2026-12-25 10:00")


def test_a_closure_over_midnight_reaches_into_the_next_date():
    night = office(("00:00", "24:00"), closures={date(2026, 12, 24): [("22:00", "02:00")]})

    assert night.elapsed(rome("2026-12-24 21:00"), rome("2026-12-25 03:00")) == 2 * HOUR


def test_hours_of_a_date_replace_its_weekday_and_its_holiday():
    sunday, holiday = date(2026, 12, 20), date(2026, 12, 8)
    calendar = office(
        holidays=[holiday],
        hours={sunday: [("10:00", "16:00")], holiday: [("10:00", "12:00")]},
    )

    assert calendar.elapsed(rome("2026-12-20 00:00"), rome("2026-12-21 00:00")) == 6 * HOUR
    assert calendar.elapsed(rome("2026-12-08 00:00"), rome("2026-12-09 00:00")) == 2 * HOUR
    assert not calendar.is_holiday(holiday)


def test_invariant_12_a_time_without_a_zone_is_refused():
    naive = rome("2026-11-18 10:00").replace(tzinfo=None)

    for calendar in (office(), ALWAYS):
        with pytest.raises(CalendarError, match="has no zone"):
            calendar.deadline(naive, HOUR)
        with pytest.raises(CalendarError, match="has no zone"):
            calendar.next_open(naive)
        with pytest.raises(CalendarError, match="has no zone"):
            calendar.elapsed(rome("2026-11-18 10:00"), naive)


def test_a_date_with_no_hours_of_its_own_is_closed():
    calendar = office(hours={date(2026, 11, 18): []})

    assert calendar.next_open(rome("2026-11-18 10:00")) == rome("2026-11-19 09:00")


def test_an_overnight_shift_is_cut_at_the_midnight_of_a_holiday():
    night = office(("22:00", "06:00"), tz="America/New_York", holidays=[date(2026, 11, 26)])
    new_york = ZoneInfo("America/New_York")
    start = datetime(2026, 11, 25, 22, 30, tzinfo=new_york)

    due = night.deadline(start, 3 * HOUR)

    assert due == datetime(2026, 11, 27, 1, 30, tzinfo=new_york)


def test_closing_as_it_opens_means_a_whole_day():
    round_the_clock = office(("08:00", "08:00"), days=["mon"])

    assert round_the_clock.deadline(rome("2026-11-23 08:00"), 24 * HOUR) == rome("2026-11-24 08:00")


def test_a_shift_may_end_at_midnight_however_it_is_written():
    friday = rome("2026-11-20 22:00")

    for midnight in ("24:00", "00:00"):
        late = office(("18:00", midnight))
        assert late.deadline(friday, 3 * HOUR) == rome("2026-11-23 19:00")


def test_midnight_between_two_whole_days_is_no_boundary():
    both = office(("00:00", "24:00"), days=["mon", "tue"])

    assert both.next_open(rome("2026-11-24 00:00")) == rome("2026-11-24 00:00")
    assert both.deadline(rome("2026-11-23 12:00"), 20 * HOUR) == rome("2026-11-24 08:00")


def test_a_calendar_that_never_closes_does_not_move_with_the_clocks():
    every_day = office(("00:00", "24:00"), days=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    start = rome("2026-03-28 12:00")

    assert every_day.deadline(start, 24 * HOUR) == start.astimezone(UTC) + 24 * HOUR


def test_an_opening_in_the_hour_that_is_skipped_moves_forward_by_the_gap():
    early = office(("02:30", "10:30"), days=["sun"])

    assert early.next_open(rome("2026-03-29 00:00")) == utc("2026-03-29 01:30")


def test_an_opening_in_the_hour_that_repeats_is_the_first():
    early = office(("02:30", "10:30"), days=["sun"])

    assert early.next_open(rome("2026-10-25 00:00")) == utc("2026-10-25 00:30")
    assert early.elapsed(rome("2026-10-25 00:00"), rome("2026-10-26 00:00")) == 9 * HOUR


def test_hours_that_a_gap_turns_inside_out_are_no_hours():
    # 02:30 moves to 03:30, past the close at 03:15.
    inside_out = office(("02:30", "03:15"), ("09:00", "10:00"), days=["sun"])

    assert inside_out.next_open(rome("2026-03-29 00:00")) == rome("2026-03-29 09:00")


def test_hours_moved_past_their_neighbours_are_counted_once():
    # 02:10 to 02:20 becomes 03:10 to 03:20, after the next span and inside the one after that.
    shuffled = office(("02:10", "02:20"), ("03:00", "03:05"), ("03:08", "03:15"), days=["sun"])

    assert shuffled.next_open(rome("2026-03-29 02:00")) == rome("2026-03-29 03:00")
    worked = shuffled.elapsed(rome("2026-03-29 00:00"), rome("2026-03-29 12:00"))
    assert worked == timedelta(minutes=5 + 12)


def test_the_second_pass_of_a_repeated_hour_is_an_hour_later():
    every_day = office(("00:00", "24:00"), days=["sat", "sun", "mon"])
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ROME)

    assert every_day.elapsed(first, first.replace(fold=1)) == HOUR


def test_a_date_that_does_not_exist_is_no_business_day():
    apia = office(tz="Pacific/Apia", days=["thu", "fri", "sat"])

    assert apia.add_business_days(date(2011, 12, 29), 1) == date(2011, 12, 31)


def test_a_closing_instant_is_closed_and_an_opening_instant_is_open():
    calendar = office()

    assert calendar.next_open(rome("2026-11-18 18:00")) == rome("2026-11-19 09:00")
    assert calendar.next_open(rome("2026-11-18 09:00")) == rome("2026-11-18 09:00")
    assert calendar.next_open(rome("2026-11-18 17:59:59")) == rome("2026-11-18 17:59:59")


def test_business_days_leave_the_first_day_out_even_when_it_is_closed():
    calendar = office(holidays=[date(2026, 11, 24)])

    assert calendar.add_business_days(date(2026, 11, 21), 1) == date(2026, 11, 23)
    assert calendar.add_business_days(date(2026, 11, 23), 1) == date(2026, 11, 25)
    assert calendar.add_business_days(date(2026, 11, 21), 0) == date(2026, 11, 21)


def test_a_pause_is_walked_over_and_one_in_closed_time_changes_nothing():
    calendar = office()
    start = rome("2026-11-18 10:00")
    night = (rome("2026-11-17 19:00"), rome("2026-11-18 08:00"))
    pause = (rome("2026-11-18 11:00"), rome("2026-11-18 15:00"))

    assert calendar.deadline(start, 2 * HOUR, [pause, night]) == rome("2026-11-18 16:00")
    assert calendar.deadline(start, 2 * HOUR, [night]) == rome("2026-11-18 12:00")
    assert calendar.elapsed(start, rome("2026-11-18 16:00"), [night, pause]) == 2 * HOUR


def test_a_pause_after_the_deadline_does_not_unbreach_it():
    late = (rome("2026-11-18 12:00"), rome("2026-11-18 17:00"))

    assert office().deadline(rome("2026-11-18 10:00"), 2 * HOUR, [late]) == rome("2026-11-18 12:00")
    assert ALWAYS.deadline(rome("2026-11-18 10:00"), 2 * HOUR, [late]) == rome("2026-11-18 12:00")


def test_overlapping_and_empty_pauses_count_once_and_not_at_all():
    start = rome("2026-11-18 10:00")
    pauses = [
        (rome("2026-11-18 10:30"), rome("2026-11-18 11:30")),
        (rome("2026-11-18 11:00"), rome("2026-11-18 12:00")),
        (rome("2026-11-18 10:15"), rome("2026-11-18 10:15")),
    ]

    for calendar in (office(), ALWAYS):
        assert calendar.deadline(start, HOUR, pauses) == rome("2026-11-18 12:30")
        assert calendar.elapsed(start, rome("2026-11-18 13:00"), pauses) == 1.5 * HOUR


def test_a_start_within_a_pause_waits_for_its_end():
    pause = (rome("2026-11-18 09:30"), rome("2026-11-18 11:00"))

    assert office().deadline(rome("2026-11-18 10:00"), HOUR, [pause]) == rome("2026-11-18 12:00")


def test_elapsed_backwards_is_negative():
    start, end = rome("2026-11-18 10:00"), rome("2026-11-18 12:00")

    assert office().elapsed(end, start) == -2 * HOUR
    assert ALWAYS.elapsed(end, start) == -2 * HOUR


def test_always_counts_every_hour_and_every_day():
    friday = rome("2026-10-23 17:00")

    assert ALWAYS.deadline(friday, 48 * HOUR) == friday.astimezone(UTC) + 48 * HOUR
    assert ALWAYS.elapsed(friday, rome("2026-10-25 17:00")) == 49 * HOUR
    assert ALWAYS.next_open(friday) == friday
    assert ALWAYS.add_business_days(date(2026, 10, 23), 2) == date(2026, 10, 25)


def test_microseconds_are_exact():
    start = rome("2026-11-18 17:59:59.999999")

    assert office().deadline(start, timedelta(microseconds=2)) == rome("2026-11-19 09:00:00.000001")


def test_years_are_compiled_as_they_are_asked_for_in_any_order():
    fresh, used = office(), office()
    used.deadline(rome("2031-06-02 09:00"), HOUR)
    used.deadline(rome("2019-06-03 09:00"), HOUR)

    for start in (rome("2025-12-31 17:30"), rome("2031-12-31 17:30"), rome("2018-12-31 17:30")):
        assert used.deadline(start, 4000 * HOUR) == fresh.deadline(start, 4000 * HOUR)


def test_open_spans_of_a_day_are_instants():
    assert office().open_spans(date(2026, 11, 18)) == (
        (rome("2026-11-18 09:00"), rome("2026-11-18 18:00")),
    )
    assert office().open_spans(date(2026, 11, 21)) == ()


def test_open_time_beyond_ten_years_is_refused_instead_of_searched_for():
    rare = office(("09:00", "10:00"), days=(), hours={date(2026, 3, 2): [("09:00", "10:00")]})

    with pytest.raises(CalendarError, match="10 years"):
        rare.deadline(rome("2026-03-02 09:00"), 2 * HOUR)
    with pytest.raises(CalendarError, match="10 years"):
        rare.next_open(rome("2026-03-02 10:00"))
    with pytest.raises(CalendarError, match="10 years"):
        rare.add_business_days(date(2026, 3, 2), 1)
    assert rare.deadline(rome("2020-01-01 00:00"), HOUR) == rome("2026-03-02 10:00")


@pytest.mark.parametrize("at", [utc("1969-12-31 23:59:59"), utc("2200-01-01 00:00")])
def test_an_instant_outside_the_known_years_is_refused(at: datetime):
    with pytest.raises(CalendarError, match="1970 to 2199"):
        office().deadline(at, HOUR)
    with pytest.raises(CalendarError, match="1970 to 2199"):
        office().elapsed(min(at, utc("2026-01-01")), max(at, utc("2026-01-01")))


@pytest.mark.parametrize("calendar", [office(), ALWAYS])
@pytest.mark.parametrize("target", [timedelta(0), timedelta(seconds=-1)])
def test_a_target_that_is_over_before_it_begins_is_refused(calendar, target):
    with pytest.raises(CalendarError, match="more than zero"):
        calendar.deadline(rome("2026-11-18 10:00"), target)


@pytest.mark.parametrize("calendar", [office(), ALWAYS])
def test_days_are_not_counted_backwards(calendar):
    with pytest.raises(CalendarError, match="-1"):
        calendar.add_business_days(date(2026, 11, 18), -1)


@pytest.mark.parametrize("calendar", [office(), ALWAYS])
def test_a_pause_that_ends_before_it_begins_is_refused(calendar):
    pause = (rome("2026-11-18 12:00"), rome("2026-11-18 11:00"))

    with pytest.raises(CalendarError, match="before it begins"):
        calendar.deadline(rome("2026-11-18 10:00"), HOUR, [pause])


def test_a_deadline_beyond_the_last_year_is_refused():
    with pytest.raises(CalendarError, match="9999"):
        ALWAYS.deadline(datetime(9999, 12, 31, tzinfo=UTC), 48 * HOUR)


@pytest.mark.parametrize("calendar", [office(), ALWAYS])
def test_an_instant_that_utc_cannot_tell_is_refused(calendar):
    last = datetime(9999, 12, 31, 23, tzinfo=timezone(-5 * HOUR))

    with pytest.raises(CalendarError, match="cannot be told in UTC"):
        calendar.next_open(last)


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ({}, "no opening hours"),
        ({"mon": []}, "no opening hours"),
        ({"monday": [("09:00", "18:00")]}, '"monday" is no weekday'),
        ({"mon": [("9", "18:00")]}, "mon: '9' is no time of day"),
        ({"mon": [("09:00", "24:30")]}, "mon: '24:30' is no time of day"),
        ({"mon": [("09:60", "18:00")]}, "mon: '09:60' is no time of day"),
        ({"mon": [("24:00", "06:00")]}, 'nothing opens at "24:00"'),
        ({"mon": [(9, 18)]}, "mon: 9 is no time of day"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_day_and_value(week, said):
    with pytest.raises(CalendarError, match=said):
        BusinessCalendar("Europe/Rome", week)


@pytest.mark.parametrize("zone", ["Europe/Roma", "", "../etc/passwd", "Europe"])
def test_a_zone_that_does_not_exist_is_refused_by_name(zone: str):
    with pytest.raises(CalendarError, match=f'"{zone}" is no time zone'):
        office(tz=zone)


def test_a_moment_is_no_holiday():
    with pytest.raises(CalendarError, match="is no date"):
        office(holidays=[datetime(2026, 12, 25, tzinfo=UTC)])


def test_a_dates_own_hours_may_last_until_its_midnight():
    sunday = date(2026, 12, 20)

    for midnight in ("24:00", "00:00"):
        calendar = office(hours={sunday: [("20:00", midnight)]})
        assert calendar.elapsed(rome("2026-12-20 00:00"), rome("2026-12-21 00:00")) == 4 * HOUR


def test_a_dates_own_hours_end_at_its_midnight():
    with pytest.raises(CalendarError, match=r"2026-12-24: .*24:00"):
        office(hours={date(2026, 12, 24): [("22:00", "02:00")]})


def test_the_version_is_the_content_however_it_was_written():
    one = office(("09:00", "13:00"), ("13:00", "18:00"), holidays=[date(2026, 5, 1)])
    other = office(("13:00", "18:00"), ("9:00", "13:00"), holidays=[date(2026, 5, 1)] * 2)

    assert one.version == other.version == office(holidays=[date(2026, 5, 1)]).version
    assert len(one.version) == 16


def test_the_version_changes_with_anything_that_can_move_a_deadline():
    day = date(2026, 12, 24)
    versions = {
        office().version,
        office(tz="Europe/Berlin").version,
        office(days=("mon",)).version,
        office(holidays=[day]).version,
        office(closures={day: [("12:00", "13:00")]}).version,
        office(hours={day: [("12:00", "13:00")]}).version,
        ALWAYS.version,
    }

    assert len(versions) == 7


def test_offsets_without_a_zone_name_are_instants_too():
    fixed = timezone(timedelta(hours=1))
    start = datetime(2026, 11, 20, 17, 30, tzinfo=fixed)

    assert office().deadline(start, 2 * HOUR) == rome("2026-11-23 10:30")
