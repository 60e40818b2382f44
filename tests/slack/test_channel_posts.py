"""What is posted to a whole channel: the one list of a storm and its end, and the morning's digest."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.db.unit import Database
from bot.domain.digests import read_times
from bot.domain.surge import Mode
from bot.usecases.digests import decide_digests
from bot.usecases.surge import SetSurge, set_surge, watch_surge
from connectors.contract import Verdict
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import AMAZON_TEAM, MANAGERS
from tests.builders import CARLA, an_inbound, arrive
from tests.slack.executor_world import Story, story


@pytest.fixture
async def desk_story(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        yield told


async def decide(s, mode):
    command = SetSurge(actor=CARLA, mode=mode)
    await s.db.write(lambda tx: set_surge(tx, s.desk, command), now=s.clock.now())
    await s.send(rounds=2)


async def a_minute_later(s):
    s.clock.move(60)
    await s.db.write(lambda tx: watch_surge(tx, s.desk), now=s.clock.now())
    await s.send(rounds=2)


def boards(s):
    return [message for message in s.roots() if message.text.startswith("🌊")]


async def test_a_storm_is_one_message_that_says_what_is_late_and_lists_what_is_at_risk(desk_story):
    s = desk_story
    await arrive(s.db, s.desk, *(an_inbound() for _ in range(3)))
    await decide(s, Mode.ON)
    assert "card colours and notes may be late. Nothing is at risk now" in boards(s)[0].text
    s.clock.move(11.5 * 3600)
    await a_minute_later(s)
    (board,) = boards(s)
    assert "At risk now. #" in board.text
    assert "chat.update" in s.calls()


async def test_the_end_of_a_storm_is_said_once_and_how_long_it_was(desk_story):
    s = desk_story
    await decide(s, Mode.ON)
    await a_minute_later(s)
    await decide(s, Mode.OFF)
    await a_minute_later(s)
    (over,) = [message for message in s.roots() if "calmed down" in message.text]
    assert "It has calmed down after 1 min" in over.text


async def test_two_storms_have_two_lists(desk_story):
    s = desk_story
    for mode in (Mode.ON, Mode.OFF, Mode.ON):
        s.clock.move(3600)
        await decide(s, mode)
    assert len(boards(s)) == 2


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER])
async def test_a_lost_answer_makes_no_second_list(desk_story, kind):
    s = desk_story
    s.fault("chat.postMessage", kind)
    await decide(s, Mode.ON)
    await s.send(rounds=3, seconds=120)
    await a_minute_later(s)
    assert len(boards(s)) == 1


async def test_pings_of_a_storm_are_one_message_a_minute_that_calls_one_party(desk_story):
    s = desk_story
    await arrive(s.db, s.desk, *(an_inbound() for _ in range(3)))
    await s.send(rounds=3)
    await decide(s, Mode.ON)
    s.clock.move(6 * 3600)
    await s.fire()
    s.clock.move(60)
    await s.send(rounds=2)
    (told,) = [message for message in s.roots() if "due soon, most urgent first" in message.text]
    assert told.text.startswith(f"<!subteam^{AMAZON_TEAM}> 🟠 3 tickets are due soon")
    assert MANAGERS not in told.text


async def test_the_mornings_digest_says_what_came_and_what_is_at_risk_and_calls_nobody(desk_story):
    s = desk_story
    s.desk = replace(s.desk, digests=read_times("09:00", "off"))
    s.new_life()
    await arrive(s.db, s.desk, *(an_inbound(verdict=Verdict.CLAIM) for _ in range(2)))
    s.clock.move(24 * 3600)
    await s.db.write(lambda tx: decide_digests(tx, s.desk), now=s.clock.now())
    await s.send(rounds=3)
    (told,) = [message for message in s.roots() if "Good morning" in message.text]
    assert "Amazon IT: 2 new messages, 0 answers sent" in told.text
    assert "At risk now: 2 tickets" in told.text
    assert "<!" not in told.text
    assert "<@" not in told.text
