"""Person-hours of a roster, held against the calendars they are made of."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla_rules.calendar import ALWAYS, CalendarError
from sla_rules.staffing import Capacity, Shift, Staffing
from tests.unit.sla_rules.builders import office, rome, utc
from tests.unit.sla_rules.strategies import instants, openings

HOUR = timedelta(hours=1)
DAY = office(("09:00", "13:00"), ("14:00", "18:00"))
EVENING = office(("17:00", "22:00"))


def shift(calendar=DAY, people=1, *inboxes: str) -> Shift:
    return Shift(name="day", calendar=calendar, people=people, inboxes=frozenset(inboxes))


def test_two_people_do_two_hours_of_work_in_one() -> None:
    crew = Capacity([shift(people=2)])

    assert crew.work(rome("2026-11-24 12:00"), rome("2026-11-24 15:00")) == 4 * HOUR
    assert crew.reached(rome("2026-11-24 12:00"), 4 * HOUR, until=rome("2026-11-30 00:00")) == rome(
        "2026-11-24 15:00"
    )


def test_shifts_that_overlap_are_added() -> None:
    crew = Capacity([shift(people=2), shift(EVENING, 3)])

    assert crew.work(rome("2026-11-24 16:00"), rome("2026-11-24 19:00")) == 2 * HOUR + 5 * HOUR + (
        3 * HOUR
    )


def test_work_is_done_when_the_shift_ends_not_when_the_next_begins() -> None:
    crew = Capacity([shift()])

    done = crew.reached(rome("2026-11-24 17:00"), HOUR, until=rome("2026-11-30 00:00"))

    assert done == rome("2026-11-24 18:00")
    assert crew.is_staffed(rome("2026-11-24 18:00"))
    assert not crew.is_staffed(rome("2026-11-25 09:00"))
    assert crew.is_staffed(rome("2026-11-25 09:00") + timedelta(microseconds=1))


def test_what_is_not_done_in_time_is_not_reached() -> None:
    crew = Capacity([shift()])

    assert crew.reached(rome("2026-11-24 17:00"), 2 * HOUR, until=rome("2026-11-24 23:00")) is None
    assert crew.reached(rome("2026-11-24 17:00"), HOUR, until=rome("2026-11-24 16:00")) is None
    assert Capacity([]).reached(utc("2026-11-24 17:00"), HOUR, until=utc("2030-01-01")) is None


def test_people_of_named_inboxes_work_those_only() -> None:
    roster = Staffing([shift(DAY, 1, "amazon-it"), shift(ALWAYS, 4)])
    from_, to = utc("2026-11-28 00:00"), utc("2026-11-28 01:00")  # a Saturday night

    assert roster.of("amazon-it").work(from_, to) == roster.of("web").work(from_, to) == 4 * HOUR
    assert (
        roster.of("amazon-it").work(rome("2026-11-24 10:00"), rome("2026-11-24 11:00")) == 5 * HOUR
    )
    assert roster.of("web") is roster.of("web")


def test_a_year_that_is_asked_for_later_changes_nothing_that_was_said_before() -> None:
    crew = Capacity([shift()])
    start, end = rome("2026-12-31 17:00"), rome("2027-01-04 10:00")

    before = crew.work(rome("2026-11-24 10:00"), rome("2026-11-24 11:00"))
    across = crew.work(start, end)

    assert across == HOUR + 8 * HOUR + HOUR  # 1 January 2027 is a Friday without a holiday here
    assert crew.work(rome("2026-11-24 10:00"), rome("2026-11-24 11:00")) == before == HOUR


def test_years_that_no_calendar_knows_are_refused() -> None:
    with pytest.raises(CalendarError, match="1970 to 2199"):
        Capacity([]).work(datetime(1960, 1, 1, tzinfo=UTC), utc("2026-01-01"))


@settings(deadline=None, max_examples=60)
@given(openings, st.integers(1, 5), instants, instants)
def test_one_shift_works_its_calendar_times_its_people(opening, people, one, other) -> None:
    calendar = opening.calendar()
    first, last = sorted((one, other))

    worked = Capacity([shift(calendar, people)]).work(first, last)

    assert worked == people * calendar.elapsed(first, last)


@settings(deadline=None, max_examples=60)
@given(openings, openings, instants, instants)
def test_work_and_its_end_are_inverse(one, other, start, end) -> None:
    crew = Capacity([shift(one.calendar(), 2), shift(other.calendar(), 3)])
    first, last = sorted((start, end))
    work = crew.work(first, last)

    done = crew.reached(first, work, until=last)

    assert done is not None
    assert done <= last
    assert crew.work(first, done) == work
    if first < last and crew.is_staffed(last):
        assert done == last
