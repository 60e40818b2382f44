"""The week by its hours, over the changes of the clocks: counted again one by one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.roster import Agent, Role, Roster, WorkShift
from bot.domain.shifts import on_shift
from bot.reports.asking import read_question
from bot.reports.heat import cells
from bot.reports.people_on_shift import capacity_of
from bot.reports.question import Period
from bot.reports.report import HeatCell
from sla_rules.calendar import ALWAYS, BusinessCalendar
from sla_rules.staffing import Capacity

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PEOPLE = ("U0ANNA", "U0BRUNO", "U0GONE")


def a_roster(*shifts: WorkShift) -> Roster:
    agents = {
        who: Agent(slack_id=who, name=who, role=Role.AGENT, active=who != "U0GONE")
        for who in PEOPLE
    }
    return Roster(agents=agents, shifts=shifts)


def a_shift(begins: str, ends: str, *people: str, inboxes: tuple[str, ...] = ()) -> WorkShift:
    return WorkShift(
        name="shift",
        calendar=BusinessCalendar("Europe/Rome", {day: [(begins, ends)] for day in WEEK}),
        people=frozenset(people),
        inboxes=frozenset(inboxes),
    )


def a_period(asked: str, zone: str = "Europe/Rome") -> Period:
    return read_question(asked, now=NOW, zone=zone)[0]


def heat(
    period: Period,
    *,
    arrived: list[datetime] | None = None,
    waits: list[tuple[datetime, bool]] | None = None,
    capacity: Capacity | None = None,
) -> dict[tuple[int, int], HeatCell]:
    begun = waits or []
    found = cells(
        period=period,
        arrived=np.array([int(at.timestamp()) for at in arrived or []], dtype=np.int64),
        began=np.array([int(at.timestamp()) for at, _ in begun], dtype=np.int64),
        missed=np.array([late for _, late in begun], dtype=np.bool_),
        capacity=capacity,
    )
    return {(cell.weekday, cell.hour): cell for cell in found}


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Rome"))


def test_two_tuesdays_make_the_mean_of_one() -> None:
    """Six came on one Tuesday from 18 to 19 and twelve on the other; Anna was there, Bruno once."""
    period = a_period("2026-03-02..2026-03-15")
    crew = a_roster(
        a_shift("08:30", "19:00", "U0ANNA", "U0GONE"),
        WorkShift(
            name="help",
            calendar=BusinessCalendar(
                "Europe/Rome", {"tue": [("18:00", "20:00")]}, [date(2026, 3, 10)]
            ),
            people=frozenset({"U0BRUNO"}),
        ),
    )
    found = heat(
        period,
        arrived=[rome("2026-03-03T18:10")] * 6 + [rome("2026-03-10T18:50")] * 12,
        waits=[(rome("2026-03-03T18:59"), True), (rome("2026-03-10T18:00"), False)],
        capacity=capacity_of(crew, None),
    )

    assert len(found) == 168
    evening = found[1, 18]
    assert (evening.arrivals_an_hour, evening.staffed) == (9.0, 1.5)
    assert (evening.decided, evening.late) == (2, 1)
    assert (found[1, 8].staffed, found[1, 19].staffed, found[1, 20].staffed) == (0.5, 0.5, 0.0)


def test_an_hour_that_the_clocks_skip_is_not_there_and_one_they_repeat_is_long() -> None:
    """On 25 October it is half past two twice in Rome: two tickets in two hours are one an hour."""
    spring, autumn = a_period("2026-03-29"), a_period("2026-10-25")
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]
    always = Capacity([])

    assert sorted(hour for _, hour in heat(spring)) == [0, 1, *range(3, 24)]
    assert heat(autumn, arrived=twice, capacity=always)[6, 2] == HeatCell(
        weekday=6, hour=2, arrivals_an_hour=1.0, staffed=0.0, decided=0, late=0
    )


def test_shifts_of_other_inboxes_and_shifts_of_nobody_are_not_counted() -> None:
    period = a_period("2026-03-04")
    crew = a_roster(
        a_shift("09:00", "10:00", "U0ANNA", inboxes=("amazon-it",)),
        a_shift("09:00", "10:00", "U0BRUNO", inboxes=("shop",)),
    )
    there = {
        names: heat(period, capacity=capacity_of(crew, names))[2, 9].staffed
        for names in (None, frozenset({"shop"}), frozenset({"ebay-it"}))
    }

    assert there == {None: 2.0, frozenset({"shop"}): 1.0, frozenset({"ebay-it"}): 0.0}
    assert capacity_of(a_roster(a_shift("09:00", "10:00", "U0GONE")), None) is None
    assert heat(period)[2, 9].staffed is None


@settings(max_examples=25)
@given(
    st.sampled_from(["Europe/Rome", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns"]),
    st.sampled_from([datetime(2026, 3, 24, tzinfo=UTC), datetime(2026, 10, 20, tzinfo=UTC)]),
    st.integers(1, 10),
    st.lists(st.integers(0, 10 * 86400 - 1), max_size=30),
)
def test_cells_are_what_counting_one_by_one_gives(
    zone: str, begins: datetime, days: int, after: list[int]
) -> None:
    local = ZoneInfo(zone)
    since = begins.astimezone(local).replace(hour=0).astimezone(UTC)
    period = Period(since=since, until=since + timedelta(days=days), zone=zone)
    came = [since + timedelta(seconds=each % (days * 86400)) for each in after]
    crew = a_roster(a_shift("08:30", "19:00", "U0ANNA"), a_shift("18:00", "24:00", "U0BRUNO"))
    minutes = [since + timedelta(minutes=each) for each in range(0, days * 1440, 30)]

    found = heat(period, arrived=came, capacity=capacity_of(crew, None))

    there = Counter(_hour(at, local) for at in minutes)
    arrivals = Counter(_hour(at, local) for at in came)
    staffed: Counter[tuple[int, int]] = Counter()
    for at in minutes:
        staffed[_hour(at, local)] += len(on_shift(crew, at))
    for key, cell in found.items():
        assert cell.arrivals_an_hour * there[key] / 2 == pytest.approx(arrivals[key])
        assert (cell.staffed or 0) * there[key] == pytest.approx(staffed[key])
    assert set(found) == set(there)


def _hour(at: datetime, zone: ZoneInfo) -> tuple[int, int]:
    wall = at.astimezone(zone)
    return wall.weekday(), wall.hour


def test_a_shift_that_never_ends_is_always_there() -> None:
    crew = a_roster(WorkShift(name="bot", calendar=ALWAYS, people=frozenset({"U0ANNA"})))

    found = heat(a_period("7d"), capacity=capacity_of(crew, None))

    assert {cell.staffed for cell in found.values()} == {1.0}
