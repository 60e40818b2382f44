"""Sentences that remember how they were made."""

from datetime import date, timedelta

import pytest

from sla_rules.due import CAUSE
from sla_rules.durations import in_words, read_words
from sla_rules.worded import alone, reworded, worded, worded_as


def test_a_sentence_reads_as_english_and_keeps_what_it_was_made_of():
    used = worded("{counted} left", counted=timedelta(hours=2))
    said = worded("{used}; nights count", used=used)

    assert said == "2 h left; nights count"
    assert (said.template, said.values) == ("{used}; nights count", {"used": used})
    assert used.values == {"counted": timedelta(hours=2)}


def test_braces_in_a_value_stay_as_they_are():
    assert worded('policy "{policy}"', policy="{x}") == 'policy "{x}"'
    assert worded("write {{ for a brace") == "write {{ for a brace"


def test_a_date_and_a_meaning_are_kept():
    assert alone(date(2026, 11, 20)) == "Friday 20 November"
    step = worded_as("a step", "closed")
    assert (step, step.meaning) == ("closed", "a step")


@pytest.mark.parametrize(
    "length",
    [
        timedelta(0),
        timedelta(seconds=45),
        timedelta(minutes=90),
        timedelta(hours=36, seconds=1),
    ],
)
def test_a_length_in_words_is_read_again(length):
    assert read_words(in_words(length)) == length


@pytest.mark.parametrize("text", ["", "2 hours", "h", "2 h and more"])
def test_what_is_no_length_is_left_alone(text):
    assert read_words(text) is None


def test_a_kept_sentence_is_known_again_by_its_template():
    kept = str(worded(CAUSE, what="VIP, tag a; b", grace=timedelta(minutes=90)))

    found = reworded(kept, CAUSE)

    assert found == kept
    assert found.values == {"what": "VIP, tag a; b", "grace": timedelta(minutes=90)}
    assert reworded("something else", CAUSE) is None
