import time

import pytest

from bot.assist.lexicon import lexicon
from bot.assist.phrasebook import MAX_GAP, Cue, Phrasebook, words_of
from bot.assist.reading import HEAD, TAIL
from bot.assist.senses import Sense
from bot.domain.triage import triage
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk
from tests.builders import an_inbound


def _hits(phrase: str, text: str) -> bool:
    book = Phrasebook([(Sense.COMPLAINT, "en", phrase)], common={}, letters={})
    return bool(book.find(words_of(text)))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("dov è il mio", "DOV'E IL MIO pacco"),
        ("beschädigt", "beschaedigt"),
        ("beschädigt", "BESCHADIGT"),
        ("groß", "gross"),
        ("don t ship", "dont ship"),
        ("don t ship", "don\u2019t ship"),
        ("refund*", "refunded"),
        ("cassé+", "cassées"),
        ("says delivered ~ nothing", "says delivered, but I have nothing"),
        ("jamais reçu", "jamais rec\u0327u"),
        ("refund", "re\u200bfund"),
    ],
)
def test_a_phrase_is_found_however_it_is_typed(phrase: str, text: str) -> None:
    assert _hits(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cassé+", "cassetto"),
        ("sue you", "sue your"),
        ("says delivered ~ nothing", "says delivered. Nothing else"),
        ("says delivered ~ nothing", "says delivered " + "x " * (MAX_GAP + 1) + "nothing"),
        ("refund", "re-fund"),
    ],
)
def test_a_phrase_is_not_found_in_other_words(phrase: str, text: str) -> None:
    assert not _hits(phrase, text)


@pytest.mark.parametrize("phrase", ["", "~ refund", "refund ~", "a ~ b ~ c ~ d", "one. two", "ab*"])
def test_what_is_no_phrase_is_refused(phrase: str) -> None:
    with pytest.raises(ValueError, match="no phrase"):
        Phrasebook([(Cue.QUIET, "en", phrase)], common={}, letters={})


@pytest.mark.parametrize(
    "piece",
    [
        "non ",
        "says delivered ",
        "i will ",
        "a ",
        "bei amazon ",
        "? ",
        "\n\n",
        "~*+ ",
        "é\u0301",
        "passo a ",
    ],
)
def test_a_hundred_kilobytes_of_anything_cost_no_more_than_what_is_looked_at(piece: str) -> None:
    hostile = piece * (100_000 // len(piece))
    lexicon()
    spent = []
    for _ in range(3):
        before = time.process_time()
        triage(an_inbound(subject=hostile, text=hostile))
        spent.append(time.process_time() - before)

    assert min(spent) < 0.25


def test_only_the_head_and_the_tail_of_a_text_are_looked_at() -> None:
    padding = "x " * (HEAD + TAIL)

    assert triage(an_inbound(text=f"{padding}my solicitor{padding}")).risk is Risk.NORMAL
    assert triage(an_inbound(text=f"my solicitor {padding}")).topic is Topic.LEGAL_THREAT
    assert triage(an_inbound(text=f"{padding} my solicitor")).topic is Topic.LEGAL_THREAT
