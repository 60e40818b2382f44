"""What people say of themselves on their Home: away, language, where pings come, quiet hours."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from bot.db import tables
from bot.domain.home import HomeChoice, HomeQueue
from bot.domain.roster import Roster
from bot.language import Language, catalogues_in
from tests.slack.front import GIULIA, MARCO, STRANGER, VIOLA, Front, a_front
from tests.slack.loopback import as_object

HOME = {"type": "home", "private_metadata": HomeChoice(queue=HomeQueue.MINE).dump()}


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    async with a_front(tmp_path) as front:
        yield front


def newest(front: Front) -> dict[str, Any]:
    view: dict[str, Any] = as_object(front.slack.of("views.publish")[-1]["view"])
    return view


def words(view: dict[str, Any]) -> str:
    return str(view["blocks"])


def elements(view: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What can be pressed or chosen, by its id."""
    rows = [block["elements"] for block in view["blocks"] if block["type"] == "actions"]
    return {each["action_id"]: each for row in rows for each in row}


async def opens(front: Front, user: str) -> dict[str, Any]:
    event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D1"}
    event_id = f"Ev{len(front.slack.calls)}"
    await front.dispatch({"type": "event_callback", "event_id": event_id, "event": event})
    return newest(front)


async def chooses(front: Front, user: str, action: str, value: str) -> dict[str, Any]:
    option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    chosen = {"type": "static_select", "action_id": action, "selected_option": option}
    await front.dispatch(front._interaction(user, chosen | {"block_id": "b"}, view=HOME))
    return newest(front)


async def keeps_quiet(front: Front, begin: str | None, end: str | None) -> Any:
    await front.press(GIULIA, "own_quiet", "quiet", view=HOME)
    window = as_object(front.slack.of("views.open")[-1]["view"])
    times = {"from": begin, "to": end}
    state = {
        field: {field: {"type": "timepicker", "selected_time": time}}
        for field, time in times.items()
    }
    view = {**window, "id": "V0QUIET11", "state": {"values": state}}
    return await front.dispatch(
        {
            "type": "view_submission",
            "user": {"id": GIULIA},
            "team": {"id": "T0TEAM111"},
            "view": view,
        }
    )


async def test_a_home_says_how_things_stand_with_its_owner(front: Front) -> None:
    shown = await opens(front, GIULIA)

    assert "You are here: new tickets and pings reach you." in words(shown)
    assert "You have no quiet hours." in words(shown)
    assert elements(shown)["own_language"]["initial_option"]["text"]["text"] == "Usual: English"
    assert elements(shown)["own_pings"]["initial_option"]["value"] == "thread"


@pytest.mark.parametrize(
    ("action", "value", "said"),
    [
        ("go_away_1", "back", "You are away until you say that you are back"),
        ("go_away_2", "tomorrow", "You are away until "),
    ],
)
async def test_away_and_back_are_one_press_each_and_the_home_shows_it(
    front: Front, action: str, value: str, said: str
) -> None:
    await opens(front, GIULIA)

    await front.press(GIULIA, action, value, view=HOME)
    away = newest(front)
    told = as_object(front.slack.of("views.open")[-1]["view"])
    await front.press(GIULIA, "come_back", "back", view=HOME)
    back = newest(front)

    assert said in words(away)
    assert "go_away_1" not in elements(away)
    assert "no new tickets and no pings" in words(told)
    assert "You are here" in words(back)
    assert "come_back" not in elements(back)
    assert HomeChoice.load(back["private_metadata"]).queue is HomeQueue.MINE


async def test_a_language_is_chosen_and_left_to_slack_again(front: Front, tmp_path: Path) -> None:
    speaks_german = {**front.desk.roster.agents}
    speaks_german[GIULIA] = replace(speaks_german[GIULIA], speaks=Language.DE)
    await front.restarts_with(roster=Roster(agents=speaks_german))

    with catalogues_in(tmp_path):
        chosen = await chooses(front, GIULIA, "own_language", "it")
        usual = await chooses(front, GIULIA, "own_language", "usual")

    assert elements(chosen)["own_language"]["initial_option"]["value"] == "it"
    assert elements(usual)["own_language"]["initial_option"]["text"]["text"] == "Usual: Deutsch"


async def test_where_pings_come_is_chosen(front: Front) -> None:
    shown = await chooses(front, GIULIA, "own_pings", "dm")

    assert elements(shown)["own_pings"]["initial_option"]["value"] == "dm"
    assert "a message of your own" in (await front.command(GIULIA, "me"))["text"]


async def test_quiet_hours_are_kept_and_taken_back(front: Front) -> None:
    await opens(front, GIULIA)

    kept = await keeps_quiet(front, "20:00", "08:00")
    with_hours = await opens(front, GIULIA)
    await front.press(GIULIA, "own_quiet", "quiet", view=HOME)
    again = as_object(front.slack.of("views.open")[-1]["view"])
    await keeps_quiet(front, None, None)
    without = await opens(front, GIULIA)

    assert kept.status == 200
    assert not kept.body
    assert "Quiet hours from 20:00 to 08:00 (Europe/Rome)." in words(with_hours)
    assert [block["element"]["initial_time"] for block in again["blocks"]] == ["20:00", "08:00"]
    assert "You have no quiet hours." in words(without)


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        ("20:00", None, "Choose both times"),
        (None, "08:00", "Choose both times"),
        ("08:00", "08:00", "is all day"),
    ],
)
async def test_half_of_quiet_hours_and_all_day_are_refused_at_their_field(
    front: Front, begin: str | None, end: str | None, said: str
) -> None:
    refused = await keeps_quiet(front, begin, end)

    assert said in str(refused.body)
    assert "You have no quiet hours." in words(await opens(front, GIULIA))


async def test_a_choice_typed_draws_an_open_home_again_and_no_other(front: Front) -> None:
    await opens(front, GIULIA)
    await front.command(GIULIA, "me language it")
    await front.command(MARCO, "me language it")

    box = tables.outbox.c
    query = select(box.lane).where(box.kind == "publish_home")
    assert await front.db.read(lambda conn: list(conn.scalars(query))) == [f"home:{GIULIA}"]


async def test_who_only_looks_has_no_away_switch_and_a_stranger_has_nothing(front: Front) -> None:
    viewer = await opens(front, VIOLA)
    stranger = await opens(front, STRANGER)

    assert "own_language" in elements(viewer)
    assert not {"go_away_1", "go_away_2", "come_back"} & set(elements(viewer))
    assert "You are here" not in words(viewer)
    assert elements(stranger) == {}
