"""The clocks that reviews get, what may not be answered, and payloads Trustpilot should not send."""

from contextlib import suppress

import pytest
from hypothesis import given, settings

from connectors.errors import Malformed
from connectors.manifest import manifest_beside
from connectors.reply_guard import check_reply
from connectors.trustpilot import connector
from sla_rules.timeline import TicketFacts
from tests.connectors.spoilt_items import spoilt_items
from tests.connectors.trustpilot.bench import TrustpilotBench
from tests.unit.sla_rules.builders import PRESETS

BENCH = TrustpilotBench()
CONNECTOR = BENCH.asleep()
MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("negative.json", "reviews.negative"),
        ("stars_only.json", "reviews.negative"),
        ("product.json", "reviews.negative"),
        ("middling.json", "reviews.any"),
        ("praise.json", "reviews.any"),
        ("product_customer_comment.json", "reviews.any"),
    ],
)
def test_bad_reviews_have_the_short_clock(fixture: str, policy: str) -> None:
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    chosen = PRESETS.select(
        TicketFacts(
            channel=MANIFEST.channel,
            inbox="x",
            kind=message.kind,
            stage=message.stage,
            topic=message.topic,
            marketplace=message.marketplace,
        )
    )

    assert chosen is not None
    assert chosen.name == policy


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Your order 10023 was sent.", "order_number"),
        ("Il tuo ordine n. BS-20417 è partito.", "order_number"),
        ("Votre commande n° 55512 est partie.", "order_number"),
        ("Ihre Bestellnummer 100-223 ist unterwegs.", "order_number"),
        ("Su pedido 44921 ha salido.", "order_number"),
        ("Write to nora@mail.example", "email"),
        ("We called you at +39 02 1234567", "phone"),
        ("Please change your review.", "review_change"),
        ("We give you a refund if you update it.", "review_change"),
        ("Può modificare la recensione?", "review_change"),
        ("Un rimborso se toglie le stelle.", "review_change"),
        ("Pourriez-vous modifier votre avis ?", "review_change"),
        ("Bitte denken Sie daran, Ihre Bewertung zu ändern.", "review_change"),
        ("¿Podría cambiar su opinión?", "review_change"),
        ("Hier ist Ihr Rabattcode.", "marketing"),
        ("See https://shop.example/help", "link"),
        ("4111 1111 1111 1111", "all.card_number"),
    ],
)
def test_what_may_not_stand_in_public_is_named(text: str, rule: str) -> None:
    found = {one.rule.removeprefix("trustpilot.") for one in check_reply(text, MANIFEST)}

    assert rule in found


@pytest.mark.parametrize(
    "text",
    [
        "Thank you for your positive review and the five stars!",
        "Grazie per le cinque stelle, a presto.",
        "Vielen Dank für die gute Bewertung aus 2026.",
        "Merci pour votre avis positif, nous sommes ravis.",
        "Gracias por su reseña positiva; su pedido salió en 24 horas.",
        "We are sorry. Our team has written to you today.",
    ],
)
def test_thanks_and_regrets_pass(text: str) -> None:
    assert check_reply(text, MANIFEST) == ()


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item) -> None:
    with suppress(Malformed):
        message = CONNECTOR.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id
