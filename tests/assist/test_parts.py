"""The parts that reading is made of: spelling, letters, leaning, duplicates, the word files."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.assist.duplicates import WITHIN, repeats
from bot.assist.leaning import Leaning
from bot.assist.letters import LetterModel
from bot.assist.lexicon import READ, lexicon, meant
from bot.assist.senses import BEARING, Intent, Sense
from bot.assist.spelling import Spelling
from sla_rules.topics import Topic

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SPELLING = Spelling(["cracked", "exploded", "replacement", "dannegg*", "refund"], ["cracker"])


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("crackked", "cracked"),
        ("crakced", "cracked"),
        ("replacment", "replacement"),
        ("replocement", "replacement"),
        ("daneggiato", "danneggiato"),
    ],
)
def test_a_slip_is_taken_for_the_word_that_was_meant(typed: str, word: str) -> None:
    assert SPELLING.meant(typed) == word


@pytest.mark.parametrize("word", ["cracker", "explored", "tracked", "refnd", "crkd", "cracked"])
def test_other_words_are_left_alone(word: str) -> None:
    assert SPELLING.meant(word) == word


def test_shorthand_is_written_out_in_its_own_language_only() -> None:
    assert meant("nn", "it") == "non"
    assert meant("nn", "en") == "nn"


def test_letters_tell_a_language_only_where_it_is_much_likelier() -> None:
    model = LetterModel({"de": ["schicken", "zurück"], "it": ["spedizione", "pacchetto"]})

    assert model.likeliest(["zuschicken"]) == "de"
    assert model.likeliest(["ok"]) is None
    assert model.likeliest([]) is None


def test_single_words_are_only_guessed_from_where_several_are_known() -> None:
    leaning = Leaning(
        [
            (Intent.INVOICE, ["vat", "number", "invoice"], 1.0),
            (Intent.RETURN, ["send", "label"], 1.0),
        ]
    )
    guess = leaning.guess(["number", "for", "vat"])

    assert guess is not None
    assert (guess.intent, guess.places) == (Intent.INVOICE, (0, 2))
    assert leaning.guess(["number"]) is None
    assert leaning.guess(["hello", "there"]) is None


@pytest.mark.parametrize(
    ("later", "after", "same"),
    [
        ("Where is it?", timedelta(minutes=3), True),
        ("WHERE IS IT!!", WITHIN, True),
        ("Where is it?", WITHIN + timedelta(seconds=1), False),
        ("Where is it?", -timedelta(seconds=1), False),
        ("Where is it now?", timedelta(minutes=3), False),
    ],
)
def test_the_same_words_soon_after_repeat(later: str, after: timedelta, *, same: bool) -> None:
    assert repeats(later, "where is it", at=NOON + after, before=NOON) is same


def test_what_has_no_words_repeats_nothing() -> None:
    assert not repeats("??", "!", at=NOON, before=NOON)


def test_every_sense_stands_for_something_and_every_topic_of_words_is_reached() -> None:
    assert set(BEARING) == set(Sense)
    reached = {bearing.topic for bearing in BEARING.values()} - {None}
    assert reached == set(Topic) - {Topic.REVIEW, Topic.OTHER}
    assert {bearing.intent for bearing in BEARING.values()} == set(Intent)


@pytest.mark.parametrize("language", READ)
def test_every_language_that_is_read_has_all_it_takes(language: str) -> None:
    known = lexicon()

    assert known.denial[language].words
    assert known.denial[language].between
    assert known.shorthand[language]
    assert len(known.book.parts(language)) > 500
