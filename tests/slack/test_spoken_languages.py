"""Whoever asks is answered in their language: commands, errors, windows, the Home."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.db import tables
from bot.db.preference_rows import keep_preference
from bot.language import Language, catalogues_in
from bot.slack.spoken import KNOWN_FOR, SpokenLanguages
from tests.languages import Text, write_catalogue, write_marked
from tests.slack.front import (
    DANA,
    GIULIA,
    MARCO,
    START,
    STRANGER,
    VIOLA,
    Front,
    StillClock,
    a_front,
    the_desk,
)
from tests.slack.loopback import as_object

NO_TICKET = "There is no ticket #{number}."
QUIETLESS = "You have no quiet hours."
HEADING = "Your desk"
HALF = "Choose both times, or neither to have no quiet hours."
WINDOW = "Quiet hours"
STRANGERS = "You are not on this desk's roster. Ask an admin to add you under [[agents]]."


@pytest.fixture
async def front(tmp_path: Path) -> AsyncIterator[Front]:
    plain = the_desk()
    spoken = {GIULIA: Language.DE, DANA: Language.FR, VIOLA: Language.ES}
    agents = {
        one: replace(agent, speaks=spoken.get(one)) for one, agent in plain.roster.agents.items()
    }
    roster = replace(plain.roster, agents=agents)
    async with a_front(tmp_path, replace(plain, roster=roster, language=Language.IT)) as front:
        yield front


@pytest.fixture
def said(tmp_path: Path) -> Path:
    """A folder of catalogues in which each text is marked with its language; Spanish has none."""
    texts = (NO_TICKET, QUIETLESS, HEADING, HALF, WINDOW, STRANGERS)
    write_marked(tmp_path, (Language.DE, Language.FR, Language.IT), texts)
    return tmp_path


def newest_home(front: Front) -> dict[str, Any]:
    view: dict[str, Any] = as_object(front.slack.of("views.publish")[-1]["view"])
    return view


def heading(view: dict[str, Any]) -> str:
    headers = (block for block in view["blocks"] if block["type"] == "header")
    return str(next(headers)["text"]["text"])


async def opens_home(front: Front, user: str, event_id: str = "Ev1") -> None:
    event = {"type": "app_home_opened", "user": user, "tab": "home", "channel": "D1"}
    await front.dispatch({"type": "event_callback", "event_id": event_id, "event": event})


@pytest.mark.parametrize(
    ("user", "answer"),
    [
        (GIULIA, "[de] There is no ticket #99."),
        (DANA, "[fr] There is no ticket #99."),
        (MARCO, "[it] There is no ticket #99."),
        (VIOLA, "There is no ticket #99."),
        (STRANGER, f"[it] {STRANGERS}"),
    ],
)
async def test_an_error_is_told_in_the_language_of_whoever_made_it(
    front: Front, said: Path, user: str, answer: str
) -> None:
    with catalogues_in(said):
        told = await front.command(user, "status 99")

    assert told["text"] == answer


async def test_what_is_said_to_the_bot_is_answered_in_the_language_of_whoever_said_it(
    front: Front, said: Path
) -> None:
    with catalogues_in(said):
        await front.mention(GIULIA, "status 99")

    assert front.slack.of("chat.postEphemeral")[-1]["text"] == "[de] There is no ticket #99."


async def test_a_window_and_what_is_wrong_in_it_are_in_the_language_of_whoever_opened_it(
    front: Front, said: Path
) -> None:
    with catalogues_in(said):
        await front.press(GIULIA, "own_quiet", "quiet", view={"type": "home"})
        window = as_object(front.slack.of("views.open")[-1]["view"])
        window |= {
            "id": "V0QUIET11",
            "state": {"values": {"from": {"from": {"selected_time": "20:00"}}}},
        }
        refused = await front.dispatch(
            {"type": "view_submission", "user": {"id": GIULIA}, "view": window}
        )

    assert window["title"]["text"] == "[de] Quiet hours"
    assert f"[de] {HALF}" in str(refused.body)


async def test_a_home_is_drawn_in_the_language_of_its_owner(front: Front, said: Path) -> None:
    with catalogues_in(said):
        await opens_home(front, DANA)

    assert heading(newest_home(front)) == "[fr] Your desk"


async def test_requests_at_the_same_time_do_not_mix_their_languages(
    front: Front, said: Path
) -> None:
    people = {GIULIA: "[de]", DANA: "[fr]", MARCO: "[it]"}

    with catalogues_in(said):
        await asyncio.gather(
            *(
                front.command(user, f"status {900 + 10 * n + at}")
                for n in range(4)
                for at, user in enumerate(people)
            )
        )

    found = sorted(each["text"] for each in front.slack.answers)
    assert found == sorted(
        f"{mark} There is no ticket #{900 + 10 * n + at}."
        for n in range(4)
        for at, mark in enumerate(people.values())
    )


async def test_a_language_chosen_in_slack_goes_before_all_else_from_its_own_answer_on(
    front: Front, said: Path
) -> None:
    with catalogues_in(said):
        chosen = await front.command(GIULIA, "me language Français")
        after = await front.command(GIULIA, "status 99")
        await opens_home(front, GIULIA)
        usual = await front.command(GIULIA, "me language usual")

    assert f"[fr] {QUIETLESS}" in chosen["text"]
    assert "I speak Français to you." in chosen["text"]
    assert after["text"].startswith("[fr]")
    assert heading(newest_home(front)) == "[fr] Your desk"
    assert f"[de] {QUIETLESS}" in usual["text"]


async def test_a_language_chosen_on_the_home_redraws_it_in_that_language(
    front: Front, said: Path
) -> None:
    option = {"text": {"type": "plain_text", "text": "Français"}, "value": "fr"}
    chosen = {"type": "static_select", "action_id": "own_language", "selected_option": option}
    with catalogues_in(said):
        await opens_home(front, GIULIA)
        before = newest_home(front)
        await front.dispatch(
            {
                "type": "block_actions",
                "user": {"id": GIULIA},
                "trigger_id": "trigger-1",
                "actions": [chosen | {"block_id": "b", "action_ts": "1"}],
                "view": {"id": "V0HOME111", "type": "home", "private_metadata": ""},
                "container": {"type": "view"},
            }
        )

    assert heading(before) == "[de] Your desk"
    assert heading(newest_home(front)) == "[fr] Your desk"


async def test_me_shows_which_language_is_spoken(front: Front, said: Path) -> None:
    with catalogues_in(said):
        assert "I speak Deutsch to you." in (await front.command(GIULIA, "me"))["text"]


async def test_a_language_that_the_bot_does_not_speak_is_refused_with_those_it_does(
    front: Front, said: Path
) -> None:
    with catalogues_in(said):
        told = await front.command(GIULIA, "me language klingon")
        asked = await front.command(GIULIA, "me language")

    assert "“klingon” is no language that I speak: say en, it, fr, de or es." in told["text"]
    assert "Which one: en, it, fr, de or es?" in asked["text"]
    assert "/ticket me language it" in asked["text"]


async def test_a_choice_made_elsewhere_is_known_within_a_minute(front: Front, said: Path) -> None:
    """Another process wrote it: this one is not told."""
    with catalogues_in(said):
        await front.command(MARCO, "status 99")
        await chosen_elsewhere(front, MARCO, "de")
        at_once = await front.command(MARCO, "status 99")
        front.clock.at += timedelta(seconds=KNOWN_FOR + 1)
        later = await front.command(MARCO, "status 99")

    assert at_once["text"].startswith("[it]")
    assert later["text"].startswith("[de]")


async def chosen_elsewhere(front: Front, user: str, language: str) -> None:
    await front.db.write(
        lambda tx: keep_preference(tx.conn, user, now=tx.now, language=language),
        now=front.clock.at,
    )


async def test_what_is_chosen_while_it_is_read_is_not_forgotten(front: Front) -> None:
    clock = StillClock()
    languages = SpokenLanguages(front.db, lambda: front.desk, clock)
    await languages.of(MARCO)
    clock.at = START + timedelta(seconds=KNOWN_FOR + 1)

    reading = asyncio.create_task(languages.of(MARCO))
    await asyncio.sleep(0)
    languages.change(MARCO, Language.ES)
    await reading

    assert await languages.of(MARCO) is Language.ES


async def test_choices_that_cannot_be_read_cost_no_answer(front: Front, said: Path) -> None:
    await front.db.write(lambda tx: tables.preference.drop(tx.conn), now=front.clock.at)

    with capture_logs() as logs, catalogues_in(said):
        told = await front.command(GIULIA, "status 99")

    assert told["text"] == "[de] There is no ticket #99."
    assert [each["event"] for each in logs] == ["language.choices_unread"]


async def test_what_is_known_is_not_read_again_for_each_request(front: Front) -> None:
    languages = SpokenLanguages(front.db, lambda: front.desk, front.clock)
    await chosen_elsewhere(front, MARCO, "es")
    await languages.of(MARCO)
    await front.db.write(lambda tx: tables.preference.drop(tx.conn), now=front.clock.at)

    with capture_logs() as logs:
        known = [await languages.of(MARCO) for _ in range(3)]
    with capture_logs() as later:
        front.clock.at += timedelta(seconds=KNOWN_FOR + 1)
        old = [await languages.of(MARCO) for _ in range(3)]

    assert known == old == [Language.ES] * 3
    assert logs == []
    assert [each["event"] for each in later] == ["language.choices_unread"]


async def test_a_language_in_a_row_that_is_spoken_no_more_is_as_if_none_was_chosen(
    front: Front, said: Path
) -> None:
    await chosen_elsewhere(front, GIULIA, "de")
    await front.db.write(
        lambda tx: tx.conn.execute(update(tables.preference).values(language="pt")),
        now=front.clock.at,
    )
    with catalogues_in(said):
        assert (await front.command(GIULIA, "status 99"))["text"].startswith("[de]")


async def test_a_broken_placeholder_costs_its_sentence_only_and_is_logged_with_its_line(
    front: Front, tmp_path: Path
) -> None:
    said: dict[Text, Text] = {
        NO_TICKET: "Es gibt kein Ticket #{nummer}.",
        QUIETLESS: "Du hast keine Ruhezeiten.",
    }
    write_catalogue(tmp_path, Language.DE, said)

    with capture_logs() as logs, catalogues_in(tmp_path):
        broken = await front.command(GIULIA, "status 99")
        sound = await front.command(GIULIA, "me")

    assert broken["text"] == "There is no ticket #99."
    assert "Du hast keine Ruhezeiten." in sound["text"]
    (slip,) = [each for each in logs if each["event"] == "language.slip"]
    assert slip["problem"].startswith("de.po, line ")


async def test_a_language_file_nobody_can_read_costs_no_answer(
    front: Front, tmp_path: Path
) -> None:
    (tmp_path / "de.po").write_bytes(b"\xff\xfe nonsense")

    with capture_logs() as logs, catalogues_in(tmp_path):
        told = await front.command(GIULIA, "status 99")

    assert told["text"] == "There is no ticket #99."
    assert [each["event"] for each in logs] == ["language.unreadable"]
