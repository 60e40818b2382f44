"""Whom a ping calls: quiet hours, who stands in, and where each person wants to hear it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.called import Called, as_chosen, who_is_called
from bot.domain.quiet_hours import PingWay, Preference, read_quiet
from sla_rules.vocabulary import Audience
from tests.builders import ANNA, BRUNO, DORA, NOW, a_roster, hours

ROME = "Europe/Rome"
NIGHT = NOW.replace(hour=22, minute=30)  # half past eleven in Rome
MORNING = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)  # eight o'clock in Rome
GROUP = ("S0AMAZON",)


def quiet_for(*people, roster=None):
    found = roster or a_roster()
    asleep = read_quiet("20:00-08:00", ROME)
    agents = {
        one: replace(agent, quiet=asleep) if one in people else agent
        for one, agent in found.agents.items()
    }
    return replace(found, agents=agents)


def called(roster, wanted=Audience.ASSIGNEE, *, at=NIGHT, group=GROUP, limit_at=None):
    return who_is_called(roster, wanted, assignee=ANNA, group=group, limit_at=limit_at, now=at)


@pytest.mark.parametrize(
    ("written", "at", "quiet", "over"),
    [
        ("20:00-08:00", "2026-03-10T18:59", False, None),
        ("20:00-08:00", "2026-03-10T19:00", True, "2026-03-11T07:00"),
        ("20:00-08:00", "2026-03-11T06:59", True, "2026-03-11T07:00"),
        ("20:00-08:00", "2026-03-11T07:00", False, None),
        ("13:00-14:00", "2026-03-10T12:30", True, "2026-03-10T13:00"),
        ("22:00-24:00", "2026-03-10T22:30", True, "2026-03-10T23:00"),
        ("20:00-08:00", "2026-03-28T22:00", True, "2026-03-29T06:00"),  # an hour shorter
        ("20:00-08:00", "2026-10-24T21:00", True, "2026-10-25T07:00"),  # an hour longer
    ],
)
def test_quiet_hours_are_those_of_a_clock_on_the_wall(written, at, quiet, over):
    span, now = read_quiet(written, ROME), datetime.fromisoformat(at).replace(tzinfo=UTC)

    assert span.holds(now) is quiet
    if over is not None:
        assert span.over_at(now) == datetime.fromisoformat(over).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written", ["always", "20:00", "08:00-08:00", "00:00-24:00", "25:00-08:00"]
)
def test_quiet_hours_that_are_none_are_refused(written):
    with pytest.raises(ValueError, match="Write"):
        read_quiet(written, ROME)


def test_by_day_everybody_is_called_as_ever():
    assert called(quiet_for(ANNA), at=NOW) == Called(mentioned=(ANNA,))


def test_in_somebodys_quiet_hours_their_group_is_called_instead():
    assert called(quiet_for(ANNA)) == Called(mentioned=GROUP, spared=(ANNA,), back_at=MORNING)


def test_where_the_group_has_quiet_hours_too_it_is_the_managers():
    found = called(quiet_for(ANNA, BRUNO), group=(ANNA, BRUNO))

    assert (found.mentioned, found.spared) == ((DORA,), (ANNA,))


def test_where_nobody_may_be_called_nobody_is():
    found = called(quiet_for(ANNA, DORA), group=())

    assert found == Called(spared=(ANNA,), back_at=MORNING)


@pytest.mark.parametrize("limit_at", [MORNING, NIGHT, NIGHT - hours(1)])
def test_a_platforms_limit_that_ends_before_they_are_back_wakes_them(limit_at):
    found = called(quiet_for(ANNA), limit_at=limit_at)

    assert found == Called(mentioned=(ANNA,), woken=(ANNA,), back_at=MORNING)


def test_a_limit_that_leaves_time_after_quiet_hours_wakes_nobody():
    assert called(quiet_for(ANNA), limit_at=MORNING + hours(1)).woken == ()


def test_of_several_managers_those_awake_are_called():
    roster = quiet_for(DORA, roster=replace(a_roster(), managers=(DORA, BRUNO)))

    found = called(roster, Audience.MANAGERS, limit_at=NIGHT)

    assert (found.mentioned, found.spared, found.woken) == ((BRUNO,), (DORA,), ())


@pytest.mark.parametrize(
    ("way", "mentioned", "told"),
    [
        (PingWay.THREAD, (ANNA,), ()),
        (PingWay.DM, (), (ANNA,)),
        (PingWay.BOTH, (ANNA,), (ANNA,)),
    ],
)
def test_each_person_hears_of_it_where_they_want(way, mentioned, told):
    roster = as_chosen(a_roster(), {ANNA: Preference(pings=way)}, ROME)

    found = called(roster, at=NOW)

    assert (found.mentioned, found.told) == (mentioned, told)


def test_what_somebody_chose_goes_before_the_settings_file():
    asleep = quiet_for(ANNA)

    awake = as_chosen(asleep, {ANNA: Preference(quiet="")}, ROME)
    other = as_chosen(asleep, {ANNA: Preference(quiet="13:00-14:00")}, ROME)
    usual = as_chosen(asleep, {ANNA: Preference()}, ROME)

    assert awake.agents[ANNA].quiet is None
    assert other.agents[ANNA].quiet == read_quiet("13:00-14:00", ROME)
    assert usual == asleep
