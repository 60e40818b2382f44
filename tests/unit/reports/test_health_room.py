"""How many misses are left, against counting them one by one."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.health.room import WHOLE, Direction, Room, Threshold, is_small, room

thresholds = st.builds(
    Threshold,
    limit=st.sampled_from([30, 50, 100, 200, 250, 400, 5_000, 9_000, 9_350, 9_500, 9_900]),
    direction=st.sampled_from(Direction),
    grace=st.sampled_from([0, 0, 2, 5]),
    grows=st.booleans(),
)


def keeps(threshold: Threshold, misses: int, cases: int) -> bool:
    """The threshold as its words say it, and nothing else."""
    if misses <= threshold.grace or not cases or not misses:
        return True
    told = misses if threshold.direction.is_ceiling else cases - misses
    return threshold.direction.holds(told * WHOLE, threshold.limit * cases)


@given(threshold=thresholds, cases=st.integers(1, 300), part=st.floats(0, 1))
def test_what_is_left_is_what_one_by_one_could_still_go_wrong(threshold, cases, part):
    misses = round(part * cases)
    found = room(threshold, misses, cases)
    assert found is not None
    assert found.is_kept == keeps(threshold, misses, cases)
    if found.is_kept:
        left = 0
        grown = 1 if threshold.grows else 0
        while misses + left < cases + grown * left + grown and keeps(
            threshold, misses + left + 1, cases + grown * (left + 1)
        ):
            left += 1
        assert found.misses_left == left


@given(threshold=thresholds, cases=st.integers(1, 120), part=st.floats(0, 1))
def test_what_is_lost_is_kept_again_with_so_many_and_not_with_one_less(threshold, cases, part):
    misses = round(part * cases)
    found = room(threshold, misses, cases)
    assert found is not None
    if found.is_kept:
        return
    for back in count(1):
        again = (misses, cases + back) if threshold.grows else (misses - back, cases)
        if keeps(threshold, *again):
            assert found.to_regain == back
            return


def told(threshold: Threshold, misses: int, cases: int) -> Room:
    found = room(threshold, misses, cases)
    assert found is not None
    return found


def test_amazons_defect_rate_by_hand() -> None:
    defects = Threshold(limit=100, direction=Direction.BELOW)
    # 1 % of 400 is 4, and has to be stayed below: three are allowed.
    assert told(defects, 1, 400).misses_left == 2
    assert told(defects, 4, 400).to_regain == 1
    assert is_small(defects, 100)
    assert not is_small(defects, 101)


def test_ebays_first_four_defects_break_nothing() -> None:
    defects = Threshold(limit=200, direction=Direction.AT_MOST, grace=4)
    assert told(defects, 3, 20).misses_left == 1
    assert told(defects, 5, 20).to_regain == 1


def test_the_next_late_answers_are_counted_with_the_answers_they_are() -> None:
    answers = Threshold(limit=9_000, direction=Direction.AT_LEAST, grows=True)
    assert told(answers, 10, 200).misses_left == 11  # 190 of 211 are 90.05 %
    assert told(answers, 3, 10).to_regain == 20  # 27 of 30


@pytest.mark.parametrize("grows", [True, False])
def test_of_nothing_nothing_is_known(grows: bool) -> None:
    assert room(Threshold(limit=100, direction=Direction.BELOW, grows=grows), 0, 0) is None
