"""A reply against the channel's messaging policy."""

import time

import pytest

from connectors.contract import File
from connectors.manifest import Manifest
from connectors.registry import load_connectors
from connectors.reply_guard import check_reply

AMAZON = load_connectors().specs["amazon"].manifest
WEBSITE = load_connectors().specs["website"].manifest
BOL = load_connectors().specs["bol"].manifest
SAID = {"text": "This is forbidden here.", "source": "invented"}


def rules(text: str, manifest: Manifest = AMAZON) -> set[str]:
    return {finding.rule for finding in check_reply(text, manifest)}


@pytest.mark.parametrize(
    "text",
    [
        "Buongiorno, il pacco 405-1234567-7654321 parte domani. Cordiali saluti",
        "The tracking is at https://www.dhl.de/track?id=00340434161094",
        "See https://www.amazon.it/gp/css/order-history.",
        "Grazie.Se vuole, la richiamo.Domani partiamo",
        "Tracking 1Z999AA10123456784, peso 2,5 kg, ritiro 10.00-12.00 del 12.03.2026",
        "Ich verstehe.Das tut mir leid.",
        "",
    ],
)
def test_an_ordinary_answer_passes(text: str) -> None:
    assert rules(text) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Buy at https://shop.example/oak", "amazon.link"),
        ("Buy at http://www.amazon.it/x", "amazon.link"),
        ("Buy at www.shop.example", "amazon.link"),
        ("Vieni su bottegasalici.it per lo sconto", "amazon.link"),
        ("See https://amazon.it.evil.example/x", "amazon.link"),
        ("See https://amazon.it@evil.example/x", "amazon.link"),
        ("See https://notamazon.it/x", "amazon.link"),
        ("See bit.ly/abc", "amazon.link"),
        ("ftp://files.example/x", "amazon.link"),
        ("write to shop@seller.example", "amazon.email_address"),
        ("write to shop (at) seller.example", "amazon.email_address"),
        ("write to shop\uff20seller.example", "amazon.email_address"),
        ("Write us on WhatsApp", "amazon.off_platform"),
        ("visiti il nostro\nsito", "amazon.off_platform"),
        ("Call +39 333 123 4567", "amazon.phone"),
        ("Chiamami allo 02 1234 5678", "amazon.phone"),
        ("Use this COUPON", "amazon.marketing"),
        ("ecco un codice sconto", "amazon.marketing"),
        ("please remove your review", "amazon.review_bias"),
        ("lascia una recensione positiva", "amazon.review_bias"),
        ("Thank you 😀", "amazon.emoji"),
        ("my card is 4111 1111 1111 1111", "all.card_number"),
        ("x" * 4001, "amazon.length"),
    ],
)
def test_what_amazon_forbids_is_found(text: str, rule: str) -> None:
    assert rule in rules(text)


def test_blocking_findings_come_first_and_show_what_was_found() -> None:
    findings = check_reply("Call +39 333 123 4567 or see https://shop.example/a", AMAZON)
    assert [finding.level for finding in findings] == ["block", "warn"]
    assert findings[0].excerpt == "https://shop.example/a"
    assert all(finding.text for finding in findings)


def test_a_card_number_is_found_without_being_repeated() -> None:
    (finding,) = check_reply("4111-1111-1111-1111", WEBSITE)
    assert finding.excerpt == "…1111"


def test_the_own_website_forbids_next_to_nothing() -> None:
    assert rules("See https://shop.example, call +39 333 123 4567 😀", WEBSITE) == set()
    assert rules("x" * 25_001, WEBSITE) == {"website.length"}


def test_phrases_are_whole_words_in_any_case() -> None:
    assert "amazon.marketing" in rules("a Special   Offer!")
    assert rules("a specially offered part") == set()


EVERYTHING = Manifest.model_validate(
    {
        "key": "strict",
        "title": "Strict",
        "channel": "strict",
        "transport": "api",
        "summary": "A channel that forbids whatever can be forbidden.",
        "sdk_api": 1,
        "order_numbers": ["##-#####-#####", "PL@######"],
        "limits": {
            "length": 2000,
            "attachments": {"types": ["image/*"], "count": 1, "bytes_each": 100},
        },
        "reply_rules": [
            {"id": f"strict.{check}", "level": level, "check": check, **more, **SAID}
            for check, level, more in (
                ("phone", "warn", {}),
                ("email", "block", {}),
                ("handle", "block", {}),
                ("attachment", "warn", {}),
                ("card_number", "block", {}),
                ("phrase", "block", {"words": ["off_platform", "review_bias", "other_payment"]}),
            )
        ],
    }
)


