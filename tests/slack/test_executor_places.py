"""Effects whose place in Slack is gone, closed or refused."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.db.unit import Database
from bot.domain.effects import EffectKind, post_ops
from sandbox.slack.faults import FaultKind
from sandbox.slack.seed import AMAZON_IT, MANAGERS, OPS
from tests.builders import ANNA, BRUNO, a_ticket, ticket
from tests.db.outbox_world import states
from tests.slack.executor_world import Story, note, opened, story, take


@pytest.fixture
async def desk_story(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        yield told


async def test_an_archived_channel_sends_the_effect_to_ops_and_ends_it(desk_story):
    s = desk_story
    s.slack.workspace.channel(AMAZON_IT).is_archived = True
    await a_ticket(s.db, s.desk)
    await s.send()
    assert (await s.row(EffectKind.POST_ROOT)).state == "dead"
    (told,) = s.slack.workspace.messages(OPS)
    assert "#1" in told.text
    assert "archived" in told.text


async def test_a_breach_ping_whose_channel_is_gone_reaches_the_ops_channel(desk_story):
    s = desk_story
    await opened(s)
    s.slack.workspace.channel(AMAZON_IT).is_archived = True
    s.clock.move(25 * 3600)
    await s.fire()
    await s.send()
    assert (await s.row(EffectKind.POST_PING)).state == "dead"
    assert any("breach" in message.text for message in s.slack.workspace.messages(OPS))


async def test_the_bot_put_out_of_a_channel_says_what_to_do(desk_story):
    s = desk_story
    s.fault("chat.postMessage", FaultKind.ERROR, code="not_in_channel")
    await a_ticket(s.db, s.desk)
    await s.send()
    (told,) = s.slack.workspace.messages(OPS)
    assert "/invite" in told.text


async def test_a_revoked_token_pauses_slack_and_everything_goes_out_afterwards(desk_story):
    s = desk_story
    s.slack.core.app.token_error = "token_revoked"
    await a_ticket(s.db, s.desk)
    await s.send()
    assert list(s.sender.paused()) == ["slack"]
    tried = len(s.calls())
    await s.send(rounds=3)
    assert len(s.calls()) == tried
    s.slack.core.app.token_error = None
    s.clock.move(60)
    await s.send()
    assert len(s.roots()) == 1
    assert s.sender.paused() == {}


async def test_slack_unreachable_means_later_and_not_in_doubt(db):
    async with story(db) as s:
        await a_ticket(s.db, s.desk)
        s.client.base_url = "http://127.0.0.1:9/api/"
        s.new_life()
        await s.send()
        row = await s.row(EffectKind.POST_ROOT)
        assert row.state == "ready"
        s.client.base_url = s.slack.api_url
        s.new_life()
        s.clock.move(5)
        await s.send()
        assert len(s.roots()) == 1


async def test_a_card_too_old_to_edit_goes_on_below_itself_and_is_edited_there(desk_story):
    s = desk_story
    ts = await opened(s)
    s.fault("chat.update", FaultKind.ERROR, code="edit_window_closed")
    await take(s)
    await s.send()
    (fresh,) = s.thread(ts)
    assert fresh.blocks[0]["type"] == "header"
    await take(s, BRUNO, take_over_from=ANNA)
    await s.send(rounds=3)
    assert BRUNO in str(fresh.blocks)
    assert [m for m in s.thread(ts) if m.blocks[0]["type"] == "header"] == [fresh]


async def test_invariant_2_a_deleted_card_is_posted_again_once_and_its_thread_goes_on(desk_story):
    s = desk_story
    ts = await opened(s)
    s.slack.workspace.remove_message(s.slack.workspace.message(AMAZON_IT, ts))
    await take(s)
    await note(s)
    await s.send(rounds=5)
    (root,) = s.roots()
    assert (await ticket(s.db)).slack_ts == root.ts != ts
    assert ANNA in str(root.blocks)
    assert any("Called the carrier" in message.text for message in s.thread(root.ts))
    assert "dead" not in (await states(s.db)).values()


async def test_a_ticket_refused_by_its_channel_comes_back_when_the_channel_does(desk_story):
    s = desk_story
    s.slack.workspace.channel(AMAZON_IT).is_archived = True
    await a_ticket(s.db, s.desk)
    await s.send()
    s.slack.workspace.channel(AMAZON_IT).is_archived = False
    s.clock.move(13 * 3600)
    await s.fire()
    await s.send(rounds=4)
    (root,) = s.roots()
    assert any(f"<!subteam^{MANAGERS}>" in message.text for message in s.thread(root.ts))


async def test_an_ops_line_without_an_ops_channel_is_not_kept_for_ever(db):
    async with story(db) as s:
        s.desk = replace(s.desk, ops_channel=None)
        s.new_life()
        await s.db.write(lambda tx: tx.emit(post_ops("x", "hello")), now=s.clock.now())
        await s.send()
        assert (await s.row(EffectKind.POST_OPS)).state == "superseded"
