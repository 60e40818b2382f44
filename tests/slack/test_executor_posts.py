"""Effects against a Slack that is as strict as Slack, and fails on command."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import EffectKind, update_card
from bot.outbox import store
from bot.usecases.resolve import Resolve, resolve
from sandbox.slack.faults import FaultKind
from sandbox.slack.limits import LimitSettings
from sandbox.slack.seed import AMAZON_IT, AMAZON_TEAM, MANAGERS, OPS
from tests.builders import ANNA, a_ticket, an_inbound, answer, arrive, hours, ticket
from tests.db.outbox_world import states
from tests.slack.executor_world import Story, note, opened, story, take


@pytest.fixture
async def desk_story(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        yield told


async def test_a_ticket_becomes_a_card_in_its_channel_that_remembers_where_it_is(desk_story):
    s = desk_story
    ts = await opened(s)
    (root,) = s.roots()
    view = await ticket(s.db)
    assert root.ts == ts
    assert view.slack_channel == AMAZON_IT
    assert view.permalink == s.slack.workspace.permalink(root)
    assert root.blocks[0]["type"] == "header"
    assert root.metadata["event_type"] == "threadline"


async def test_later_messages_and_notes_go_below_the_card_in_order(desk_story):
    s = desk_story
    first = an_inbound(thread="case-a")
    await arrive(s.db, s.desk, first)
    await arrive(s.db, s.desk, an_inbound(thread="case-a", text="Hello?"))
    await note(s)
    await s.send(rounds=2)
    (root,) = s.roots()
    texts = [message.text for message in s.thread(root.ts)]
    assert ["Hello?" in texts[0], "Called the carrier." in texts[1]] == [True, True]


async def test_a_claim_is_one_edit_and_an_unchanged_card_costs_no_call(desk_story):
    s = desk_story
    await opened(s)
    await take(s)
    await s.send()
    assert s.calls() == ["chat.postMessage", "chat.getPermalink", "chat.update"]
    view = await ticket(s.db)
    await s.db.write(
        lambda tx: tx.emit(update_card(view.id, 99, channel=AMAZON_IT)), now=s.clock.now()
    )
    await s.send()
    assert s.calls().count("chat.update") == 1
    assert (await states(s.db))[f"card:{view.id}:99"] == "superseded"


async def test_an_unchanged_card_costs_no_call_in_the_next_life_either(desk_story):
    s = desk_story
    await opened(s)
    await take(s)
    await s.send()
    s.new_life()
    view = await ticket(s.db)
    await s.db.write(
        lambda tx: tx.emit(update_card(view.id, 99, channel=AMAZON_IT)), now=s.clock.now()
    )
    await s.send()
    assert s.calls().count("chat.update") == 1


async def test_an_edit_before_the_card_is_out_needs_no_call(desk_story):
    s = desk_story
    await a_ticket(s.db, s.desk)
    await take(s)
    await s.send(rounds=2)
    assert "chat.update" not in s.calls()
    (root,) = s.roots()
    assert ANNA in str(root.blocks)


LOST = [FaultKind.TIMEOUT_AFTER, FaultKind.CUT_AFTER, FaultKind.SERVER_ERROR_AFTER]
UNSENT = [FaultKind.TIMEOUT_BEFORE, FaultKind.CUT_BEFORE, FaultKind.SERVER_ERROR]


@pytest.mark.parametrize("kind", LOST)
async def test_invariant_2_a_lost_answer_makes_no_second_card(desk_story, kind):
    s = desk_story
    s.fault("chat.postMessage", kind)
    await a_ticket(s.db, s.desk)
    await s.send(rounds=3)
    (root,) = s.roots()
    view = await ticket(s.db)
    assert (view.slack_ts, view.permalink) == (root.ts, s.slack.workspace.permalink(root))
    assert s.calls().count("chat.postMessage") == 1


@pytest.mark.parametrize("kind", UNSENT)
async def test_what_slack_never_got_is_posted_again_after_a_look(desk_story, kind):
    s = desk_story
    s.fault("chat.postMessage", kind)
    await a_ticket(s.db, s.desk)
    await s.send(rounds=3)
    assert len(s.roots()) == 1
    assert s.calls("conversations.") == ["conversations.history"]


@pytest.mark.parametrize("kind", LOST)
async def test_invariant_4_a_lost_answer_makes_no_second_ping(desk_story, kind):
    s = desk_story
    ts = await opened(s)
    s.clock.move(13 * 3600)
    assert await s.fire() == 1
    s.fault("chat.postMessage", kind)
    await s.send(rounds=3)
    assert len(s.thread(ts)) == 1
    assert (await s.row(EffectKind.POST_PING)).state == "sent"
    assert "conversations.replies" in s.calls("conversations.")


async def test_invariant_2_a_process_killed_after_posting_makes_no_second_card(desk_story):
    s = desk_story
    await a_ticket(s.db, s.desk)
    rows = await s.db.read(_ready)
    now = s.clock.now()
    (leased,) = await s.db.write(
        lambda tx: store.lease(tx.conn, rows, now=now, until=now + hours(1)), now=now
    )
    await s.executor.send(leased)
    assert (await ticket(s.db)).slack_ts is None

    s.new_life()
    await s.sender.recover()
    await s.send(rounds=2)
    (root,) = s.roots()
    assert (await ticket(s.db)).slack_ts == root.ts


def _ready(conn):
    return list(conn.scalars(select(tables.outbox.c.id).where(tables.outbox.c.state == "ready")))


async def test_while_history_cannot_be_read_an_effect_is_posted_twice_at_most(desk_story):
    s = desk_story
    s.fault("conversations.history", FaultKind.ERROR, code="missing_scope", times=9)
    s.fault("chat.postMessage", FaultKind.TIMEOUT_BEFORE, times=9)
    await a_ticket(s.db, s.desk)
    await s.send(rounds=6, seconds=30)
    root = await s.row(EffectKind.POST_ROOT)
    assert root.state == "unsure"
    tried = [c for c in s.slack.core.calls if c.method == "chat.postMessage"]
    assert len([c for c in tried if c.args["channel"] == AMAZON_IT]) == 2


async def test_a_log_line_nobody_can_look_up_is_not_repeated(desk_story):
    s = desk_story
    ts = await opened(s)
    await note(s)
    s.fault("chat.postMessage", FaultKind.TIMEOUT_AFTER)
    s.fault("conversations.replies", FaultKind.ERROR, code="missing_scope")
    await s.send(rounds=3)
    assert len(s.thread(ts)) == 1
    assert (await s.row(EffectKind.POST_LOG)).state == "superseded"


async def test_a_429_waits_as_long_as_slack_says_and_loses_nothing(desk_story):
    s = desk_story
    s.fault("chat.postMessage", FaultKind.RATELIMITED, retry_after=7)
    await a_ticket(s.db, s.desk)
    await s.send()
    s.clock.move(6)
    await s.send()
    assert s.roots() == []
    s.clock.move(1)
    await s.send()
    assert len(s.roots()) == 1
    assert (await s.row(EffectKind.POST_ROOT)).attempts == 1


async def test_a_throttled_edit_holds_no_posts(desk_story):
    s = desk_story
    ts = await opened(s)
    s.fault("chat.update", FaultKind.RATELIMITED, retry_after=60)
    await take(s)
    await note(s)
    await s.send()
    assert len(s.thread(ts)) == 1


async def test_our_own_pace_stays_within_slacks_limits(db):
    async with story(db, limits=LimitSettings()) as s:
        await arrive(s.db, s.desk, *(an_inbound() for _ in range(12)))
        for _ in range(12):
            await s.sender.drain(patience=0)
            s.clock.move(1.0)
        assert len(s.roots()) >= 12
        assert not [c for c in s.slack.core.calls if c.status == 429]


async def test_a_refused_layout_is_posted_as_plain_words_at_once_and_ops_is_told(desk_story):
    s = desk_story
    ts = await opened(s)
    s.clock.move(25 * 3600)
    await s.fire()
    s.fault("chat.postMessage", FaultKind.ERROR, code="invalid_blocks")
    await s.send()
    (ping,) = s.thread(ts)
    assert ping.blocks == [] or "Missed" in str(ping.blocks)
    assert f"<!subteam^{MANAGERS}>" in ping.text
    assert any("layout" in message.text for message in s.slack.workspace.messages(OPS))


async def test_a_ping_calls_the_group_while_nobody_has_claimed_then_the_assignee(desk_story):
    s = desk_story
    ts = await opened(s)
    s.clock.move(6 * 3600 + 60)
    await s.fire()
    await s.send()
    await take(s)
    s.clock.move(4 * 3600)
    await s.fire()
    await s.send()
    first, second = s.thread(ts)
    assert f"<!subteam^{AMAZON_TEAM}>" in first.text
    assert f"<@{ANNA}>" in second.text
    assert AMAZON_TEAM not in second.text


async def test_a_ping_of_a_ticket_answered_meanwhile_is_dropped_at_the_last_moment(desk_story):
    s = desk_story
    ts = await opened(s)
    s.clock.move(6 * 3600 + 60)
    assert await s.fire() == 1
    view = await ticket(s.db)
    await answer(s.db, s.desk, view.id, at=s.clock.now())
    await s.send()
    assert (await s.row(EffectKind.POST_PING)).state == "superseded"
    assert all("Half time" not in message.text for message in s.thread(ts))


async def test_pings_that_waited_together_become_the_gravest_one(desk_story):
    s = desk_story
    await a_ticket(s.db, s.desk)
    for _ in range(3):
        s.clock.move(6 * 3600)
        await s.fire()
    await s.send(rounds=3)
    (root,) = s.roots()
    (ping,) = [m for m in s.thread(root.ts) if "<!subteam" in m.text]
    assert "last ping" in ping.text


async def test_claim_reply_and_resolve_cost_six_calls_at_most(desk_story):
    s = desk_story
    await opened(s)
    before = len(s.calls())
    await take(s)
    await s.send()
    view = await ticket(s.db)
    await answer(s.db, s.desk, view.id, at=s.clock.now() + hours(1))
    await s.send(rounds=2, seconds=6)
    command = Resolve(ticket_id=view.id, actor=ANNA)
    await s.db.write(lambda tx: resolve(tx, s.desk, command), now=s.clock.now())
    await s.send(rounds=2, seconds=6)
    assert len(s.calls()) - before <= 6
