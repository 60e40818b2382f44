from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.pacing import Budget, Cadence, Spent, left_to_read, pause

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
QUOTA = Budget(calls_per_day=10_000, reply_share=0.1)


def test_without_a_quota_the_pause_is_the_usual_one_and_never_below_the_floor() -> None:
    assert pause(Cadence(usual=60, floor=30), Spent(), 1, NOON).seconds == 60
    assert pause(Cadence(usual=5, floor=30), Spent(), 1, NOON).seconds == 30


def test_a_cheap_look_leaves_the_pace_alone() -> None:
    found = pause(Cadence(usual=60, budget=QUOTA), Spent(reads=1_000), 4, NOON)
    assert (found.seconds, found.why) == (60, None)


def test_a_costly_look_slows_the_pace_so_that_the_day_is_lasted_out() -> None:
    found = pause(Cadence(usual=60, budget=QUOTA), Spent(reads=8_000), 10, NOON)
    assert found.seconds == 43_200 * 10 / 1_000
    assert found.why is not None
    assert "8000 of 10000" in found.why


def test_when_nothing_is_left_reading_rests_until_the_next_day_and_answers_keep_their_share() -> (
    None
):
    found = pause(Cadence(usual=60, budget=QUOTA), Spent(reads=9_000), 5, NOON)
    assert found.seconds == 43_200
    assert found.why is not None
    assert "1000 calls are kept for answers" in found.why


def test_answers_use_their_share_first_and_then_what_reading_had_left() -> None:
    assert left_to_read(QUOTA, Spent(reads=0, replies=1_000)) == 9_000
    assert left_to_read(QUOTA, Spent(reads=0, replies=1_500)) == 8_500


@given(
    reads=st.integers(0, 20_000),
    replies=st.integers(0, 20_000),
    cost=st.floats(0, 500),
    minutes=st.integers(0, 1_439),
)
def test_reading_at_this_pace_never_spends_the_reserve(
    reads: int, replies: int, cost: float, minutes: int
) -> None:
    now = NOON.replace(hour=0) + timedelta(minutes=minutes)
    spent = Spent(reads=reads, replies=replies)
    cadence = Cadence(usual=60, budget=QUOTA)
    found = pause(cadence, spent, cost, now)
    left_of_day = 86_400 - minutes * 60
    looks = left_of_day / found.seconds
    planned = 0.0 if found.seconds >= left_of_day else looks * cost
    assert found.seconds > 0
    assert planned <= max(left_to_read(QUOTA, spent) * 1.06, 0)
