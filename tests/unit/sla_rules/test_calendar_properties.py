"""What holds for any opening hours, any zone and any instant."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla_rules.calendar import ALWAYS, BusinessCalendar, CalendarError
from tests.unit.sla_rules.strategies import (
    Opening,
    SlowClock,
    instants,
    minutes,
    openings,
    targets,
    zones,
)

EXAMPLES = settings(max_examples=60, deadline=None)
MICROSECOND = timedelta(microseconds=1)


def _compiled(opening: Opening) -> BusinessCalendar:
    try:
        calendar = opening.calendar()
        calendar.deadline(datetime.fromisoformat("2026-02-20T00:00:00+00:00"), timedelta(days=7))
    except CalendarError:
        assume(False)
        raise
    return calendar


@EXAMPLES
@given(openings, instants, targets)
def test_a_deadline_is_the_first_instant_with_the_target_elapsed(opening, start, target):
    calendar = _compiled(opening)

    due = calendar.deadline(start, target)

    assert calendar.elapsed(start, due) == target
    assert calendar.elapsed(start, due - MICROSECOND) == target - MICROSECOND
    assert due >= start + target


@EXAMPLES
@given(openings, instants, targets, targets)
def test_two_targets_in_a_row_are_their_sum(opening, start, one, other):
    calendar = _compiled(opening)

    assert calendar.deadline(calendar.deadline(start, one), other) == calendar.deadline(
        start, one + other
    )


@EXAMPLES
@given(openings, st.tuples(instants, instants).map(sorted), st.tuples(targets, targets).map(sorted))
def test_a_later_start_and_a_longer_target_are_never_due_earlier(opening, starts, lengths):
    calendar = _compiled(opening)
    (start, later), (short, long) = starts, lengths

    assert calendar.deadline(start, short) <= calendar.deadline(later, short)
    assert calendar.deadline(start, short) <= calendar.deadline(start, long)


@EXAMPLES
@given(openings, st.tuples(instants, instants, instants).map(sorted))
def test_elapsed_is_additive_and_never_more_than_the_time_that_passed(opening, ats):
    calendar = _compiled(opening)
    first, middle, last = ats

    whole = calendar.elapsed(first, last)

    assert whole == calendar.elapsed(first, middle) + calendar.elapsed(middle, last)
    assert timedelta(0) <= whole <= last - first
    assert calendar.elapsed(last, first) == -whole


@EXAMPLES
@given(openings, instants, targets, st.dates(date(2026, 2, 20), date(2027, 2, 1)))
def test_one_more_holiday_never_moves_a_deadline_earlier(opening, start, target, holiday):
    more = Opening(
        tz=opening.tz,
        week=opening.week,
        holidays=opening.holidays | {holiday},
        closures=opening.closures,
    )

    assert _compiled(more).deadline(start, target) >= _compiled(opening).deadline(start, target)


@EXAMPLES
@given(openings, instants, targets, st.dates(date(2026, 2, 20), date(2027, 2, 1)))
def test_one_more_closure_never_moves_a_deadline_earlier(opening, start, target, day):
    closures = {day: [("10:00", "16:00")], **(opening.closures or {})}
    more = Opening(tz=opening.tz, week=opening.week, holidays=opening.holidays, closures=closures)

    assert _compiled(more).deadline(start, target) >= _compiled(opening).deadline(start, target)


@EXAMPLES
@given(openings, instants, targets, st.lists(st.tuples(instants, instants).map(sorted), max_size=4))
def test_pauses_never_move_a_deadline_earlier_and_are_not_elapsed(opening, start, target, pauses):
    pauses = [(begins, ends) for begins, ends in pauses]
    for calendar in (_compiled(opening), ALWAYS):
        due = calendar.deadline(start, target, pauses)

        assert due >= calendar.deadline(start, target)
        assert calendar.elapsed(start, due, pauses) == target


@EXAMPLES
@given(openings, instants, targets, zones)
def test_invariant_12_an_answer_does_not_depend_on_the_zone_of_the_question(
    opening, start, target, zone: ZoneInfo
):
    calendar = _compiled(opening)
    elsewhere = start.astimezone(zone)

    due = calendar.deadline(start, target)

    assert calendar.deadline(elsewhere, target) == due
    assert calendar.elapsed(elsewhere, due.astimezone(zone)) == target
    assert calendar.next_open(elsewhere) == calendar.next_open(start)
    assert due.utcoffset() == calendar.next_open(elsewhere).utcoffset() == timedelta(0)


@EXAMPLES
@given(openings, instants)
def test_the_next_opening_is_the_first_instant_that_can_be_worked(opening, at):
    calendar = _compiled(opening)

    opens = calendar.next_open(at)

    assert opens >= at
    assert calendar.elapsed(at, opens) == timedelta(0)
    assert calendar.elapsed(opens, opens + MICROSECOND) == MICROSECOND


@EXAMPLES
@given(openings, minutes, st.integers(1, 30 * 60))
def test_a_deadline_is_what_a_clock_watched_every_minute_says(opening, start, length):
    calendar = _compiled(opening)
    target = timedelta(minutes=length)

    expected = SlowClock(opening).deadline(start, target, at_most=5 * 24 * 60)

    if expected is None:
        assert calendar.deadline(start, target) > start + timedelta(days=5)
    else:
        assert calendar.deadline(start, target) == expected


@EXAMPLES
@given(openings, minutes, st.integers(0, 3 * 24 * 60))
def test_elapsed_is_what_a_clock_watched_every_minute_says(opening, start, length):
    end = start + timedelta(minutes=length)

    assert _compiled(opening).elapsed(start, end) == SlowClock(opening).elapsed(start, end)
