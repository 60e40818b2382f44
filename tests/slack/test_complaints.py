"""What other tools are blamed for in Slack, where no other test says that it cannot happen here."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.db.unit import Database
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import AMAZON_IT, SHOP
from tests.builders import AMAZON, an_inbound, arrive
from tests.slack.executor_world import Story, note, opened, story


@pytest.fixture
async def desk_story(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        yield told


async def test_an_inbox_that_moves_to_another_channel_leaves_its_threads_where_they_are(
    desk_story: Story,
) -> None:
    s = desk_story
    ts = await opened(s)
    moved = replace(s.desk.inboxes[AMAZON], channel=SHOP)
    s.desk = replace(s.desk, inboxes={**s.desk.inboxes, AMAZON: moved})
    s.new_life()

    await note(s, "Still here.")
    await arrive(s.db, s.desk, an_inbound(subject="A new one"))
    await s.send(rounds=3)

    assert "Still here." in str([reply.blocks for reply in s.thread(ts)])
    (fresh,) = s.roots(SHOP)
    assert "A new one" in fresh.text
    assert [root.ts for root in s.roots(AMAZON_IT)] == [ts]


async def test_a_ping_that_slack_held_up_says_how_late_it_is(desk_story: Story) -> None:
    s = desk_story
    ts = await opened(s)
    s.clock.move(6 * 3600)
    await s.fire()
    s.fault("chat.postMessage", FaultKind.RATELIMITED, retry_after=1)
    await s.send()
    assert s.thread(ts) == []
    s.clock.move(20 * 60)
    s.new_life()

    await s.send(rounds=3)

    (ping,) = s.thread(ts)
    assert "late" in ping.text
