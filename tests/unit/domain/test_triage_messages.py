"""Triage held against invented messages of five languages."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.triage import triage
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Stage
from tests.builders import an_inbound

FOLDER = Path(__file__).parent / "messages"
LANGUAGES = ("de", "en", "es", "fr", "it")


def _messages(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    for group in table["group"]:
        for text in group["texts"]:
            yield group.get("language", name), text, group


EXPECTED = [row for language in LANGUAGES for row in _messages(language)]
LOOK_GRAVER = list(_messages("ordinary"))


@pytest.mark.parametrize(("language", "text", "expected"), EXPECTED + LOOK_GRAVER)
def test_a_message_is_taken_for_what_it_is(
    language: str, text: str, expected: dict[str, Any]
) -> None:
    judged = triage(an_inbound(subject="", text=text, stage=Stage.UNKNOWN))

    assert (judged.topic, judged.risk, judged.stage) == (
        Topic(expected["topic"]),
        Risk(expected["risk"]),
        Stage(expected["stage"]),
    )
    # A very short message may leave its language open; it is never taken for another one.
    assert judged.language in {language, None}


def test_the_messages_are_many_and_of_every_topic_that_words_can_tell() -> None:
    assert len(EXPECTED) >= 150
    assert len(LOOK_GRAVER) >= 60
    assert {row[2]["topic"] for row in EXPECTED + LOOK_GRAVER} == set(Topic) - {Topic.REVIEW}


def test_nearly_every_language_is_told() -> None:
    told = [
        triage(an_inbound(subject="", text=text)).language == language
        for language, text, _ in EXPECTED + LOOK_GRAVER
    ]
    assert sum(told) >= 0.95 * len(told)
