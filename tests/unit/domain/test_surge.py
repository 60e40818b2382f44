"""When a storm begins, and when it is over."""

from itertools import pairwise

import pytest

from bot.domain.surge import Mode, Surge, after, backlog_seconds
from tests.builders import NOW, minutes

CALM = Surge()
STORM = Surge(since=NOW - minutes(10))


@pytest.mark.parametrize(("waiting", "begins"), [(0, False), (120, False), (121, True)])
def test_a_storm_begins_when_more_waits_than_slack_takes_in_two_minutes(waiting, begins):
    assert (after(CALM, waiting, Mode.AUTO, NOW).since is not None) is begins


def test_what_waits_is_counted_by_the_slower_of_posts_and_edits():
    assert backlog_seconds(60, 0) == 60
    assert backlog_seconds(60, 90) == 120
    assert backlog_seconds(0, 0) == 0


def test_a_storm_goes_on_until_little_has_waited_for_five_minutes():
    states = [STORM]
    for minute in range(6):
        states.append(after(states[-1], 29, Mode.AUTO, NOW + minutes(minute)))
    assert [state.since is not None for state in states] == [True] * 6 + [False]


def test_a_short_pause_ends_no_storm():
    paused = after(STORM, 0, Mode.AUTO, NOW)
    again = after(paused, 30, Mode.AUTO, NOW + minutes(4))
    assert again == STORM
    assert after(again, 0, Mode.AUTO, NOW + minutes(5)).since == STORM.since


def test_it_does_not_flicker_around_a_limit():
    state, changes = CALM, [False]
    for second, waiting in enumerate([121, 119, 121, 31, 29, 31, 121] * 20):
        state = after(state, waiting, Mode.AUTO, NOW + minutes(second / 6))
        changes.append(state.since is not None)
    assert sum(one != other for one, other in pairwise(changes)) == 1


def test_a_lead_goes_before_the_numbers():
    assert after(CALM, 0, Mode.ON, NOW) == Surge(since=NOW)
    assert after(STORM, 0, Mode.ON, NOW + minutes(60)) == STORM
    assert after(STORM, 900, Mode.OFF, NOW) == CALM
    assert after(CALM, 900, Mode.OFF, NOW) == CALM