def strictly(text: str) -> set[str]:
    return {found.rule.removeprefix("strict.") for found in check_reply(text, EVERYTHING)}


@pytest.mark.parametrize(
    "text",
    [
        "Il numero di tracking è 00340434161094022222.",
        "Tracking: 0034043416109",
        "Spedizione BRT 0712345678901, consegna domani",
        "Ihre Sendungsnummer: 0123 4567 8901",
        "Numéro de suivi : 06A12345678901",
        "Nr przesyłki 0000123456789",
        "Order 12-34567-89012 leaves today",
        "zamówienie PLX123456 wysłane",
        "Partita IVA 01234567890",
        "EAN 4006381333931 is the right one",
        "It weighs 2,5 kg and measures 120 x 60 x 75 cm, delivery 10.03.2026 10:00-12:00",
        "IBAN IT60X0542811101000000123456",
        "Please send it by order@home: no such thing",
        "See you at 10@12",
    ],
)
def test_orders_parcels_and_plain_numbers_are_nobodys_phone(text: str) -> None:
    assert strictly(text) <= {"email"} if "@" in text else strictly(text) == set()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Chiamaci al 333 123 4567", "phone"),
        ("Tel. 612 345 678", "phone"),
        ("Proszę zadzwonić: 501 234 567", "phone"),
        ("Rufen Sie an: 0171 2345678", "phone"),
        ("Appelez-nous au 06 12 34 56 78", "phone"),
        ("+44 (0) 20 7946 0958", "phone"),
        ("\uff0b\uff13\uff19 333 123 4567", "phone"),
        ("ordine 5 spedito, tel 333 123 4567", "phone"),
        ("write to shop(at)seller(dot)example", "email"),
        ("follow @bottega_salici", "handle"),
        ("Schreiben Sie uns eine E-Mail", "phrase"),
        ("poza Allegro będzie taniej", "phrase"),
        ("zostaw pozytywną opinię", "phrase"),
        ("laat een positieve beoordeling achter", "phrase"),
        ("deixe uma avaliação positiva", "phrase"),
        ("paghi direttamente con PayPal", "phrase"),
        ("écrivez-nous\n par e-mail", "phrase"),
        ("e\u0301crivez-nous par e-mail", "phrase"),
        ("x" * 2001, "limit.length"),
    ],
)
def test_what_leads_away_is_found_in_every_language(text: str, rule: str) -> None:
    assert rule in strictly(text)


def test_a_finding_shows_every_place_in_the_text_as_it_was_typed() -> None:
    text = "Cafe\u0301 \uff37hatsApp, poi what\u017fapp"
    (found,) = (one for one in check_reply(text, EVERYTHING) if one.rule == "strict.phrase")

    assert [text[start:end] for start, end in found.spans] == ["\uff37hatsApp", "what\u017fapp"]
    assert found.excerpt == "WhatsApp"


def test_files_are_held_against_the_channels_limits() -> None:
    picture = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n")
    disguised = File(name="b.png", media_type="image/png", content=b"%PDF-1.7")

    assert {one.rule for one in check_reply("ok", EVERYTHING, [picture])} == {"strict.attachment"}
    assert "strict.limit.attachments" in {
        one.rule for one in check_reply("ok", EVERYTHING, [disguised])
    }
    assert check_reply("ok", WEBSITE, [picture]) == ()
    assert {one.rule for one in check_reply("ok", BOL, [picture])} == {"bol.limit.attachments"}


@pytest.mark.timeout(60)
def test_a_hostile_text_is_checked_in_time() -> None:
    began = time.process_time()
    for text in (
        "a." * 12_000,
        "1 " * 12_000,
        "@" * 24_000,
        "a-" * 12_000,
        "http://" * 3_000,
        "tel 1" * 4_000,
        "tracking 0" * 2_000,
    ):
        check_reply(text, AMAZON)
        check_reply(text, EVERYTHING)
    assert time.process_time() - began < 10
