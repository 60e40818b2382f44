"""What other tools reckon wrongly with opening hours. Named after the failure, not the tool."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sla_rules.calendar import ALWAYS, BusinessCalendar
from sla_rules.hours import WEEKDAYS
from tests.unit.sla_rules.builders import office, rome, utc

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
NIGHTS = {day: [("22:00", "06:00")] for day in WEEKDAYS}
WHOLE_DAYS = {day: [("00:00", "24:00")] for day in WEEKDAYS}


def test_a_target_used_up_at_midnight_of_a_night_shift_is_due_then_and_not_at_the_next_opening():
    evening_only = BusinessCalendar("Europe/Rome", {"fri": [("22:00", "24:00")]})
    through = BusinessCalendar("Europe/Rome", {"fri": [("22:00", "06:00")]})

    for calendar in (evening_only, through):
        due = calendar.deadline(rome("2026-11-20 22:00"), 2 * HOUR)
        assert due == rome("2026-11-21 00:00")


def test_saturday_night_reaches_into_sunday():
    calendar = BusinessCalendar("Europe/Rome", {"sat": [("22:00", "06:00")]})

    assert calendar.next_open(rome("2026-11-22 01:00")) == rome("2026-11-22 01:00")
    assert calendar.deadline(rome("2026-11-22 01:00"), 5 * HOUR) == rome("2026-11-22 06:00")


def test_a_holiday_is_not_a_second_too_long():
    calendar = BusinessCalendar("Europe/Rome", WHOLE_DAYS, holidays=[date(2026, 12, 25)])

    first, last = rome("2026-12-24 23:59:59"), rome("2026-12-26 00:00:01")
    assert calendar.elapsed(first, last) == 2 * SECOND


@pytest.mark.parametrize(("holiday", "lasts"), [("2026-03-29", 23), ("2026-10-25", 25)])
def test_a_holiday_lasts_as_long_as_its_date_and_not_24_hours(holiday, lasts):
    day = date.fromisoformat(holiday)
    open_then = BusinessCalendar("Europe/Rome", WHOLE_DAYS)
    closed_then = BusinessCalendar("Europe/Rome", WHOLE_DAYS, holidays=[day])
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)

    lost = open_then.elapsed(start, start + timedelta(days=5)) - closed_then.elapsed(
        start, start + timedelta(days=5)
    )

    assert lost == lasts * HOUR


def test_a_shift_through_a_holiday_neither_throws_nor_runs_on():
    calendar = BusinessCalendar("Europe/Rome", NIGHTS, holidays=[date(2026, 12, 25)])

    assert calendar.deadline(rome("2026-12-24 23:00"), 2 * HOUR) == rome("2026-12-26 01:00")


def test_the_second_of_three_spans_is_not_lost():
    calendar = office(("08:00", "10:00"), ("11:00", "13:00"), ("15:00", "17:00"))

    assert calendar.elapsed(rome("2026-11-20 09:00"), rome("2026-11-20 16:00")) == 4 * HOUR
    assert calendar.deadline(rome("2026-11-20 09:00"), 4 * HOUR) == rome("2026-11-20 16:00")


def test_time_over_night_is_never_negative():
    calendar = BusinessCalendar("Europe/Rome", NIGHTS)

    assert calendar.elapsed(rome("2026-11-20 23:00"), rome("2026-11-21 05:00")) == 6 * HOUR
    assert calendar.elapsed(rome("2026-11-21 05:00"), rome("2026-11-21 23:00")) == 2 * HOUR


def test_days_of_uneven_length_are_each_counted_as_long_as_they_are():
    week = {"thu": [("09:00", "20:00")], "fri": [("09:00", "12:00")], "sat": [("10:00", "11:00")]}
    calendar = BusinessCalendar("Europe/Rome", week)

    assert calendar.elapsed(rome("2026-11-19 00:00"), rome("2026-11-22 00:00")) == 15 * HOUR
    assert calendar.deadline(rome("2026-11-19 09:00"), 14.5 * HOUR) == rome("2026-11-21 10:30")


def test_the_day_after_the_clocks_went_back_is_not_counted_for_its_neighbour():
    calendar = BusinessCalendar("Europe/Rome", {"mon": [("00:00", "01:00")]})

    assert calendar.elapsed(rome("2026-10-24 00:00"), rome("2026-10-26 00:00")) == 0 * HOUR
    assert calendar.elapsed(rome("2026-10-24 00:00"), rome("2026-10-26 01:00")) == HOUR


def test_hours_around_the_clock_may_be_written_as_midnight_to_midnight():
    calendar = BusinessCalendar("Europe/Rome", {day: [("00:00", "00:00")] for day in WEEKDAYS})
    start = rome("2026-10-24 12:00")

    assert calendar.deadline(start, 48 * HOUR) == ALWAYS.deadline(start, 48 * HOUR)


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Europe/Rome", "2026-03-28 20:00"),
        ("Europe/Dublin", "2026-10-24 20:00"),
        ("Pacific/Apia", "2011-12-29 20:00"),
        ("Asia/Almaty", "2024-02-29 10:00"),
        ("America/Santiago", "2026-09-05 20:00"),
    ],
)
def test_a_desk_that_never_closes_never_moves_with_the_clocks(zone, at):
    calendar = BusinessCalendar(zone, WHOLE_DAYS)
    start = utc(at)

    assert calendar.deadline(start, 50 * HOUR) == start + 50 * HOUR
    assert calendar.elapsed(start, start + 50 * HOUR) == 50 * HOUR


@pytest.mark.parametrize(
    ("zone", "day", "opens", "expected"),
    [
        ("Europe/Rome", "2026-10-25", "02:30", "2026-10-25 00:30"),
        ("Europe/Dublin", "2026-10-25", "01:30", "2026-10-25 00:30"),
        ("Africa/Casablanca", "2026-02-15", "02:30", "2026-02-15 01:30"),
        ("Africa/Casablanca", "2026-09-20", "01:30", "2026-09-20 00:30"),
        ("Asia/Almaty", "2024-02-29", "23:30", "2024-02-29 17:30"),
    ],
)
def test_an_opening_that_comes_twice_is_the_first_whatever_flag_the_zone_data_has(
    zone, day, opens, expected
):
    calendar = BusinessCalendar(zone, {each: [(opens, "23:45")] for each in WEEKDAYS})

    assert calendar.open_spans(date.fromisoformat(day))[0][0] == utc(expected)


@pytest.mark.parametrize(
    ("zone", "day", "opens", "expected"),
    [
        ("Europe/Rome", "2026-03-29", "02:30", "2026-03-29 01:30"),
        ("Europe/Dublin", "2026-03-29", "01:30", "2026-03-29 01:30"),
        ("Antarctica/Troll", "2026-03-29", "01:30", "2026-03-29 01:30"),
        ("America/Havana", "2025-03-09", "00:30", "2025-03-09 05:30"),
    ],
)
def test_an_opening_that_is_skipped_moves_on_by_the_whole_gap(zone, day, opens, expected):
    calendar = BusinessCalendar(zone, {each: [(opens, "23:45")] for each in WEEKDAYS})

    assert calendar.open_spans(date.fromisoformat(day))[0][0] == utc(expected)


def test_a_target_needs_no_whole_minutes():
    due = office().deadline(rome("2026-11-20 17:59:31"), 30 * SECOND)

    assert due == rome("2026-11-23 09:00:01")


def test_a_short_target_finds_its_way_over_a_long_closure():
    weeks = [date(2026, 8, 1) + timedelta(days=count) for count in range(62)]
    calendar = office(holidays=weeks)

    assert calendar.deadline(rome("2026-07-31 17:30"), HOUR) == rome("2026-10-02 09:30")


def test_a_start_after_the_last_known_holiday_is_answered():
    calendar = office(holidays=[date(2026, 12, 25)])

    assert calendar.deadline(rome("2034-11-20 17:00"), 2 * HOUR) == rome("2034-11-21 10:00")


def test_days_off_lengthen_the_wait_and_never_shorten_it():
    start = rome("2026-11-20 09:00")
    plain = office(days=WEEKDAYS).deadline(start, 27 * HOUR)

    assert plain == rome("2026-11-22 18:00")
    assert office().deadline(start, 27 * HOUR) == rome("2026-11-24 18:00")


def test_the_past_is_reckoned_with_the_offsets_of_the_past():
    calendar = office()

    assert calendar.elapsed(utc("2026-07-01 07:00"), utc("2026-07-01 16:00")) == 9 * HOUR
    assert calendar.elapsed(utc("2026-12-01 08:00"), utc("2026-12-01 17:00")) == 9 * HOUR


def test_a_time_with_another_zone_object_of_the_same_name_is_the_same_instant():
    calendar = office()
    second_pass = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Rome"), fold=1)
    other = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo.no_cache("Europe/Rome"), fold=1)

    assert calendar.deadline(second_pass, HOUR) == calendar.deadline(other, HOUR)
