from datetime import date

import pytest

from bot.calendars.days_off import ImportRefused
from bot.calendars.ics import days_of
from bot.calendars.ics_lines import LARGEST_BYTES, MOST_EVENTS
from bot.errors import SettingsError

YEARS = range(2026, 2029)


def a_calendar(*events, end="\r\n"):
    body = [f"BEGIN:VEVENT{end}{event.strip()}{end}END:VEVENT" for event in events]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    return end.join([*head, *body, "END:VCALENDAR", ""]).replace("\n ", "\n ").encode()


def days(*events, years=YEARS):
    return [each.day for each in days_of(a_calendar(*events), "closed.ics", years).days]


def refusals(*events):
    with pytest.raises(SettingsError) as caught:
        days(*events)
    return caught.value.problems


def test_an_event_of_one_date_closes_that_date() -> None:
    source = days_of(
        a_calendar("SUMMARY:Founders\\, all of them\r\nDTSTART;VALUE=DATE:20260814"), "c.ics", YEARS
    )
    assert [(each.day, each.name) for each in source.days] == [
        (date(2026, 8, 14), "Founders, all of them")
    ]


def test_the_end_of_an_event_is_not_part_of_it() -> None:
    found = days("DTSTART;VALUE=DATE:20260814\r\nDTEND;VALUE=DATE:20260817")
    assert found == [date(2026, 8, 14), date(2026, 8, 15), date(2026, 8, 16)]


def test_an_end_on_the_very_date_is_one_day() -> None:
    assert days("DTSTART:20260814\r\nDTEND:20260814") == [date(2026, 8, 14)]


@pytest.mark.parametrize(("written", "count"), [("P3D", 3), ("P1W", 7)])
def test_a_duration_counts_whole_days(written, count) -> None:
    assert len(days(f"DTSTART:20260803\r\nDURATION:{written}")) == count


def test_local_midnight_to_midnight_is_a_whole_day() -> None:
    zone = "TZID=Europe/Rome"
    found = days(f"DTSTART;{zone}:20260814T000000\r\nDTEND;{zone}:20260815T000000")
    assert found == [date(2026, 8, 14)]


@pytest.mark.parametrize(
    "event",
    [
        "DTSTART:20261224T120000\r\nDTEND:20261224T180000",
        "DTSTART:20261224T000000Z\r\nDTEND:20261225T000000Z",
        "DTSTART:20261224T120000",
        "DTSTART;TZID=Europe/Rome:20261224T000000\r\nDTEND;TZID=Asia/Tokyo:20261225T000000",
    ],
)
def test_what_does_not_last_a_whole_local_day_is_only_suggested(event) -> None:
    source = days_of(a_calendar(event), "c.ics", YEARS)
    assert source.days == []
    assert [each.day for each in source.suggestions] == [date(2026, 12, 24)]


def test_every_year_on_its_date_within_the_years_asked_for() -> None:
    found = days("DTSTART:20201208\r\nRRULE:FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=8")
    assert found == [date(year, 12, 8) for year in YEARS]


def test_a_29_february_comes_in_leap_years_only() -> None:
    assert days("DTSTART:20240229\r\nRRULE:FREQ=YEARLY") == [date(2028, 2, 29)]


def test_a_repetition_ends_by_count_or_by_date() -> None:
    assert days("DTSTART:20260101\r\nRRULE:FREQ=YEARLY;COUNT=2") == [
        date(2026, 1, 1),
        date(2027, 1, 1),
    ]
    assert days("DTSTART:20250606\r\nRRULE:FREQ=YEARLY;UNTIL=20260606T000000Z") == [
        date(2026, 6, 6)
    ]


def test_what_begins_in_december_lasts_into_january() -> None:
    found = days("DTSTART:20201230\r\nDURATION:P4D\r\nRRULE:FREQ=YEARLY", years=range(2026, 2027))
    assert found == [
        date(2026, 1, 1),
        date(2026, 1, 2),
        date(2026, 12, 30),
        date(2026, 12, 31),
    ]


