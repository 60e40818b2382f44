"""The clocks that reviews get, what may not be answered, and payloads Google should not send."""

import pytest
from hypothesis import given, settings

from connectors.google_business import connector
from connectors.google_business.items import own_words
from connectors.manifest import manifest_beside
from tests.connectors.google_business.bench import GoogleBench
from tests.connectors.rules_world import (
    IN_PUBLIC,
    THANKS,
    policy_of,
    understand_or_refuse,
    warned_of,
)
from tests.connectors.spoilt_items import spoilt_items

BENCH = GoogleBench()
CONNECTOR = BENCH.asleep()
MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("negative.json", "reviews.negative"),
        ("stars_only.json", "reviews.negative"),
        ("translated_first.json", "reviews.negative"),
        ("anonymous.json", "reviews.any"),
        ("praise.json", "reviews.any"),
        ("unrated.json", "reviews.any"),
    ],
)
def test_bad_reviews_have_the_short_clock(fixture: str, policy: str) -> None:
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    assert policy_of(MANIFEST.channel, message) == policy


@pytest.mark.parametrize(("text", "rule"), IN_PUBLIC)
def test_what_may_not_stand_in_public_is_named(text: str, rule: str) -> None:
    assert rule in warned_of(text, MANIFEST)


@pytest.mark.parametrize("text", THANKS)
def test_thanks_and_regrets_pass(text: str) -> None:
    assert warned_of(text, MANIFEST) == set()


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("Plain words.", "Plain words."),
        ("(Translated by Google) Open.\n\n(Original)\nAperto.", "Aperto."),
        ("Aperto.\n\n(Translated by Google)\nOpen.", "Aperto."),
        (
            "(Translated by Google) Open.\n\n(Original)\n",
            "(Translated by Google) Open.\n\n(Original)\n",
        ),
        ("(Translated by Google) Open.", "(Translated by Google) Open."),
        ("I say (Original) myself.", "I say (Original) myself."),
    ],
)
def test_the_customers_own_words_are_shown_and_none_are_lost(comment: str, words: str) -> None:
    assert own_words(comment) == words


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item) -> None:
    understand_or_refuse(CONNECTOR, item)
