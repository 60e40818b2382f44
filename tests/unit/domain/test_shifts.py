"""Who is on shift, over the changes of the clocks, holidays and absences."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.roster import Agent, Role, Roster, WorkShift
from bot.domain.shifts import has_hours, last_leaves, next_on_shift, on_shift
from sla_rules.calendar import ALWAYS, BusinessCalendar

ANNA, BRUNO, CARLA = "U0ANNA", "U0BRUNO", "U0CARLA"
HALF_HOUR = timedelta(minutes=30)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")

NEAR_THE_CHANGE = st.builds(
    lambda at, seconds: at + timedelta(seconds=seconds),
    st.sampled_from([datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)]),
    st.integers(-4 * 86400, 4 * 86400),
)
"""Around the two changes of the clocks in Europe."""


def calendar(
    *spans: tuple[str, str], days: tuple[str, ...] = WEEKDAYS, zone: str = "Europe/Rome"
) -> BusinessCalendar:
    return BusinessCalendar(zone, {day: list(spans) for day in days}, [date(2026, 12, 25)])


def shift(name: str, hours: object, *people: str, inboxes: tuple[str, ...] = ()) -> WorkShift:
    return WorkShift(
        name=name,
        calendar=hours,  # type: ignore[arg-type]
        people=frozenset(people),
        inboxes=frozenset(inboxes),
    )


def roster(*shifts: WorkShift, **changes: object) -> Roster:
    people = [(ANNA, "Anna"), (BRUNO, "Bruno"), (CARLA, "Carla")]
    agents = {who: Agent(slack_id=who, name=name, role=Role.AGENT) for who, name in people}
    return Roster(agents=agents, shifts=shifts, **changes)  # type: ignore[arg-type]


EARLY = shift("early", calendar(("08:00", "13:00")), ANNA)
LATE = shift("late", calendar(("13:00", "18:00")), BRUNO)
NIGHT = shift("night", calendar(("22:00", "06:00"), days=("sat", "sun")), CARLA)


def at(text: str) -> datetime:
    """An instant by the clocks in Rome."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Rome")).astimezone(UTC)


@given(NEAR_THE_CHANGE)
def test_a_shift_follows_the_clock_on_the_wall(now: datetime) -> None:
    local = now.astimezone(ZoneInfo("Europe/Rome"))
    working = local.weekday() < len(WEEKDAYS) and 8 <= local.hour < 13
    assert (ANNA in on_shift(roster(EARLY), now)) is working


@given(NEAR_THE_CHANGE)
def test_whoever_is_next_is_on_shift_then_and_nobody_before(now: datetime) -> None:
    people = roster(EARLY, LATE, NIGHT)
    coming = next_on_shift(people, now, (ANNA, BRUNO, CARLA))
    assert coming is not None
    assert coming.at >= now
    assert coming.who in on_shift(people, coming.at)
    steps = range(20) if coming.at > now else ()
    between = coming.at - now
    assert not any(on_shift(people, now + between * part / 20) for part in steps)


@given(NEAR_THE_CHANGE)
def test_the_last_leaves_when_somebody_is_there_just_before_and_nobody_then(now: datetime) -> None:
    people = roster(EARLY, LATE, NIGHT)
    found = last_leaves(people, now, "shop", timedelta(days=1))
    if found is None:
        assert not on_shift(people, now) or on_shift(people, now + timedelta(days=1))
        return
    end, coming = found
    assert on_shift(people, end - timedelta(seconds=1))
    assert not on_shift(people, end)
    assert coming is not None
    assert coming.at > end


@given(NEAR_THE_CHANGE)
def test_who_is_away_is_next_only_after_that(now: datetime) -> None:
    back = now + timedelta(days=2)
    people = roster(EARLY, LATE).without({ANNA: back, BRUNO: None})
    coming = next_on_shift(people, now, (ANNA, BRUNO))
    assert coming is not None
    assert coming.who == ANNA
    assert coming.at >= back


def test_the_end_of_a_shift_is_not_in_it() -> None:
    people = roster(EARLY, LATE)
    assert on_shift(people, at("2026-03-10T12:59")) == {ANNA}
    assert on_shift(people, at("2026-03-10T13:00")) == {BRUNO}


def test_a_shift_of_another_inbox_is_no_help() -> None:
    people = roster(shift("shop", calendar(("08:00", "18:00")), ANNA, inboxes=("shop",)))
    assert on_shift(people, at("2026-03-10T12:00"), "shop") == {ANNA}
    assert on_shift(people, at("2026-03-10T12:00"), "amazon-it") == frozenset()
    assert next_on_shift(people, at("2026-03-10T12:00"), (ANNA,), "amazon-it") is None


def test_a_holiday_of_the_calendar_is_one_of_the_shift() -> None:
    people = roster(EARLY)
    assert on_shift(people, at("2026-12-25T10:00")) == frozenset()
    coming = next_on_shift(people, at("2026-12-24T14:00"), (ANNA,))
    assert coming is not None
    assert coming.at == at("2026-12-28T08:00")


def test_somebody_deactivated_is_on_no_shift() -> None:
    gone = Agent(slack_id=ANNA, name="Anna", role=Role.AGENT, active=False)
    people = Roster(agents={ANNA: gone}, shifts=(EARLY,))
    assert on_shift(people, at("2026-03-10T12:00")) == frozenset()
    assert next_on_shift(people, at("2026-03-10T12:00"), (ANNA,)) is None


def test_a_night_is_one_shift_over_midnight_and_weekend() -> None:
    people = roster(NIGHT)
    found = last_leaves(people, at("2026-03-15T05:45"), "shop", HALF_HOUR)
    assert found is not None
    assert found[0] == at("2026-03-15T06:00")
    assert last_leaves(people, at("2026-03-14T23:45"), "shop", HALF_HOUR) is None


def test_nobody_leaves_where_the_next_shift_begins_at_once() -> None:
    assert last_leaves(roster(EARLY, LATE), at("2026-03-10T12:45"), "shop", HALF_HOUR) is None


def test_where_the_next_is_away_the_desk_is_left_alone() -> None:
    people = roster(EARLY, LATE).without({BRUNO: None})
    found = last_leaves(people, at("2026-03-10T12:45"), "shop", HALF_HOUR)
    assert found is not None
    end, coming = found
    assert end == at("2026-03-10T13:00")
    assert coming is not None
    assert (coming.who, coming.at) == (ANNA, at("2026-03-11T08:00"))


def test_a_shift_of_every_hour_never_ends() -> None:
    people = roster(shift("always", ALWAYS, ANNA))
    assert last_leaves(people, at("2026-03-10T12:45"), "shop", timedelta(days=1)) is None
    assert has_hours(people, ANNA)
    assert not has_hours(people, BRUNO)


def test_of_two_who_come_at_once_the_first_of_the_roster_is_next() -> None:
    both = shift("both", calendar(("08:00", "13:00")), BRUNO, ANNA)
    coming = next_on_shift(roster(both), at("2026-03-10T07:00"), (BRUNO, ANNA))
    assert coming is not None
    assert coming.who == ANNA
