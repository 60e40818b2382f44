"""The first words: in a channel that the bot was invited to, and on a Home that is opened the first time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import post_welcome
from bot.slack.blocks.welcome import render_welcome
from sandbox.slack.seed import AMAZON_IT, OPS, SHOP
from tests.slack.executor_world import Story, sandbox_desk, story
from tests.slack.front import BOT, CHANNEL, GIULIA, MARCO, Front, a_front

DESK = sandbox_desk()


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as made:
        yield made


@pytest.fixture
async def desk_story(db: Database) -> AsyncIterator[Story]:
    async with story(db) as told:
        yield told


async def joins(front: Front, user: str, *, event_id: str = "Ev7", channel: str = CHANNEL) -> None:
    await front.dispatch(
        {
            "type": "event_callback",
            "event_id": event_id,
            "event": {"type": "member_joined_channel", "user": user, "channel": channel},
            "authorizations": [{"user_id": BOT, "is_bot": True}],
        }
    )


async def welcomes(front: Front) -> list[str]:
    box = tables.outbox.c
    query = select(box.lane_group).where(box.kind == "post_welcome")
    return await front.db.read(lambda conn: list(conn.scalars(query)))


async def test_the_bot_greets_a_channel_once_however_often_it_joins_or_slack_says_so(front):
    await joins(front, BOT)
    await joins(front, BOT)
    await joins(front, BOT, event_id="Ev8")
    assert await welcomes(front) == [f"slack:{CHANNEL}"]


async def test_a_colleague_who_joins_is_nobodys_matter(front):
    await joins(front, MARCO)
    assert await welcomes(front) == []


async def test_two_channels_are_greeted_each(front):
    await joins(front, BOT)
    await joins(front, BOT, event_id="Ev8", channel="C0SHOP111")
    assert len(await welcomes(front)) == 2


async def test_the_welcome_is_posted_once_and_calls_nobody(desk_story):
    s = desk_story
    for _ in range(2):
        await s.db.write(lambda tx: tx.emit(post_welcome(AMAZON_IT)), now=s.clock.now())
        await s.send(rounds=2)
    (posted,) = s.roots()
    assert "Inboxes that post here: Amazon IT." in posted.text
    assert "<@" not in posted.text


def lines_of(channel: str, desk: Any = DESK) -> list[str]:
    (block,) = render_welcome(channel, desk).blocks
    return [line["elements"][0]["text"] for line in block["elements"][1]["elements"]]


def test_it_says_in_five_lines_what_happens_who_posts_how_to_answer_when_it_is_quiet_and_help():
    what, who, how, quiet, more = lines_of(AMAZON_IT)
    assert "card with its deadlines" in what
    assert who == "Inboxes that post here: Amazon IT."
    assert "Claim takes a ticket, Reply answers it." in how
    assert "/ticket me quiet 20:00-08:00" in quiet
    assert more.endswith("/ticket help")


def test_where_no_inbox_posts_it_says_the_line_to_write():
    assert f'writes channel = "{SHOP}" into the table of an inbox' in lines_of(SHOP)[1]


def test_in_the_ops_channel_it_says_what_is_told_there():
    assert "tell whoever runs me" in lines_of(OPS)[0]


def test_of_very_many_inboxes_some_are_named():
    one = DESK.inboxes["amazon-it"]
    many = {f"i{n}": replace(one, name=f"i{n}", label=f"Shop {n}") for n in range(40)}
    named = lines_of(AMAZON_IT, replace(DESK, inboxes=many))[1]
    assert named.endswith("Shop 9, ….")


async def opened_home(front: Front) -> str:
    await front.dispatch(
        {
            "type": "event_callback",
            "event_id": f"EvH{len(front.slack.of('views.publish'))}",
            "event": {"type": "app_home_opened", "user": GIULIA, "tab": "home"},
        }
    )
    return str(front.slack.of("views.publish")[-1]["view"])


async def test_a_home_says_welcome_the_first_time_it_is_opened_and_never_again(front):
    assert "Welcome!" in await opened_home(front)
    assert "Welcome!" not in await opened_home(front)