def test_a_date_taken_out_of_a_repetition_stays_open() -> None:
    found = days("DTSTART:20260606\r\nRRULE:FREQ=YEARLY\r\nEXDATE;VALUE=DATE:20270606")
    assert found == [date(2026, 6, 6), date(2028, 6, 6)]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY",
        "FREQ=YEARLY;INTERVAL=2",
        "FREQ=YEARLY;BYDAY=4TH;BYMONTH=11",
        "FREQ=YEARLY;BYMONTHDAY=7",
        "INTERVAL=1",
        "FREQ=YEARLY;COUNT=-1",
        "FREQ=YEARLY;COUNT=99999999999999999999",
        "FREQ=YEARLY;UNTIL=soon",
    ],
)
def test_any_other_repetition_is_refused_by_file_line_and_name(rule) -> None:
    (sentence,) = refusals(f"SUMMARY:Thanks\r\nDTSTART:20261108\r\nRRULE:{rule}")
    assert sentence.startswith("closed.ics:3: Thanks: ")
    assert len(sentence) < 200


@pytest.mark.parametrize(
    "event",
    [
        "SUMMARY:no start",
        "DTSTART:20260230",
        "DTSTART:tomorrow",
        "DTSTART:20260101\r\nDTEND:20270101",
        "DTSTART:20260102\r\nDTEND:20260101",
        "DTSTART:20260101\r\nDURATION:PT5H",
        "DTSTART:20260101\r\nRDATE:20260202",
        "DTSTART:20260101\r\nRECURRENCE-ID:20260101",
    ],
)
def test_an_event_that_cannot_be_read_for_sure_is_refused(event) -> None:
    assert len(refusals(event)) == 1


def test_every_problem_of_a_file_is_named_at_once() -> None:
    assert [sentence.split(": ")[0] for sentence in refusals("DTSTART:x", "DTSTART:y")] == [
        "closed.ics:3",
        "closed.ics:6",
    ]


def test_the_last_day_there_is_closes_nothing_and_breaks_nothing() -> None:
    assert days("DTSTART:99991231\r\nDURATION:P9D", "DTSTART:00010101") == []


def test_folded_lines_are_one_and_bare_newlines_are_taken() -> None:
    text = a_calendar("SUMMARY:A very lo\n ng name\nDTSTART:2026\n\t0814", end="\n")
    (found,) = days_of(text, "c.ics", YEARS).days
    assert (found.day, found.name) == (date(2026, 8, 14), "A very long name")


def test_a_cancelled_event_and_an_alarm_inside_one_close_nothing() -> None:
    found = days(
        "STATUS:CANCELLED\r\nDTSTART:20260101",
        "DTSTART:20260102\r\nBEGIN:VALARM\r\nDTSTART:20260505\r\nEND:VALARM",
    )
    assert found == [date(2026, 1, 2)]


def test_a_quoted_parameter_may_hold_a_colon() -> None:
    assert days('DTSTART;X-NOTE="a:b;c";VALUE=DATE:20260102') == [date(2026, 1, 2)]


def test_a_name_cannot_reach_the_terminal_with_control_characters() -> None:
    source = days_of(a_calendar("SUMMARY:\x1b[31mred\\nline\r\nDTSTART:20260102"), "c.ics", YEARS)
    assert source.days[0].name == "[31mred line"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"PK\x03\x04 an archive",
        b"<html>",
        b"BEGIN:VCALENDAR\r\n" + b"x" * LARGEST_BYTES,
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101\n",
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nDTSTART:20260101\nEND:VEVENT\n" * (MOST_EVENTS + 1),
    ],
)
def test_what_is_no_calendar_or_too_large_is_refused_whole(content) -> None:
    with pytest.raises(ImportRefused):
        days_of(content, "c.ics", YEARS)


def test_deep_nesting_and_endless_parameters_are_read_in_one_pass() -> None:
    nested = "BEGIN:X\r\n" * 20_000 + "END:X\r\n" * 20_000
    wide = "DTSTART" + ";A=B,C" * 30_000
    assert days(f"DTSTART:20260102\r\n{nested}{wide}:1") == [date(2026, 1, 2)]
