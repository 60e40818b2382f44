"""What is posted to a whole channel: the one list of a storm and its end, and the morning's digest."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.db.unit import Database
from bot.domain.digests import read_times
from bot.domain.surge import Mode
from bot.jobs.surge import SurgeWatch
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.lanes import Rate
from bot.slack.limits import SlackLimits
from bot.usecases.digests import decide_digests
from bot.usecases.surge import SetSurge, set_surge, watch_surge
from connectors.contract import Verdict
from sandbox.slack.faults import FaultKind
from sandbox.slack.manifest_default import default_manifest
from sandbox.slack.seed import AMAZON_IT, AMAZON_TEAM, MANAGERS, OPS
from tests.builders import CARLA, an_inbound, arrive, hours
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


async def test_the_list_is_pinned_while_the_storm_lasts_and_in_nobodys_way_afterwards(desk_story):
    s = desk_story
    await decide(s, Mode.ON)
    await a_minute_later(s)
    assert [board.pinned for board in boards(s)] == [True]
    await decide(s, Mode.OFF)
    await a_minute_later(s)
    assert [board.pinned for board in boards(s)] == [False]
    assert s.calls("pins.") == ["pins.add", "pins.remove"]


async def test_a_list_that_cannot_be_pinned_is_there_all_the_same_and_said_once(desk_story):
    s = desk_story
    manifest = default_manifest()
    manifest["oauth_config"]["scopes"]["bot"].remove("pins:write")
    s.slack.install(manifest)
    await decide(s, Mode.ON)
    await a_minute_later(s)
    (board,) = boards(s)
    assert not board.pinned
    assert s.calls("chat.update")
    (told,) = [message.text for message in s.roots(OPS) if "pinned" in message.text]
    assert f"in {AMAZON_IT} could not be pinned or unpinned: the app lacks a permission" in told


async def test_a_pin_whose_answer_was_lost_is_no_trouble(desk_story):
    s = desk_story
    s.fault("pins.add", FaultKind.TIMEOUT_AFTER)
    await decide(s, Mode.ON)
    await s.send(rounds=3, seconds=120)
    assert [board.pinned for board in boards(s)] == [True]
    assert not [message for message in s.roots(OPS) if "pinned" in message.text]


async def test_in_a_storm_a_claim_and_what_is_nearly_due_come_before_what_is_far_off(desk_story):
    s = desk_story
    s.sender = Dispatcher(
        s.db,
        dict.fromkeys(s.executor.kinds, s.executor),
        s.clock,
        SlackLimits({f"slack:{AMAZON_IT}:posts": Rate(per_second=0.01, burst=1)}),
    )
    await decide(s, Mode.ON)
    far = [an_inbound(subject=f"A far parcel {each}") for each in range(3)]
    await arrive(s.db, s.desk, *far, now=s.clock.now())
    near = an_inbound(subject="A near parcel", sent_at=s.clock.now() - hours(22.5))
    await arrive(s.db, s.desk, near, now=s.clock.now(), received_at=s.clock.now())
    claim = an_inbound(subject="A lost parcel", verdict=Verdict.CLAIM, sent_at=s.clock.now())
    await arrive(s.db, s.desk, claim, now=s.clock.now())
    await SurgeWatch(s.db, lambda: s.desk, s.clock).look()
    await s.send(rounds=6, seconds=120)
    cards = [card.text for card in s.roots() if not card.text.startswith("🌊")]
    order = [
        next(each for each in ("near", "lost", "far") if f"{each} parcel" in card) for card in cards
    ]
    assert order == ["near", "lost", "far", "far", "far"]


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
