from datetime import timedelta

import pytest

from bot.domain.platforms import platform
from bot.slack.blocks import thread
from bot.slack.blocks.clock_words import clock_phrase, left_words, target_words
from bot.slack.blocks.wording import file_size, moment, span, stopped
from connectors.registry import load_connectors
from sla_rules.calendar import BusinessCalendar
from sla_rules.vocabulary import ClockState, Metric
from tests.unit.slack.scenes import NOON, a_clock, a_desk, a_ping, a_ticket, an_internal_clock


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "less than a minute"),
        (59, "less than a minute"),
        (60, "1 min"),
        (3599, "59 min"),
        (3600, "1 h"),
        (9000, "2 h 30 min"),
        (43_199, "11 h 59 min"),
        (43_260, "12 h"),
        (86_400, "24 h"),
        (172_799, "47 h"),
        (172_800, "2 d"),
        (183_600, "2 d 3 h"),
        (-7200, "2 h"),
    ],
)
def test_a_length_of_time_is_said_in_at_most_two_units(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (120, "Amazon's 24 h limit in 2 h"),
        (0, "Amazon's 24 h limit missed just now"),
        (-600, "Amazon's 24 h limit missed 10 h ago"),
    ],
)
def test_a_deadline_says_how_long_is_left_or_how_late_it_is(minutes: int, said: str) -> None:
    clock = a_clock(due_at=NOON + timedelta(minutes=minutes))

    assert clock_phrase(clock, a_ticket(), NOON) == said


def test_our_own_targets_are_told_from_the_marketplaces_limit() -> None:
    resolution = an_internal_clock(metric=Metric.RESOLUTION, due_at=NOON + timedelta(days=3))

    assert clock_phrase(an_internal_clock(), a_ticket(), NOON) == "our 12 h target in 9 h"
    assert clock_phrase(resolution, a_ticket(), NOON) == "our 12 h resolution target in 3 d"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(7200, "2 business hours"), (3600, "1 business hour"), (1800, "30 business minutes")],
)
def test_a_target_in_opening_hours_says_so(seconds: int, said: str) -> None:
    assert target_words(a_clock(calendar="shop", target_seconds=seconds)) == said


def test_a_moment_is_written_in_the_desks_zone_with_its_name() -> None:
    assert moment(NOON, a_desk()) == "Tue 3 Feb 13:00 CET"
    assert moment(NOON + timedelta(days=180), a_desk()) == "Sun 2 Aug 14:00 CEST"


def test_small_things_read_well() -> None:
    assert file_size(12) == "1 kB"
    assert file_size(119_600) == "120 kB"
    assert file_size(2_400_000) == "2.4 MB"
    assert platform("amazon") == "Amazon"
    assert platform("tiktok_shop") == "TikTok Shop"
    assert stopped("Really?") == "Really?"
    assert stopped("Yes") == "Yes."


def test_a_miss_first_told_late_is_told_as_a_first_miss() -> None:
    missed = a_clock(due_at=NOON - timedelta(hours=2))
    steps = {"breach3": 60, "breach2": 90, "breach": 120}
    pings = [
        a_ping(step, id=n, clock=missed, fire_at=NOON - timedelta(minutes=ago))
        for n, (step, ago) in enumerate(steps.items())
    ]

    text = thread.render_ping(a_ticket(), pings, a_desk(), NOON, []).text

    assert "Still missed" not in text
    assert "2 h late" in text


@pytest.mark.parametrize(
    ("step", "misses", "said"),
    [
        ("breach", 3, "🔴 Missed:"),
        ("breach2", 3, "🔴 Still missed, 2nd ping of 3:"),
        ("breach3", 24, "🔴 Still missed, 3rd ping of 24:"),
        ("breach11", 24, "🔴 Still missed, 11th ping of 24:"),
        ("breach22", 24, "🔴 Still missed, 22nd ping of 24:"),
        ("breach24", 24, "🔴 Still missed, last ping:"),
    ],
)
def test_each_ping_of_a_ladder_says_which_one_it_is(step: str, misses: int, said: str) -> None:
    ping = a_ping(step, misses=misses, clock=a_clock(due_at=NOON - timedelta(hours=2)))

    assert said in thread.render_ping(a_ticket(), [ping], a_desk(), NOON, []).text


def test_what_is_left_is_counted_in_the_hours_the_clock_was_planned_with() -> None:
    then, now = (
        BusinessCalendar("Europe/Rome", {"tue": [("09:00", closes)]})
        for closes in ("14:00", "18:00")
    )
    desk = a_desk(calendars={"milan": now})
    clock = an_internal_clock(
        state=ClockState.PAUSED,
        paused_at=NOON,
        due_at=NOON + timedelta(hours=2),
        calendar="milan",
        calendar_version=then.version,
    )
    before_it_was_met = left_words(clock, a_ticket(), desk)
    desk.known.calendars[then.version] = then

    assert (before_it_was_met, left_words(clock, a_ticket(), desk)) == ("2 h", "1 h")


@pytest.mark.parametrize("spec", load_connectors(group="").specs.values(), ids=lambda one: one.key)
def test_every_channel_is_called_as_people_call_it(spec) -> None:
    said = platform(spec.key)

    assert spec.manifest.title.startswith(said) or spec.manifest.title.endswith(said.lower())
