"""How well messages are read: floors somewhat below what docs/assist.md shows."""

from pathlib import Path

import pytest

from bot.assist.evaluate import accuracy, classes, macro_f1, main, read_all, report, risks
from bot.assist.labelled import Labelled, labelled
from bot.assist.lexicon import READ
from bot.assist.senses import Intent, LiveRisk

FOLDER = Path(__file__).parent / "messages"
MESSAGES = tuple(labelled(FOLDER))
HELD_OUT = tuple(each for each in MESSAGES if each.part == "held_out")
PAIRS = read_all(HELD_OUT)


def test_messages_are_many_in_every_language_and_none_is_there_twice() -> None:
    assert len(MESSAGES) >= 900
    assert len(HELD_OUT) >= 60
    assert {one.text for one in HELD_OUT}.isdisjoint(
        one.text for one in MESSAGES if one.part != "held_out"
    )
    for language in READ:
        those = [one for one in MESSAGES if one.language == language]
        assert len(those) >= 100
        assert {one.intent for one in those} == set(Intent)


def test_every_live_risk_is_among_the_messages() -> None:
    assert {risk for one in MESSAGES for risk in one.risks} == set(LiveRisk)


@pytest.mark.parametrize(
    ("question", "floor"),
    [
        ("language", 0.95),
        ("stage", 0.88),
        ("needs_answer", 0.95),
        ("urgency", 0.93),
        ("mood", 0.93),
    ],
)
def test_messages_never_tuned_on_are_read_well(question: str, floor: float) -> None:
    assert accuracy(PAIRS, question) >= floor


def test_their_intents_are_told() -> None:
    assert macro_f1(classes(PAIRS, "intent").values()) >= 0.8


@pytest.mark.parametrize("part", ["train", "first", "second", "third", "held_out", "threats"])
def test_a_live_risk_is_missed_at_most_once_in_twenty(part: str) -> None:
    pairs = read_all(each for each in MESSAGES if each.part == part)

    assert risks(pairs)["any live risk"].recall >= 0.95


def test_the_tables_name_every_class_and_language() -> None:
    text = "\n".join(report(PAIRS))

    assert all(f"| {language} |" in text for language in (*READ, "all"))
    assert all(f"| {name} |" in text for name in (*Intent, *LiveRisk))


def test_a_wrong_reading_costs_precision_of_one_class_and_recall_of_the_other() -> None:
    def message(intent: str, text: str) -> Labelled:
        return next(one for one in MESSAGES if one.intent == intent and one.text == text)

    thanks = message("thanks", "ok thx")
    cancel = message("cancel", "pls cancel my order i bought the wrong one")
    (_, read_thanks), (_, read_cancel) = read_all([thanks, cancel])
    scores = classes([(thanks, read_cancel), (cancel, read_cancel)], "intent")

    assert (scores["cancel"].precision, scores["cancel"].recall) == (0.5, 1.0)
    assert (scores["thanks"].recall, scores["thanks"].f1) == (0.0, 0.0)
    assert classes([(thanks, read_thanks)], "intent")["thanks"].f1 == 1.0


def test_a_folder_without_messages_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["held_out", str(tmp_path)]) == 1
    assert "No messages" in capsys.readouterr().err
    assert main(["held_out", str(FOLDER)]) == 0
    assert "| intent |" in capsys.readouterr().out


def test_a_label_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[train]\nlove_letter = ["hi"]\n', encoding="utf-8")

    with pytest.raises(ValueError, match="love_letter"):
        list(labelled(tmp_path))
