"""What Mirakl warns of before an answer leaves, in the languages of its sellers."""

import pytest

from connectors.manifest import manifest_beside
from connectors.mirakl import connector
from tests.connectors.rules_world import ELSEWHERE, warned_of

MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(("text", "rule"), ELSEWHERE)
def test_what_leads_customers_elsewhere_is_named(text, rule):
    assert rule in warned_of(text, MANIFEST)


@pytest.mark.parametrize(
    "text",
    [
        "Your parcel left today and should arrive on Friday.",
        "Il tuo pacco è partito oggi, spedizione 1Z9990000123456784.",
        "Ihre Sendung ist unterwegs, Sendungsnummer 00340434161094042557.",
        "Votre colis est en route, numéro de suivi 6A12345678901.",
        "Order 20200314115017-UATG5542230851-A is on its way.",
    ],
)
def test_a_plain_answer_passes(text):
    assert warned_of(text, MANIFEST) == set()
