"""What Mercado Libre's moderation would hold back, in the languages of its sellers."""

import pytest

from connectors.manifest import manifest_beside
from connectors.mercado_libre import connector
from tests.connectors.rules_world import warned_of

MANIFEST = manifest_beside(connector.__file__)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Escríbame a tienda@abedul.example", "email"),
        ("Ligue para +55 11 91234-5678", "phone"),
        ("Llámame al tel 11 4555 0199", "phone"),
        ("Mirá bit.ly/abedul", "short_link"),
        ("Voir https://abedul.example/suivi", "link"),
        ("Seguinos en @tienda.abedul", "handle"),
        ("Escribime por WhatsApp", "off_platform"),
        ("Llámenos, por favor.", "off_platform"),
        ("Entre em contato diretamente.", "off_platform"),
        ("Please contact us directly.", "off_platform"),
        ("Ci contatti direttamente.", "off_platform"),
        ("Contactez-nous directement.", "off_platform"),
        ("Kontaktieren Sie uns direkt.", "off_platform"),
        ("Pague por transferencia bancaria.", "other_payment"),
        ("Pode pagar com pix.", "other_payment"),
        ("You can pay by bank transfer.", "other_payment"),
        ("Por favor, cierre el reclamo.", "claim_evasion"),
        ("Por favor, encerre a reclamação.", "claim_evasion"),
        ("Please close the claim.", "claim_evasion"),
        ("Per favore, chiuda il reclamo.", "claim_evasion"),
        ("Fermez la réclamation, s'il vous plaît.", "claim_evasion"),
        ("Bitte schließen Sie die Reklamation.", "claim_evasion"),
        ("Este es un mensaje automático.", "automatic"),
        ("Dies ist eine automatische Nachricht.", "automatic"),
        ("Deje una reseña positiva, por favor.", "marketing"),
        ("Tarjeta 4111 1111 1111 1111", "all.card_number"),
        ("Tarjeta 4111111111111111", "all.card_number"),
    ],
)
def test_what_moderation_holds_back_is_named_before(text, rule):
    assert rule in warned_of(text, MANIFEST)


@pytest.mark.parametrize(
    "text",
    [
        "Tu paquete salió hoy y llega el viernes.",
        "Seu pacote saiu hoje. Rastreamento MEL40512345678FMDOE01.",
        "La venta 2000003500000196 está en camino.",
        "Your parcel left today and should arrive on Friday.",
        "Il tuo pacco è partito oggi.",
        "Votre colis est parti ce matin.",
        "Ihre Sendung ist unterwegs.",
    ],
)
def test_a_plain_answer_passes(text):
    assert warned_of(text, MANIFEST) == set()
