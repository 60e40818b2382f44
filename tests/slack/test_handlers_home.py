"""Choosing what one's Home shows: the choice stays through everything pressed on it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.home import HomeChoice, HomeQueue
from tests.slack.front import DANA, GIULIA, Front, a_front
from tests.slack.loopback import as_object


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


def newest(front: Front) -> dict[str, Any]:
    view: dict[str, Any] = as_object(front.slack.of("views.publish")[-1]["view"])
    return view


def showing(**choice: Any) -> dict[str, Any]:
    return {"type": "home", "private_metadata": HomeChoice(**choice).dump()}


async def test_a_queue_and_an_inbox_are_chosen_one_after_the_other(front: Front) -> None:
    number = await front.customer_writes()

    await front.press(GIULIA, "home_queue_chosen", "unclaimed", view=showing())
    assert HomeChoice.load(newest(front)["private_metadata"]).queue is HomeQueue.UNCLAIMED
    await front.press(GIULIA, "home_inbox", "amazon-it", view=newest(front))

    assert HomeChoice.load(newest(front)["private_metadata"]) == HomeChoice(
        queue=HomeQueue.UNCLAIMED, inbox="amazon-it"
    )
    assert f"#{number}" in str(newest(front)["blocks"])

    await front.press(GIULIA, "home_inbox", "-", view=newest(front))
    assert HomeChoice.load(newest(front)["private_metadata"]).inbox == ""


async def test_the_next_page_keeps_the_choice_and_a_new_one_begins_at_the_first(
    front: Front,
) -> None:
    chosen = showing(queue=HomeQueue.ALL, inbox="amazon-it")
    await front.press(GIULIA, "home_page_on", "1", view=chosen)
    assert HomeChoice.load(newest(front)["private_metadata"]) == HomeChoice(
        queue=HomeQueue.ALL, inbox="amazon-it", page=1
    )
    await front.press(GIULIA, "home_queue_mine", "mine", view=newest(front))
    assert HomeChoice.load(newest(front)["private_metadata"]) == HomeChoice(
        queue=HomeQueue.MINE, inbox="amazon-it"
    )


async def test_whoever_opens_it_again_sees_what_they_chose(front: Front) -> None:
    view = showing(queue=HomeQueue.WAITING)
    event = {"type": "app_home_opened", "user": GIULIA, "tab": "home", "view": view}
    await front.dispatch({"type": "event_callback", "event_id": "Ev1", "event": event})
    assert "Nobody is waited for." in str(newest(front)["blocks"])


async def test_only_whoever_leads_sees_the_team(front: Front) -> None:
    number = await front.customer_writes()
    await front.press(GIULIA, "claim", (await front.ticket(number)).id, view=showing())
    assert "The team" not in str(newest(front)["blocks"])

    await front.press(DANA, "home_queue_overview", "overview", view=showing())

    assert "The team" in str(newest(front)["blocks"])
    assert "Giulia Conti" in str(newest(front)["blocks"])
