"""Answers begun and not sent: kept, offered again, handed over, thrown away."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.jobs.prune import Pruner
from tests.slack.front import GIULIA, MARCO, Front, a_front
from tests.slack.macro_world import (
    a_desk,
    asked,
    drafts,
    field,
    next_view,
    opened,
    submits,
    text_of,
    updated,
    with_text,
)


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path, a_desk()) as front:
        yield front


async def test_a_draft_is_there_again_after_the_window_was_closed(front: Front) -> None:
    number = await asked(front)
    view = await opened(front, number)
    await front.dispatch(
        {
            "type": "view_closed",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "is_cleared": False,
            "view": with_text(view, "Half a sent"),
        }
    )
    again = await opened(front, number)
    assert text_of(again) == "Half a sent"
    assert "Your draft of " in str(again["blocks"])


async def test_a_window_closed_without_words_keeps_the_draft_there_was(front: Front) -> None:
    number = await asked(front)
    view = await opened(front, number)
    await front.press(GIULIA, "keep_draft", "keep", view=with_text(view, "Kept"))
    closed = {"type": "view_closed", "user": {"id": GIULIA}, "team": {"id": "T0TEAM111"}}
    await front.dispatch({**closed, "is_cleared": False, "view": {**view, "id": "V1"}})
    assert await drafts(front, number) == [(GIULIA, "Kept")]


async def test_a_kept_draft_can_be_thrown_away(front: Front) -> None:
    number = await asked(front)
    view = await opened(front, number)
    await front.press(GIULIA, "keep_draft", "keep", view=with_text(view, "Kept"))
    kept = updated(front)
    assert text_of(kept) == "Kept"
    await front.press(GIULIA, "drop_draft", "own", view=with_text(kept, "Kept"))
    assert text_of(updated(front)) == ""
    assert await drafts(front, number) == []


async def test_a_refused_preview_keeps_the_words_and_sending_drops_them(front: Front) -> None:
    number = await asked(front)
    view = await opened(front, number)
    await submits(front, view, "forbidden")
    assert await drafts(front, number) == [(GIULIA, "forbidden")]

    preview = next_view(await submits(front, view, "It left."))
    assert await drafts(front, number) == [(GIULIA, "It left.")]
    queued = next_view(await submits(front, preview, "It left."))
    assert await drafts(front, number) == []

    (reply,) = await front.outgoing()
    await front.press(GIULIA, "undo", reply.id, view={**queued, "id": "V0REPLY11"})
    assert await drafts(front, number) == [(GIULIA, "It left.")]


async def test_a_draft_goes_to_whom_the_ticket_is_given_and_to_nobody_else(front: Front) -> None:
    number = await asked(front)
    view = await opened(front, number)
    await front.press(GIULIA, "keep_draft", "keep", view=with_text(view, "Begun by Giulia"))
    assert "Begun by Giulia" not in str(await opened(front, number, MARCO))

    await front.command(GIULIA, f"assign {number} <@{MARCO}|marco>")
    handed = await opened(front, number, MARCO)
    assert "Giulia Conti's draft of " in str(handed["blocks"])
    assert text_of(handed) == ""
    await front.press(MARCO, "use_draft", GIULIA, view=with_text(handed, "Ciao,"))
    assert text_of(updated(front)) == "Ciao,\n\nBegun by Giulia"


async def test_an_old_draft_is_forgotten(front: Front) -> None:
    number = await asked(front)
    view = await opened(front, number)
    await front.press(GIULIA, "keep_draft", "keep", view=with_text(view, "Kept"))
    front.clock.at += timedelta(days=31)
    await Pruner(front.db, lambda: front.desk, front.clock).prune()
    assert await drafts(front, number) == []


async def test_facts_of_the_ticket_and_the_room_there_is_stand_in_the_window(front: Front) -> None:
    view = await opened(front, await asked(front))
    assert "Language: Italian" in str(view["blocks"])
    preview = next_view(await submits(front, view, "Ciao"))
    hint = field(preview)["hint"]["text"]
    assert hint.startswith("4 of ")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("!parcel", "Your parcel: ⟦tracking.url⟧"), ("forbidden words", "forbidden words")],
)
async def test_what_a_command_could_not_send_is_in_the_window(
    front: Front, typed: str, kept: str
) -> None:
    number = await asked(front)
    await front.command(GIULIA, f"reply {number} {typed}")
    assert await front.outgoing() == []
    assert text_of(await opened(front, number)) == kept
