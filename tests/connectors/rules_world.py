"""What the tests of the channels' rules ask: which preset a message gets, what an answer is warned of."""

from contextlib import suppress

from connectors.contract import Connector, InboundMessage, RawItem
from connectors.errors import Malformed
from connectors.manifest import Manifest
from connectors.reply_guard import check_reply
from sla_rules.timeline import TicketFacts
from tests.unit.sla_rules.builders import PRESETS


def policy_of(channel: str, said: InboundMessage) -> str:
    """The name of the preset that the message's ticket gets."""
    facts = TicketFacts(
        channel=channel,
        inbox="x",
        kind=said.kind,
        stage=said.stage,
        topic=said.topic,
        marketplace=said.marketplace,
        tags=frozenset(said.tags),
    )
    chosen = PRESETS.select(facts)
    assert chosen is not None
    return chosen.name


def warned_of(text: str, manifest: Manifest) -> set[str]:
    """The rules an answer breaks; the channel's own without its name."""
    found = check_reply(text, manifest)
    return {each.rule.removeprefix(f"{manifest.key}.") for each in found}


def understand_or_refuse(connector: Connector, item: RawItem) -> None:
    """A spoilt item is a message or Malformed: anything else is a bug of the reader."""
    with suppress(Malformed):
        message = connector.normalise(item)
        assert message.sent_at <= item.received_at
        assert message.external_id


ELSEWHERE = (
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
)
"""What marketplaces forbid between seller and customer, in the languages of their sellers."""

IN_PUBLIC = (
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
)
"""What may not stand below a review, where anybody reads it."""

THANKS = (
    "Thank you for your positive review and the five stars!",
    "Grazie per le cinque stelle, a presto.",
    "Vielen Dank für die gute Bewertung aus 2026.",
    "Merci pour votre avis positif, nous sommes ravis.",
    "Gracias por su reseña positiva; su pedido salió en 24 horas.",
    "We are sorry. Our team has written to you today.",
)
"""What may."""
