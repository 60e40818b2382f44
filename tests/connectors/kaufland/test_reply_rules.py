"""What Kaufland warns of before an answer leaves, in the languages of its sellers."""

import pytest

from connectors.kaufland import connector
from connectors.manifest import manifest_beside
from connectors.reply_guard import check_reply

MANIFEST = manifest_beside(connector.__file__)


def rules(text):
    return {finding.rule.removeprefix("kaufland.") for finding in check_reply(text, MANIFEST)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Please contact us directly.", "off_platform"),
        ("Ci contatti direttamente.", "off_platform"),
        ("Contactez-nous directement.", "off_platform"),
        ("Kontaktieren Sie uns direkt.", "off_platform"),
        ("Contáctenos directamente.", "off_platform"),
        ("Può pagare con bonifico bancario.", "off_platform"),
        ("Hier ist Ihr Rabattcode: NEU10", "marketing"),
        ("Lasciaci una recensione positiva!", "marketing"),
        ("Laissez-nous un avis positif.", "marketing"),
        ("Deje una reseña positiva, por favor.", "marketing"),
        ("Write to shop@seller.example", "email"),
        ("Call +39 02 1234567", "phone"),
        ("See https://shop.seller.example", "link"),
        ("Card 4111 1111 1111 1111", "all.card_number"),
    ],
)
def test_what_leads_customers_elsewhere_is_named(text, rule):
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your parcel left today and should arrive on Friday.",
        "Il tuo pacco è partito oggi, spedizione 1Z9990000123456784.",
        "Ihre Sendung ist unterwegs, Sendungsnummer 00340434161094042557.",
        "Votre colis est en route, numéro de suivi 6A12345678901.",
        "00110123123 ist beantwortet.",
        "https://www.kaufland.de/product/362524873/",
    ],
)
def test_a_plain_answer_passes(text):
    assert rules(text) == set()
