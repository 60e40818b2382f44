"""The clocks that reviews get, what is warned of, and payloads Judge.me should not send."""

from contextlib import suppress

import pytest
from hypothesis import given, settings

from connectors.errors import Malformed
from connectors.judge_me import connector
from connectors.manifest import manifest_beside
from connectors.reply_guard import check_reply
from sla_rules.timeline import TicketFacts
from tests.connectors.judge_me.bench import JudgeMeBench
from tests.connectors.spoilt_items import spoilt_items
from tests.unit.sla_rules.builders import PRESETS

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
    facts = TicketFacts(
        channel=MANIFEST.channel,
        inbox="x",
        kind=message.kind,
        stage=message.stage,
        topic=message.topic,
        marketplace=message.marketplace,
    )
    chosen = PRESETS.select(facts)

    assert chosen is not None
    assert chosen.name == policy


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
    found = {one.rule.removeprefix("judge_me.") for one in check_reply(text, MANIFEST)}
    assert rule in found


@pytest.mark.parametrize(
    "text", ["Grazie mille!", "We are sorry. A new one is on its way.", "Vielen Dank, Nora."]
)
def test_a_plain_answer_passes(text):
    assert not list(check_reply(text, MANIFEST))


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    with suppress(Malformed):
        message = CONNECTOR.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id
