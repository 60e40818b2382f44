import pytest

from sandbox.day.script import MARKETS, SURGE_HOUR, Then, hours_of, write_day, write_rush
from sandbox.day.staff import NAMES, hire


def test_a_seed_writes_the_same_day_again_and_another_seed_another_one() -> None:
    assert write_day(7, 50) == write_day(7, 50)
    assert write_day(7, 50) != write_day(8, 50)


def test_one_hour_brings_eight_times_as_many_as_a_usual_one() -> None:
    hours = hours_of(500)

    assert hours[SURGE_HOUR] == pytest.approx(8 * hours[2])
    assert sum(hours.values()) == pytest.approx(500)


def test_a_day_has_every_market_and_everything_that_makes_work() -> None:
    day = write_day(1, 500)

    assert len(day) == 500
    assert {one.inbox for one in day} == {market.inbox for market in MARKETS}
    assert any(one.claim for one in day)
    assert any(one.nudge for one in day)
    assert {one.then for one in day} == set(Then)
    assert len({one.thread for one in day}) == 500
    assert [one.at for one in day] == sorted(one.at for one in day)


def test_a_rush_lies_within_its_minutes() -> None:
    assert all(0 <= one.at < 180 for one in write_rush(1, 40, 3))


def test_twelve_people_share_the_shifts() -> None:
    staff = hire(1, 12)

    assert [sum(one.shift.name == name for one in staff) for name in ("early", "day", "late")] == [
        4,
        4,
        4,
    ]
    assert len({one.handle for one in staff}) == 12


@pytest.mark.parametrize("agents", [0, len(NAMES) + 1])
def test_nobody_can_be_hired_who_has_no_name(agents: int) -> None:
    with pytest.raises(ValueError, match="can be hired"):
        hire(1, agents)
