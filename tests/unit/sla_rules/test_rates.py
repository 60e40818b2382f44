"""Promises over a window, and how many misses they still bear."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla_rules.rates import RatePromise, fewest, standing_of
from tests.rates import Sample, rate_standing

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BADGE = RatePromise(share=90, within=15 * MINUTE, over=timedelta(days=7))


def took(minutes, *, ago=timedelta(days=1)):
    return Sample(at=NOW - ago, took=None if minutes is None else minutes * MINUTE)


def standing(*samples, promise=BADGE):
    return rate_standing(promise, samples, NOW)


def test_nothing_awaited_is_a_promise_kept():
    found = standing()

    assert (found.awaited, found.may_miss, found.to_regain, found.is_kept) == (0, 0, 0, True)


def test_exactly_the_share_is_enough():
    found = standing(*[took(5)] * 9, took(16))

    assert (found.awaited, found.on_time, found.is_kept, found.may_miss) == (10, 9, True, 0)


def test_fifteen_minutes_to_the_second_are_in_time():
    assert standing(took(15)).on_time == 1
    assert standing(Sample(at=NOW, took=15 * MINUTE + timedelta(seconds=1))).on_time == 0


def test_one_hundred_good_answers_bear_eleven_misses():
    assert standing(*[took(5)] * 100).may_miss == 11


def test_a_lost_badge_says_how_many_in_a_row_bring_it_back():
    found = standing(*[took(5)] * 8, took(99), took(99))

    assert (found.is_kept, found.may_miss, found.to_regain) == (False, 0, 10)


def test_what_is_older_than_the_window_or_still_open_does_not_count():
    found = standing(
        took(99, ago=timedelta(days=7)), took(None, ago=14 * MINUTE), took(None, ago=16 * MINUTE)
    )

    assert (found.awaited, found.on_time) == (1, 0)


def test_a_share_is_rounded_down_so_that_a_miss_never_hides():
    assert standing_of(BADGE, awaited=1000, on_time=999).percent == 99
    assert standing_of(BADGE, awaited=0, on_time=0).percent is None


@pytest.mark.parametrize(("share", "answers"), [(90, 10), (95, 20), (85, 7), (1, 2), (99, 100)])
def test_so_many_answers_bear_one_miss_and_one_fewer_does_not(share, answers):
    promise = RatePromise(share=share, within=15 * MINUTE, over=timedelta(days=7))

    assert fewest(promise) == answers
    assert standing_of(promise, awaited=answers, on_time=answers - 1).is_kept
    assert not standing_of(promise, awaited=answers - 1, on_time=answers - 2).is_kept


@given(st.integers(1, 99), st.integers(0, 300), st.integers(0, 300))
def test_as_many_misses_as_told_are_borne_and_one_more_is_not(share, good, bad):
    promise = RatePromise(share=share, within=15 * MINUTE, over=timedelta(days=7))
    found = standing(*[took(1)] * good, *[took(99)] * bad, promise=promise)

    def kept(on_time, awaited):
        return on_time * 100 >= share * awaited

    total = good + bad
    if found.is_kept:
        assert kept(good, total + found.may_miss)
        assert not kept(good, total + found.may_miss + 1)
    else:
        assert kept(good + found.to_regain, total + found.to_regain)
        assert not kept(good + found.to_regain - 1, total + found.to_regain - 1)
