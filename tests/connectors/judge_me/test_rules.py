"""The clocks that reviews get, what is warned of, and payloads Judge.me should not send."""

import pytest
from hypothesis import given, settings

from connectors.judge_me import connector
from connectors.manifest import manifest_beside
from tests.connectors.judge_me.bench import JudgeMeBench
from tests.connectors.rules_world import policy_of, understand_or_refuse, warned_of
from tests.connectors.spoilt_items import spoilt_items

BENCH = JudgeMeBench()
CONNECTOR = BENCH.asleep()
MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("one_star.json", "reviews.negative"),
        ("no_words.json", "reviews.negative"),
        ("unpublished.json", "reviews.negative"),
        ("praise.json", "reviews.any"),
        ("no_stars.json", "reviews.any"),
    ],
)
def test_the_stars_choose_the_clock(fixture, policy):
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    assert policy_of(MANIFEST.channel, message) == policy


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Write to shop@seller.example", "email"),
        ("Call +39 02 1234567", "phone"),
        ("Your order 4500123 was sent again.", "order_number"),
        ("Ecco un codice sconto per il prossimo acquisto.", "marketing"),
        ("Hier ist Ihr Rabattcode: NEU10", "marketing"),
        ("Voici un code promo.", "marketing"),
        ("Aquí tiene un código de descuento.", "marketing"),
        ("A refund if you change your review?", "review_change"),
        ("Può modificare la recensione?", "review_change"),
        ("Würden Sie Ihre Bewertung ändern?", "review_change"),
        ("Pourriez-vous modifier votre avis ?", "review_change"),
        ("¿Podría modificar su reseña?", "review_change"),
        ("Card 4111 1111 1111 1111", "all.card_number"),
    ],
)
def test_what_does_not_belong_below_a_review_is_named(text, rule):
    assert rule in warned_of(text, MANIFEST)


@pytest.mark.parametrize(
    "text", ["Grazie mille!", "We are sorry. A new one is on its way.", "Vielen Dank, Nora."]
)
def test_a_plain_answer_passes(text):
    assert warned_of(text, MANIFEST) == set()


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)
