"""A reply against the channel's messaging policy."""

import pytest

from connectors.manifest import Manifest
from connectors.registry import load_connectors
from connectors.reply_guard import check_reply

AMAZON = load_connectors().specs["amazon"].manifest
WEBSITE = load_connectors().specs["website"].manifest


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


@pytest.mark.timeout(5)
def test_a_hostile_text_is_checked_in_time() -> None:
    for text in ("a." * 12_000, "1 " * 12_000, "@" * 24_000, "a-" * 12_000, "http://" * 3_000):
        check_reply(text, AMAZON)
