"""Whom a ping calls in Slack, and where: quiet hours, and a message of one's own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import EffectKind, post_direct
from bot.domain.quiet_hours import PingWay, read_quiet
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import AMAZON_TEAM, ANNA, MANAGERS
from tests.builders import ANNA as OUR_ANNA
from tests.builders import an_inbound, answer, arrive, ticket
from tests.db.reading import rows
from tests.slack.executor_world import Story, opened, story, take


@pytest.fixture
async def desk_story(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        yield told


async def claimed(s, **changes):
    """A ticket of Anna's, who is in the sandbox's workspace, as she is."""
    roster = s.desk.roster
    anna = replace(roster.agents[OUR_ANNA], slack_id=ANNA, **changes)
    s.desk = replace(s.desk, roster=replace(roster, agents={**roster.agents, ANNA: anna}))
    s.new_life()
    ts = await opened(s)
    await take(s, actor=ANNA)
    return ts


async def warned(s, **changes):
    """What is posted when half of the internal target is over."""
    ts = await claimed(s, **changes)
    s.clock.move(6 * 3600 + 60)
    await s.fire()
    await s.send(rounds=2)
    (ping,) = [message for message in s.thread(ts) if "Half time" in message.text]
    return ping


async def test_a_person_with_quiet_hours_is_not_called_and_the_thread_says_who_is_instead(
    desk_story,
):
    asleep = read_quiet("14:00-20:00", "Europe/Rome")
    ping = await warned(desk_story, quiet=asleep)
    assert f"<!subteam^{AMAZON_TEAM}>" in ping.text
    assert f"<@{ANNA}>" not in ping.text
    assert "Not called: Anna Bassi, quiet hours until Tue 10 Mar 19:00 UTC" in ping.text


async def test_a_limit_that_ends_in_quiet_hours_calls_all_the_same_and_says_why(desk_story):
    asleep = read_quiet("14:00-13:00", "Europe/Rome")
    ping = await warned(desk_story, quiet=asleep)
    assert f"<@{ANNA}>" in ping.text
    assert "called all the same: Amazon's limit ends before that" in ping.text


async def test_who_wants_a_message_of_their_own_gets_one_and_the_thread_calls_nobody(desk_story):
    s = desk_story
    ping = await warned(s, pings=PingWay.DM)
    (direct,) = await directs(s)
    assert f"<@{ANNA}>" not in ping.text
    assert "Half time" in direct.text
    assert "Open the thread" in str(direct.blocks)
    await s.fire()
    await s.send(rounds=2)
    assert len(await directs(s)) == 1


async def test_a_message_of_ones_own_is_not_sent_for_an_answered_ticket(desk_story):
    s = desk_story
    await claimed(s)
    s.clock.move(60)
    view = await ticket(s.db)
    pings = [row.id for row in await rows(s.db, tables.ping)]
    effect = post_direct(view.id, pings, person=ANNA, cause="test")
    await s.db.write(lambda tx: tx.emit(effect), now=s.clock.now())
    await answer(s.db, s.desk, view.id, at=s.clock.now())
    await s.send(rounds=2)
    assert (await s.row(EffectKind.POST_DIRECT)).state == "superseded"


async def directs(s):
    """What Anna was told alone."""
    row = await s.row(EffectKind.POST_DIRECT)
    return s.slack.workspace.messages(row.result["channel"])


async def many_missed(s, count=5):
    """So many tickets whose internal target is over, and what is told of it in the channel."""
    await arrive(s.db, s.desk, *(an_inbound() for _ in range(count)))
    await s.send(rounds=count)
    s.clock.move(12 * 3600)
    assert await s.fire() == count


def lists(s):
    return [message for message in s.roots() if "missed a deadline" in message.text]


async def test_many_misses_are_one_message_that_lists_them_with_links_and_calls_once(desk_story):
    s = desk_story
    await many_missed(s)
    await s.send(rounds=2)
    (told,) = lists(s)
    shown = str(told.blocks)
    assert told.text.startswith(f"<!subteam^{MANAGERS}> 🔴 5 tickets have missed a deadline")
    assert told.text.count("<!subteam") == 1
    assert all(f"'text': '#{number}'" in shown for number in range(1, 6))
    assert shown.count("'type': 'link'") == 5


async def test_a_ticket_answered_before_the_list_is_posted_is_not_on_it(desk_story):
    s = desk_story
    await many_missed(s)
    view = await ticket(s.db)
    await answer(s.db, s.desk, view.id, at=s.clock.now())
    await s.send(rounds=2)
    (told,) = lists(s)
    assert "4 tickets have missed a deadline" in told.text
    outcomes = {row.outcome for row in await rows(s.db, tables.ping, ticket_id=view.id)}
    assert outcomes == {"answered"}


async def test_lists_that_waited_together_become_one(desk_story):
    s = desk_story
    await many_missed(s)
    s.clock.move(30 * 60)
    assert await s.fire() == 5
    await s.send(rounds=3)
    (told,) = lists(s)
    assert "5 tickets have missed a deadline" in told.text
    states = [row.state for row in await rows(s.db, tables.outbox, kind="post_together")]
    assert states == ["superseded", "sent"]


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER])
async def test_invariant_4_a_lost_answer_makes_no_second_list(desk_story, kind):
    s = desk_story
    await many_missed(s)
    s.fault("chat.postMessage", kind)
    await s.send(rounds=4, seconds=120)
    assert len(lists(s)) == 1


async def test_an_answer_and_its_ping_at_one_moment_call_nobody(desk_story):
    s = desk_story
    ts = await opened(s)
    s.clock.move(6 * 3600 + 60)
    view = await ticket(s.db)
    await asyncio.gather(s.fire(), answer(s.db, s.desk, view.id, at=s.clock.now()), s.fire())
    await s.send(rounds=3)
    assert all("Half time" not in message.text for message in s.thread(ts))
    assert all(row.outcome == "answered" for row in await rows(s.db, tables.ping))
