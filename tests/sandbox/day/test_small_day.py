"""Fourteen customers in a minute, three agents: what a whole day must show, in seconds."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from sandbox.day.folder import a_folder
from sandbox.day.measure import Numbers, measure
from sandbox.day.pace import LoopClock, leaping
from sandbox.day.plan import Plan
from sandbox.day.play import play
from sandbox.day.presence import presence_of
from sandbox.day.rows import read_rows
from sandbox.day.script import MORNING, write_rush
from sandbox.day.staff import hire

pytestmark = pytest.mark.slow

CUSTOMERS = 14
NOON = MORNING + timedelta(hours=3)
STRICT = "".join(
    f'[[policies]]\nname = "{name}"\nsource = "this test"\nprecedence = 9\n'
    f'match = {{ channel = "{channel}", kind = "message" }}\n[[policies.clock]]\n'
    'metric = "response"\nscope = "internal"\ntarget = "1m"\ncalendar = "always"\n'
    for name, channel in (
        ("amazon.message", "amazon"),
        ("website.message", "website"),
        ("shopify.message", "shopify"),
        ("ebay.message", "ebay"),
        ("tiktok_shop.message", "tiktok_shop"),
    )
)


@pytest.fixture(scope="module")
def numbers() -> Numbers:
    plan = Plan(
        seed=3,
        conversations=write_rush(3, CUSTOMERS, 1),
        staff=[replace(one, pace=0.1, uses_home=False) for one in hire(3, 3)],
        start=NOON,
        end=NOON + timedelta(minutes=2.2),
        one_shift=True,
        policies=STRICT,
        after=timedelta(seconds=20),
    )
    with a_folder() as folder:
        with leaping() as loop, asyncio.Runner(loop_factory=lambda: loop) as runner:
            played = runner.run(play(plan, LoopClock(loop, NOON), folder))
        return measure(played, read_rows(played.database), presence_of(played), (NOON, plan.end))


def test_everything_that_customers_wrote_is_on_exactly_one_card(numbers: Numbers) -> None:
    assert numbers.traffic.tickets == CUSTOMERS
    assert numbers.zeros.lost == 0
    assert numbers.zeros.rootless == 0
    assert numbers.zeros.two_roots == 0


def test_answers_reach_customers_and_none_of_them_twice(numbers: Numbers) -> None:
    assert numbers.traffic.answers > 0
    assert numbers.zeros.sent_twice == 0


def test_every_miss_is_told_and_no_ping_is_needless(numbers: Numbers) -> None:
    assert numbers.zeros.missed > 0
    assert numbers.zeros.missed_unpinged == 0
    assert numbers.pings.told > 0
    assert numbers.pings.needless == {}
    assert numbers.pings.twice == 0


def test_slack_is_never_asked_for_more_than_it_takes(numbers: Numbers) -> None:
    assert numbers.traffic.refused == {}
    assert numbers.traffic.failed == {}
