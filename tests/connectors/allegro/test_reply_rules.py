"""What Allegro forbids or warns of before an answer leaves, in the languages of its sellers."""

import pytest

from connectors.allegro import connector
from connectors.manifest import manifest_beside
from tests.connectors.rules_world import warned_of

MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Proszę napisać maila do sklepu.", "off_platform"),
        ("Taniej poza Allegro.", "off_platform"),
        ("Zapraszamy bezpośrednio w naszym sklepie.", "off_platform"),
        ("Please contact us directly.", "off_platform"),
        ("Ci contatti direttamente.", "off_platform"),
        ("Contactez-nous directement.", "off_platform"),
        ("Kontaktieren Sie uns direkt.", "off_platform"),
        ("Contáctenos directamente.", "off_platform"),
        ("Levněji mimo Allegro.", "off_platform"),
        ("Az Allegrón kívül olcsóbb.", "off_platform"),
        ("Poprosimy BLIK na telefon.", "other_payment"),
        ("Może Pan zrobić przelew na konto.", "other_payment"),
        ("Pay by bank transfer.", "other_payment"),
        ("Può pagare con bonifico bancario.", "other_payment"),
        ("Payez directement, s'il vous plaît.", "other_payment"),
        ("Bitte überweisen Sie den Betrag.", "other_payment"),
        ("Pague directamente, por favor.", "other_payment"),
        ("Kod rabatowy na następne zakupy: NOWY10", "marketing"),
        ("Prosimy o pozytywną opinię!", "marketing"),
        ("Laissez-nous un avis positif.", "marketing"),
        ("Proszę pisać na sklep@seller.example", "email"),
        ("Tel. +48 600 700 800", "phone"),
        ("Zobacz https://sklep.seller.example/oferta", "link"),
        ("Karta 4111 1111 1111 1111", "all.card_number"),
    ],
)
def test_what_leads_customers_elsewhere_is_named(text, rule):
    assert rule in warned_of(text, MANIFEST)


@pytest.mark.parametrize(
    "text",
    [
        "Paczka wyszła dziś, numer przesyłki 620999680120000000000001.",
        "Reklamacja 2585498/2026 została przyjęta.",
        "Il tuo pacco è partito oggi, spedizione 1Z9990000123456784.",
        "Ihre Sendung ist unterwegs, Sendungsnummer 00340434161094042557.",
        "https://allegro.pl/oferta/kolo-7678887152",
        "https://inpost.pl/sledzenie-przesylek?number=620999680120000000000001",
        "Zamówienie 9f84b8e2-00cc-515a-ad6b-415ba069d85f jest w drodze.",
    ],
)
def test_a_plain_answer_passes(text):
    assert warned_of(text, MANIFEST) == set()


def test_links_and_invitations_elsewhere_are_blocked_and_contact_data_asks_for_a_reason():
    levels = {rule.id: rule.level for rule in MANIFEST.reply_rules}

    assert levels["allegro.link"] == levels["allegro.off_platform"] == "block"
    assert levels["allegro.email"] == levels["allegro.phone"] == "warn"


def test_an_automatic_answer_counts_for_nothing_at_allegro():
    assert MANIFEST.auto_reply_counts is False
