"""“How you are called…”, below what calls people: a window of one's own, wherever it is pressed."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import tables
from bot.domain.card import QueueRow
from bot.domain.digests import Digest, DigestKind
from bot.slack.blocks.digest import render_digest
from bot.slack.blocks.offer import Offer, render_offer
from bot.slack.blocks.thread import render_ping
from bot.slack.blocks.together import render_together
from sandbox.slack.blocks import validate_view
from tests.slack.front import GIULIA, STRANGER, Front, a_front
from tests.slack.loopback import as_object
from tests.unit.slack.scenes import NOON, a_desk, a_ping, a_row, a_ticket

UNTOUCHED = {"own_pings": "thread", "from": None, "to": None, "own_language": "usual"}


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


async def opens(front: Front, user: str = GIULIA, thread: str = "1770120000.000800") -> Any:
    await front.press(user, "own_calls", "calls", thread=thread)
    return as_object(front.slack.of("views.open")[-1]["view"])


async def keeps(front: Front, **chosen: str | None) -> Any:
    window = await opens(front)
    state: dict[str, Any] = {}
    for field, value in {**UNTOUCHED, **chosen}.items():
        option = {"selected_option": {"value": value}}
        state[field] = {field: {"selected_time": value} if field in {"from", "to"} else option}
    view = {**window, "id": "V0CALLS11", "state": {"values": state}}
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": view,
        }
    )


async def preference(front: Front) -> Mapping[str, Any] | None:
    row = await front.db.read(
        lambda conn: conn.execute(select(tables.preference)).mappings().one_or_none()
    )
    return {name: row[name] for name in ("quiet", "pings", "language")} if row else None


async def test_the_window_shows_how_things_are(front):
    window = await opens(front)
    assert validate_view(window) == []
    shown = {block["block_id"]: block["element"] for block in window["blocks"]}
    assert shown["own_pings"]["initial_option"]["value"] == "thread"
    assert shown["own_language"]["initial_option"]["value"] == "usual"
    assert "initial_time" not in shown["from"]


async def test_what_is_changed_there_is_kept_and_the_rest_goes_on_following_the_settings(front):
    await keeps(front, own_pings="dm")
    assert await preference(front) == {"quiet": None, "pings": "dm", "language": None}
    await keeps(front, own_pings="dm", own_language="it", **{"from": "20:00", "to": "08:00"})
    assert await preference(front) == {"quiet": "20:00-08:00", "pings": "dm", "language": "it"}


async def test_a_window_that_is_kept_as_it_was_changes_nothing(front):
    await keeps(front)
    assert await preference(front) is None


async def test_half_of_quiet_hours_is_said_in_the_window_and_nothing_is_kept(front):
    answer = await keeps(front, own_pings="dm", **{"from": "20:00"})
    assert "Choose both times" in answer.body
    assert await preference(front) is None


async def test_a_stranger_is_told_and_no_window_opens(front):
    await front.press(STRANGER, "own_calls", "calls", thread="1770120000.000800")
    assert front.slack.of("views.open") == []
    assert front.slack.answers


ROW: QueueRow = a_row()
DIGEST = Digest(kind=DigestKind.DAILY, counts=(), at_risk=(), more=0)


@pytest.mark.parametrize(
    "drawn",
    [
        render_ping(a_ticket(), [a_ping()], a_desk(), NOON, []),
        render_together([ROW], 1, a_desk(), NOON, []),
        render_digest(DIGEST, a_desk(), NOON),
        render_offer(Offer(rows=[ROW], of=1, ends_at=NOON), a_desk(), NOON),
    ],
    ids=["ping", "together", "digest", "look-ahead"],
)
def test_whatever_calls_people_ends_with_the_button(drawn):
    assert drawn.blocks[-1]["elements"][-1]["action_id"] == "own_calls"
