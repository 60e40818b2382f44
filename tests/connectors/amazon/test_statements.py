"""What Amazon states in its own mails: marketplace, day to answer by, amount."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.amazon.formats import amazon_formats
from connectors.amazon.marketplace import Marketplace, marketplaces, told_marketplace
from connectors.amazon.statements import statements
from connectors.contract import InboundMessage
from tests.connectors.mailbox_pair import connector, raw_item

SENT = datetime(2026, 11, 5, 9, tzinfo=UTC)
ALIAS = "k3v9qzt41mno2xa@marketplace.amazon.it"


def place(key: str) -> Marketplace | None:
    return next((one for one in marketplaces() if one.key == key), None)


def respond_by(text: str, marketplace: str) -> datetime | None:
    cues = amazon_formats().limit.cues
    return statements().respond_by(text, cues, sent_at=SENT, marketplace=place(marketplace))


@pytest.mark.parametrize(
    ("text", "marketplace", "hour"),
    [
        ("Rispondi entro il 12 novembre 2026.", "it", "2026-11-12T23:00"),
        ("Ti chiediamo di rispondere entro giovedì 12 novembre 2026 alle 17:00.", "it", "2026-11-12T16:00"),
        ("Please respond by November 12, 2026.", "uk", "2026-11-13T00:00"),
        ("You must reply no later than 12th November.", "uk", "2026-11-13T00:00"),
        ("Respond by 12 Nov. 2026, 5 pm", "us", "2026-11-12T22:00"),
        ("Bitte antworten Sie bis zum 12. November 2026, 17 Uhr.", "de", "2026-11-12T16:00"),
        ("Ihre Antwort muss bis spätestens 12.11.2026 um 17:30 Uhr eingehen.", "de", "2026-11-12T16:30"),
        ("Veuillez répondre au plus tard le 12 novembre 2026 à 17h30.", "fr", "2026-11-12T16:30"),
        ("Debe responder hasta el jueves 12 de noviembre de 2026.", "es", "2026-11-12T23:00"),
        ("Please respond\nby 12 November 2026, 23:59 UTC.", "uk", "2026-11-12T23:59"),
        ("Rispondi entro il 2 gennaio.", "it", "2027-01-02T23:00"),
    ],
)  # fmt: skip
def test_a_stated_day_ends_in_the_marketplace_unless_an_hour_is_named(
    text: str, marketplace: str, hour: str
) -> None:
    assert respond_by(text, marketplace) == datetime.fromisoformat(hour).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "marketplace", "hour"),
    [
        ("Répondez avant le 12 novembre 2026.", "fr", "2026-11-11T23:00"),
        ("Responda antes del 12 de noviembre de 2026.", "es", "2026-11-11T23:00"),
        ("Respond by 2026-11-12.", "", "2026-11-12T10:00"),
        ("Respond by 2026-11-12 10:00.", "", "2026-11-11T20:00"),
        ("Respond by 11/12/2026.", "us", "2026-11-13T05:00"),
        ("Respond by 20 November 2026, or by 12 November 2026 for Prime orders.", "uk", "2026-11-13T00:00"),
    ],
)  # fmt: skip
def test_invariant_5_of_several_readings_the_earliest_counts(
    text: str, marketplace: str, hour: str
) -> None:
    assert respond_by(text, marketplace) == datetime.fromisoformat(hour).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "The claim of 5 November 2026 needs a response. The parcel came by 9 November 2026.",
        "Please respond. Refunds of 12 November 2026 are not affected.",
        "Please respond by 31 February 2026.",
        "Please respond by 1 November 2026.",
        "Please respond by 12 November 2027.",
        "Please respond by Thursday.",
        "",
    ],
)
def test_other_days_are_no_days_to_answer_by(text: str) -> None:
    assert respond_by(text, "uk") is None


@pytest.mark.parametrize(
    ("text", "marketplace", "amount", "currency"),
    [
        ("Importo richiesto: EUR 49,90.", "it", "49.90", "EUR"),
        ("Claim amount: GBP 31.00.", "uk", "31.00", "GBP"),
        ("Order total: $1,234.50", "us", "1234.50", "USD"),
        ("Order total: $12", "ca", "12", "CAD"),
        ("Gesamtbetrag: 1.249,90 €", "de", "1249.90", "EUR"),
        ("Montant : 1 249,90 €", "fr", "1249.90", "EUR"),
        ("Amount: EUR 10.00\nOrder total: EUR 80.00", "de", "80.00", "EUR"),
    ],
)
def test_an_amount_is_read_however_it_is_written(
    text: str, marketplace: str, amount: str, currency: str
) -> None:
    assert statements().order_value(text, place(marketplace)) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["Amount: $12", "Amount: 3 items", "Amount: 20 %", "EUR 12", ""])
def test_what_names_no_currency_or_no_amount_is_none(text: str) -> None:
    assert statements().order_value(text, None) is None


@pytest.mark.parametrize(
    ("facts", "key"),
    [
        ({"alias": ALIAS, "stated_id": "A1PA6795UKMFR9"}, "it"),
        ({"alias": "a1@marketplace.amazon.co.uk"}, "uk"),
        ({"alias": "a1@marketplace.amazon.com"}, "us"),
        ({"stated_id": " A1PA6795UKMFR9 ", "sender": "x@amazon.it"}, "de"),
        ({"sender": "atoz-guarantee-no-reply@amazon.com.mx"}, "mx"),
        ({"sender": "donotreply@amazon.com", "links": ["see https://sellercentral.amazon.fr/orders"]}, "fr"),
        ({"sender": "donotreply@amazon.com", "links": ["https://www.amazon.it.evil.example/"]}, ""),
        ({"sender": "donotreply@amazon.com", "subject": "Richiesta di reso per l'ordine 405"}, "it"),
        ({"sender": "donotreply@amazon.com", "subject": "Return request"}, ""),
        ({"sender": "donotreply@amazon.com"}, ""),
    ],
)  # fmt: skip
def test_a_marketplace_is_told_by_the_surest_sign(facts: dict[str, Any], key: str) -> None:
    nothing: dict[str, Any] = {
        "alias": "",
        "stated_id": "",
        "sender": "",
        "links": (),
        "subject": "",
    }
    found = told_marketplace(**(nothing | facts))
    assert (found.key if found else "") == key


def explain(text: str, *, sender: str, kind: str) -> InboundMessage:
    raw = (
        f"From: Amazon <{sender}>\r\nSubject: x\r\nX-Space-Notification-Type: {kind}\r\n"
        f"Date: Thu, 05 Nov 2026 09:00:00 +0000\r\nMessage-ID: <s1@amazonses.com>\r\n\r\n{text}\r\n"
    )
    return connector("amazon").normalise(raw_item(raw.encode(), SENT + timedelta(minutes=1)))


STATED = "Please respond by 12 November 2026. Order total: EUR 80.00"


def test_a_return_with_a_day_to_answer_by_has_it() -> None:
    found = explain(STATED, sender="donotreply@amazon.it", kind="RETURN_REQUEST")
    assert found.respond_by == datetime(2026, 11, 12, 23, tzinfo=UTC)
    assert found.order_value == Decimal("80.00")


def test_what_a_buyer_types_sets_neither_deadline_nor_value() -> None:
    found = explain(STATED, sender=ALIAS, kind="BBC_MESSAGE_SENT_TO_MERCHANT")
    assert (found.respond_by, found.order_value, found.currency) == (None, None, None)
    assert found.marketplace == "it"


def test_a_mail_that_only_looks_like_amazon_states_nothing() -> None:
    sender = "x@amazon.it.evil.example"
    found = explain(STATED, sender=sender, kind="A_Z_CLAIM_RESPONDENT_NOTIFY")
    assert (found.respond_by, found.order_value, found.marketplace) == (None, None, "")
