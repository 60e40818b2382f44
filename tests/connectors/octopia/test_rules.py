"""The clocks that discussions get, what is warned of, and payloads Octopia should not send."""

import pytest
from hypothesis import given, settings

from connectors.manifest import manifest_beside
from connectors.octopia import connector
from tests.connectors.octopia.bench import OctopiaBench
from tests.connectors.rules_world import policy_of, understand_or_refuse, warned_of
from tests.connectors.spoilt_items import spoilt_items

BENCH = OctopiaBench()
CONNECTOR = BENCH.asleep()
MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("fixture", "policy"),
    [
        ("customer.json", "octopia.message"),
        ("cancellation.json", "octopia.message"),
        ("offer.json", "octopia.message"),
        ("claim.json", "octopia.claim"),
        ("level_1.json", "octopia.claim"),
        ("raised.json", "octopia.claim"),
        ("operator.json", "no_answer_awaited"),
    ],
)
def test_what_a_discussion_says_chooses_its_clocks(fixture, policy):
    message = CONNECTOR.normalise(BENCH.raw_fixtures()[fixture])
    assert policy_of("octopia", message) == policy


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Contactez-nous directement.", "off_platform"),
        ("Vous pouvez payer par virement bancaire.", "off_platform"),
        ("Please contact us directly.", "off_platform"),
        ("Ci contatti direttamente.", "off_platform"),
        ("Kontaktieren Sie uns direkt.", "off_platform"),
        ("Contáctenos directamente.", "off_platform"),
        ("Voici votre code promo : TRAIN10", "marketing"),
        ("Laissez-nous un avis positif.", "marketing"),
        ("Lasciaci una recensione positiva!", "marketing"),
        ("Hier ist Ihr Rabattcode: NEU10", "marketing"),
        ("Deje una reseña positiva, por favor.", "marketing"),
        ("Écrivez à boutique@seller.example", "email"),
        ("Appelez le +33 1 70 18 99 00", "phone"),
        ("Voir https://shop.seller.example", "link"),
        ("Carte 4111 1111 1111 1111", "all.card_number"),
    ],
)
def test_what_leads_customers_elsewhere_is_named(text, rule):
    assert rule in warned_of(text, MANIFEST)


@pytest.mark.parametrize(
    "text",
    [
        "Votre colis est parti aujourd'hui, numéro de suivi 6A12345678901.",
        "La commande 2603091354KBDRE arrive vendredi.",
        "https://www.cdiscount.com/maison/f-117.html",
        "Your parcel left today and should arrive on Friday.",
    ],
)
def test_a_plain_answer_passes(text):
    assert warned_of(text, MANIFEST) == set()


@settings(max_examples=25, deadline=None)
@given(item=spoilt_items(BENCH.raw_fixtures()))
def test_invariant_1_a_spoilt_item_is_understood_or_malformed(item):
    understand_or_refuse(CONNECTOR, item)
