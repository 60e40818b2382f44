import pytest

from bot.outbox.lanes import Rate
from sandbox.day.bound import SPACED, least_delays

FOUR_A_SECOND = Rate(per_second=4.0, burst=1.0)


def test_one_channel_takes_a_post_a_second() -> None:
    delays = least_delays([(100.0, "a")] * 4, channel=SPACED)

    assert list(delays) == pytest.approx([0, 1, 2, 3])


def test_channels_do_not_wait_for_each_other_below_the_workspaces_own_limit() -> None:
    delays = least_delays([(100.0, name) for name in "abcd"], channel=SPACED)

    assert list(delays) == pytest.approx([0, 0, 0, 0])


def test_many_channels_share_the_workspaces_limit() -> None:
    delays = least_delays([(100.0, str(n)) for n in range(5)], channel=SPACED, all_=FOUR_A_SECOND)

    assert sorted(delays) == pytest.approx([0, 0.25, 0.5, 0.75, 1.0])


def test_what_comes_slowly_enough_waits_for_nothing_and_the_order_given_is_kept() -> None:
    delays = least_delays([(30.0, "a"), (10.0, "a"), (20.0, "a")], channel=SPACED)

    assert list(delays) == pytest.approx([0, 0, 0])


def test_nothing_to_post_waits_for_nothing() -> None:
    assert list(least_delays([])) == []
