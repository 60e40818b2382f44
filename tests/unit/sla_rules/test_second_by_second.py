"""The calendar against a desk watched every second, where the clocks of odd zones jump.

Gaps and repeats of half an hour, an hour, two and a whole day; jumps at midnight, at New Year, by
law in the middle of a year, with offsets of odd seconds; summer time that is negative.
"""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final

import pytest

from sla_rules.calendar import BusinessCalendar
from tests.unit.sla_rules.second_by_second import DAY, WEEKDAYS, Hours, Spans, WatchedDesk

JUMPS: Final = (
    ("Africa/Cairo", "2026-10-28"),
    ("Africa/Casablanca", "2026-02-14"),
    ("Africa/Casablanca", "2026-03-21"),
    ("Africa/Casablanca", "2026-09-19"),
    ("Africa/Monrovia", "1972-01-06"),
    ("America/Caracas", "2007-12-08"),
    ("America/Havana", "2025-03-08"),
    ("America/Havana", "2025-11-01"),
    ("America/Santiago", "2026-04-03"),
    ("America/Santiago", "2026-09-05"),
    ("America/St_Johns", "2006-04-01"),
    ("America/St_Johns", "2006-10-28"),
    ("Antarctica/Casey", "2010-03-04"),
    ("Antarctica/Troll", "2026-03-28"),
    ("Antarctica/Troll", "2026-10-24"),
    ("Asia/Almaty", "2024-02-29"),
    ("Asia/Beirut", "2026-03-28"),
    ("Asia/Beirut", "2026-10-23"),
    ("Asia/Kathmandu", "1985-12-31"),
    ("Asia/Pyongyang", "2018-05-04"),
    ("Asia/Tehran", "2022-03-21"),
    ("Asia/Tehran", "2022-09-21"),
    ("Australia/Lord_Howe", "2026-04-04"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Europe/Dublin", "2026-03-28"),
    ("Europe/Dublin", "2026-10-24"),
    ("Europe/Rome", "2026-03-28"),
    ("Europe/Rome", "2026-10-24"),
    ("Pacific/Apia", "2011-12-29"),
    ("Pacific/Kiritimati", "1994-12-30"),
    ("Pacific/Kwajalein", "1993-08-20"),
    ("Pacific/Tongatapu", "2017-01-14"),
)
EDGE: Final = timedelta(days=8, hours=12)
"""Past it the watched desk has seen too little to answer."""

_MINUTES = (0, 1, 10, 15, 20, 30, 45, 50, 59)


def _time(dice: random.Random) -> str:
    # Clocks jump in the first hours of a date or in its last one.
    hour = dice.choice((dice.randint(0, 23), dice.choice((0, 1, 2, 3, 23)), dice.randint(0, 3)))
    return f"{hour:02}:{dice.choice(_MINUTES):02}"


def _shift(dice: random.Random) -> tuple[str, str]:
    opens, closes = _time(dice), dice.choice((_time(dice), _time(dice), "24:00"))
    return ("00:00", "24:00") if opens == closes else (opens, closes)


def _within_a_date(dice: random.Random) -> tuple[str, str]:
    opens, closes = sorted(_shift(dice))
    return opens, closes


def _some(dice: random.Random, days: list[date], share: float) -> list[date]:
    return [day for day in days if dice.random() < share]


def _hours(dice: random.Random, zone: str, days: list[date]) -> Hours:
    """Overnight shifts, holidays, closures and dates with hours of their own, all at once."""
    week: dict[str, Spans] = {
        day: [_shift(dice) for _ in range(dice.randint(1, 3))]
        for day in WEEKDAYS
        if day == "sun" or dice.random() < 0.75
    }
    return Hours(
        tz=zone,
        week=week,
        holidays=frozenset(_some(dice, days, 0.15)),
        closures={day: [_shift(dice)] for day in _some(dice, days, 0.2)},
        hours={
            day: [_within_a_date(dice)] if dice.random() < 0.8 else []
            for day in _some(dice, days, 0.15)
        },
    )


def _desks(zone: str, day: str) -> Iterator[tuple[random.Random, BusinessCalendar, WatchedDesk]]:
    """Four desks in a zone, watched from four days before its clocks jump."""
    first = date.fromisoformat(day) - timedelta(days=4)
    dice = random.Random(f"{zone} {day}")
    for _ in range(4):
        hours = _hours(dice, zone, [first + timedelta(days=count) for count in range(11)])
        own = BusinessCalendar(
            hours.tz, hours.week, hours.holidays, hours.closures, hours=hours.hours
        )
        yield dice, own, WatchedDesk(hours, first)


@pytest.mark.parametrize(("zone", "day"), JUMPS)
def test_a_calendar_says_what_a_desk_watched_every_second_says(zone, day):
    for dice, calendar, desk in _desks(zone, day):
        for _ in range(6):
            start = desk.begins + timedelta(seconds=dice.randint(DAY * 5 // 2, DAY * 5))
            pauses = [_pause(dice, desk.begins) for _ in range(dice.choice((0, 0, 1, 3)))]
            target = timedelta(seconds=dice.randint(1, 30 * 3600))
            due = desk.deadline(start, target, pauses)
            if due is not None and due < desk.begins + EDGE:
                assert calendar.deadline(start, target, pauses) == due, (desk.hours, start, target)
            end = min(start + timedelta(seconds=dice.randint(0, 3 * DAY)), desk.begins + EDGE)
            worked = desk.elapsed(start, end, pauses)
            assert calendar.elapsed(start, end, pauses) == worked, (desk.hours, start, end, pauses)
            opens = desk.next_open(start)
            if opens is not None and opens < desk.begins + EDGE:
                assert calendar.next_open(start) == opens, (desk.hours, start)


@pytest.mark.parametrize(("zone", "day"), JUMPS)
def test_business_days_are_the_dates_with_a_second_of_work(zone, day):
    for dice, calendar, desk in _desks(zone, day):
        for count in (1, 2, 3):
            start = desk.begins.date() + timedelta(days=dice.randint(2, 5))
            reached = desk.open_date_after(start, count)
            if reached is not None and reached < (desk.begins + EDGE).date():
                found = calendar.add_business_days(start, count)
                assert found == reached, (desk.hours, start, count)


def _pause(dice: random.Random, begins: datetime) -> tuple[datetime, datetime]:
    since = begins + timedelta(seconds=dice.randint(DAY * 3 // 2, DAY * 7))
    return since, since + timedelta(seconds=dice.randint(0, DAY))
