"""Every fixture mail of Amazon, explained."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import connectors
from connectors.contract import InboundMessage, Verdict
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage
from tests.connectors.mailbox_pair import connector, fixture, raw_item

OWN_ID = "t17.901.lh62vnr27el6rlni@seller.example"
IT, UK, ES, DE = (
    "405-1234567-7654321",
    "202-5555555-6666666",
    "404-2222222-3333333",
    "301-7654321-1234567",
)


@dataclass(frozen=True)
class Expected:
    verdict: Verdict
    kind: Kind
    order: str | None
    stage: Stage = Stage.POST_SALE
    limit: timedelta | None = None
    refers_to: tuple[str, ...] = ()
    topic: Topic = Topic.OTHER
    marketplace: str = ""


CUSTOMER, NOTICE, CLAIM, BOUNCE = Verdict.CUSTOMER, Verdict.NOTICE, Verdict.CLAIM, Verdict.BOUNCE
THREE_DAYS = timedelta(days=3)

EXPECTED = {
    "it_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, IT, marketplace="it"),
    "de_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, DE, marketplace="de"),
    "es_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, ES, marketplace="es"),
    "en_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, UK, marketplace="uk"),
    "fr_presale_message": Expected(CUSTOMER, Kind.MESSAGE, None, Stage.PRE_SALE, marketplace="fr"),
    "it_claim_opened": Expected(
        CLAIM, Kind.CLAIM, IT, limit=THREE_DAYS, topic=Topic.A_TO_Z, marketplace="it"
    ),
    "en_claim_opened": Expected(
        CLAIM, Kind.CLAIM, UK, limit=timedelta(hours=72), topic=Topic.A_TO_Z, marketplace="uk"
    ),
    "it_chargeback": Expected(
        CLAIM, Kind.CLAIM, "405-3333333-4444444", topic=Topic.CHARGEBACK, marketplace="it"
    ),
    "de_negative_feedback": Expected(
        NOTICE,
        Kind.NOTICE,
        "301-2222222-1111111",
        topic=Topic.NEGATIVE_FEEDBACK,
        marketplace="de",
    ),
    "es_claim_closed": Expected(Verdict.CLAIM_CLOSED, Kind.CLAIM, ES, marketplace="es"),
    "answer_copy": Expected(Verdict.ANSWERED_ELSEWHERE, Kind.MESSAGE, IT),
    "en_return_request": Expected(CUSTOMER, Kind.RETURN_REQUEST, UK, topic=Topic.RETURN),
    "es_cancel_request": Expected(
        CUSTOMER,
        Kind.CANCEL_REQUEST,
        "404-7777777-8888888",
        topic=Topic.CANCEL_BEFORE_SHIPMENT,
        marketplace="es",
    ),
    "refund": Expected(NOTICE, Kind.NOTICE, IT),
    "unknown_type": Expected(NOTICE, Kind.NOTICE, IT),
    "opted_out": Expected(BOUNCE, Kind.MESSAGE, IT, refers_to=(OWN_ID,)),
    "bounce": Expected(BOUNCE, Kind.NOTICE, None, Stage.UNKNOWN, refers_to=(OWN_ID,)),
    "out_of_office": Expected(Verdict.AUTO_REPLY, Kind.NOTICE, IT, marketplace="it"),
    "pt_presale_message": Expected(CUSTOMER, Kind.MESSAGE, None, Stage.PRE_SALE, marketplace="br"),
    "nl_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, "402-1111111-2222222", marketplace="nl"),
    "ja_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, "503-1111111-2222222", marketplace="jp"),
    "pl_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, "404-1111111-2222222", marketplace="pl"),
    "sv_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, "405-2222222-3333333", marketplace="se"),
    "tr_buyer_message": Expected(CUSTOMER, Kind.MESSAGE, "406-1111111-2222222", marketplace="tr"),
    "pt_answer_copy": Expected(Verdict.ANSWERED_ELSEWHERE, Kind.MESSAGE, None, Stage.UNKNOWN),
    "es_return_request": Expected(
        CUSTOMER, Kind.RETURN_REQUEST, ES, topic=Topic.RETURN, marketplace="es"
    ),
    "refund_again": Expected(NOTICE, Kind.NOTICE, IT),
    "opted_out_by_order": Expected(BOUNCE, Kind.MESSAGE, IT),
    "en_service_inquiry": Expected(CUSTOMER, Kind.MESSAGE, UK),
    "en_account_health": Expected(NOTICE, Kind.NOTICE, None, Stage.UNKNOWN),
    "lookalike_domain": Expected(Verdict.SUSPECT, Kind.SUSPECT, None, Stage.UNKNOWN),
    "spoofed_domain": Expected(Verdict.SUSPECT, Kind.SUSPECT, UK),
    "spoofed_sender": Expected(Verdict.SUSPECT, Kind.SUSPECT, IT),
}
WORDS = {
    "it_buyer_message": (
        "Buongiorno, il pacco doveva arrivare venerdì e il tracking è fermo a Bologna.\n"
        "Mi potete dire quando arriva? È un regalo.\n\nGrazie, Chiara"
    ),
    "de_buyer_message": (
        "Guten Tag,\nmein Paket ist laut Sendungsverfolgung zugestellt, aber ich habe nichts "
        "bekommen.\nBitte erstatten Sie mir den Betrag.\nGrüße, Jost W."
    ),
    "es_buyer_message": "Hola, la taza llegó rota, ¿pueden enviarme otra? Gracias",
    "fr_presale_message": (
        "Bonjour, la lampe est-elle compatible avec une ampoule E27 ?\nMerci d'avance."
    ),
    "answer_copy": "Gentile Chiara, il pacco è in consegna domani.",
    "pt_presale_message": "Olá, esta luminária funciona em 127 V? Obrigada",
    "pt_answer_copy": "Olá Maria, sim, a luminária é bivolt.",
    "nl_buyer_message": (
        "Goedemiddag, het pakket staat op bezorgd, maar ik heb niets ontvangen.\n"
        "Kunt u dit nakijken?"
    ),
    "ja_buyer_message": (
        "お世話になっております。\n届いたマグカップの取っ手が割れていました。\n交換していただけますか。"
    ),
    "pl_buyer_message": (
        "Dzień dobry, brakuje jednej nóżki do stołu.\nCzy mogę prosić o dosłanie?"
    ),
    "sv_buyer_message": "Hej! Lampan blinkar när jag tänder den.\nKan jag få en ny?",
    "tr_buyer_message": ("Merhaba, İZMİR'e kargo ne zaman gelir? Takip kodu bende yok."),
    "en_service_inquiry": (
        "The parcel shows as delivered, but it never came.\n"
        "Could the seller check with the courier?"
    ),
    "es_return_request": (
        "Amazon says it has authorised this return itself.\n\n"
        "Product: Taza de gres\nASIN: B0TESTES01\nSKU: TAZA-01\nQuantity: 2\n"
        "Reason: Defectuoso\nBuyer's comment: Llegó rota\n\n"
        "Product: Plato de gres\nASIN: B0TESTES02\nSKU: PLATO-02\nQuantity: 1\n"
        "Reason: Ya no lo quiero\nReturn carrier: Correos\nTracking: PQ4F6TESTES0011"
    ),
    "en_return_request": (
        "Product: Oak shelf, two boards\nASIN: B0TESTEN01\nQuantity: 1\n"
        "Reason: Defective\nBuyer's comment: Screws missing"
    ),
}
ANSWERED_IN_SELLER_CENTRAL = frozenset({"en_service_inquiry"})


def explained(name: str) -> InboundMessage:
    received = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)
    return connector("amazon").normalise(raw_item(fixture("amazon", name), received))


def test_every_fixture_has_an_expectation() -> None:
    folder = Path(next(iter(connectors.__path__))) / "amazon" / "fixtures"
    assert {path.stem for path in folder.glob("*.eml")} == set(EXPECTED)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_fixture_is_understood(name: str) -> None:
    found, wanted = explained(name), EXPECTED[name]
    assert (found.verdict, found.kind, found.stage) == (wanted.verdict, wanted.kind, wanted.stage)
    assert found.order_id == wanted.order
    assert found.platform_limit == wanted.limit
    assert tuple(found.refers_to) == wanted.refers_to
    assert tuple(found.own_replies) == ("901",) * len(wanted.refers_to)
    assert (found.topic, found.marketplace) == (wanted.topic, wanted.marketplace)
    assert found.reason
    assert found.text


@pytest.mark.parametrize("name", sorted(WORDS))
def test_the_writers_words_come_out_without_amazons_frame(name: str) -> None:
    assert explained(name).text == WORDS[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_only_a_buyers_message_can_be_answered_by_mail(name: str) -> None:
    answerable = EXPECTED[name].verdict is CUSTOMER and EXPECTED[name].kind is Kind.MESSAGE
    answerable = answerable and name not in ANSWERED_IN_SELLER_CENTRAL
    assert bool(explained(name).reply_context) == answerable


def test_the_buyer_is_the_alias_without_case_and_the_answer_keeps_the_case() -> None:
    found = explained("it_buyer_message")
    assert found.sender_handle == "k3v9qzt41mno2xa@marketplace.amazon.it"
    assert found.sender_name == "Chiara Bellandi"
    assert found.reply_context["to"] == "k3v9qzt41mno2xa+133a066e@marketplace.amazon.it"


def test_thread_keys_run_from_case_to_order_to_alias_for_30_days() -> None:
    found = explained("it_buyer_message")
    buyer = "buyer:k3v9qzt41mno2xa@marketplace.amazon.it"
    assert [(key.value, key.max_age) for key in found.thread_keys] == [
        ("case:133a066e", None),
        (f"{buyer}|{IT}", None),
        (buyer, timedelta(days=30)),
    ]


def test_the_copy_of_an_answer_leads_to_the_ticket_of_its_order() -> None:
    question, copy = explained("it_buyer_message"), explained("answer_copy")
    assert {key.value for key in copy.thread_keys} <= set(question.own_keys)
    assert copy.sender_name == "Chiara Bellandi"


def test_an_opt_out_names_our_mail_and_leads_to_the_ticket_of_its_order() -> None:
    keys = [key.value for key in explained("opted_out").thread_keys]
    assert keys == [OWN_ID, f"order:{IT}"]


def test_a_claim_and_its_decision_share_a_thread_of_their_own() -> None:
    opened = explained("it_claim_opened")
    assert [key.value for key in opened.thread_keys] == [f"claim:{IT}"]
    assert [key.value for key in explained("es_claim_closed").thread_keys] == [f"claim:{ES}"]


def test_what_is_suspect_joins_no_conversation_and_offers_no_link() -> None:
    for name in ("spoofed_domain", "spoofed_sender"):
        assert explained(name).thread_keys == ()
        assert explained(name).links == {}


def test_a_typed_end_ruler_and_phishing_twins_neither_cut_the_words_nor_become_links() -> None:
    found = explained("en_buyer_message")
    assert "Could you send four M4 screws?" in found.text
    assert found.links == {
        "no_response": "https://sellercentral.amazon.co.uk/messaging/no-response-needed"
        "?t=REAL&h=REALHASH"
    }


def test_the_day_and_the_amount_that_amazon_states_are_kept() -> None:
    found = explained("it_chargeback")
    assert found.respond_by == datetime(2026, 3, 16, 23, 0, tzinfo=UTC)
    assert (found.order_value, found.currency) == (Decimal("1249.90"), "EUR")
    claim = explained("it_claim_opened")
    assert (claim.order_value, claim.currency) == (Decimal("49.90"), "EUR")
    assert claim.respond_by is None


def test_the_copy_of_an_answer_says_whom_it_greets() -> None:
    assert explained("answer_copy").answers_customer_named == "Chiara Bellandi"
    assert explained("pt_answer_copy").answers_customer_named == "Maria Silva"
    assert explained("pt_answer_copy").thread_keys == ()
    assert explained("pt_presale_message").sender_name == "Maria Silva"


def test_refunds_of_one_order_share_a_thread() -> None:
    keys = [
        [key.value for key in explained(name).thread_keys] for name in ("refund", "refund_again")
    ]
    assert keys == [[f"order:{IT}"], [f"order:{IT}"]]


def test_an_opt_out_that_names_only_the_order_is_certain_of_its_conversation() -> None:
    found = explained("opted_out_by_order")
    assert [(key.value, key.max_age) for key in found.thread_keys] == [(f"order:{IT}", None)]


def test_what_is_new_is_named_and_found() -> None:
    found = explained("unknown_type")
    assert "BRAND_NEW_THING" in found.reason
    assert "BRAND_NEW_THING" in found.finding
    assert explained("refund").finding == ""


def test_a_warning_about_the_account_can_be_told_by_rules() -> None:
    assert explained("en_account_health").tags == ("account_risk",)
    assert explained("es_return_request").tags == ("return_authorised",)


def test_the_way_to_a_case_is_amazons_own_link_or_made_from_the_address() -> None:
    own = explained("tr_buyer_message").links["case"]
    assert own == "https://sellercentral.amazon.com.tr/messaging/inbox?fi=caseId&cc=77aa88bb"
    assert "case" not in explained("de_buyer_message").links
