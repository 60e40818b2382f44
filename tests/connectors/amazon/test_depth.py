"""Amazon's mails in detail: every language's frame, subjects without header, accounts, returns."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from connectors.amazon.formats import Frame, MailKind, amazon_formats
from connectors.amazon.returns import headings, return_lines
from connectors.amazon.sorting import MEANINGS
from connectors.contract import InboundMessage, Verdict
from sla_rules.vocabulary import Kind
from tests.connectors.mailbox_pair import SEEN, connector, raw_item

ALIAS = "k3v9qzt41mno2xa@marketplace.amazon.it"
ORDER = "405-1234567-7654321"
WORDS = "Primera línea, ひとつ, ÄÖÜ ß.\nSecond line: do not cut ---- this."
FRAMES = {each.language: each for each in amazon_formats().frames}


def explain(
    body: str,
    *,
    sender: str = ALIAS,
    subject: str = "Inquiry",
    headers: str = "",
    **changes: Any,
) -> InboundMessage:
    raw = (
        f"{headers}From: Buyer <{sender}>\nTo: amazon@seller.example\nSubject: {subject}\n"
        "Date: Wed, 11 Mar 2026 08:00:00 +0000\nMessage-ID: <x1@amazonses.com>\n"
        f'Content-Type: text/plain; charset="utf-8"\n\n{body}\n'
    )
    data = raw.replace("\n", "\r\n").encode()
    return connector("amazon", **changes).normalise(raw_item(data, SEEN))


def test_the_frames_of_all_eleven_languages_are_known() -> None:
    assert set(FRAMES) == {"en", "fr", "pt", "es", "it", "de", "nl", "pl", "sv", "tr", "ja"}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_the_words_between_any_rulers_of_a_language_come_out_whole(frame: Frame) -> None:
    for begin, end in product(frame.begin, frame.end):
        mail = f"Intro\n\n--- {begin}:  ---\n{WORDS}\n----- {end.upper()} -----\nfooter text"
        assert explain(mail).text == WORDS
    one_line = f"Intro ---- {frame.begin[0]} ---- hello ---- {frame.end[0]} ---- footer"
    assert explain(one_line).text == "hello"


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_without_an_end_ruler_the_footer_of_the_language_ends_the_words(frame: Frame) -> None:
    for cue in frame.footer:
        mail = f"---- {frame.begin[0]} ----\nİyi günler\n{cue.capitalize()} and so on"
        assert explain(mail).text == "İyi günler"
        assert explain(f"no ruler at all\n{cue} and so on").text == "no ruler at all"
        assert explain(f"{cue} and nothing else").text


def test_rulers_nobody_has_seen_open_and_close_all_the_same() -> None:
    mail = "Intro\n---- Viesti alkaa ----\nHei\n---- Viesti päättyy ----\nfooter"
    assert explain(mail).text == "Hei"


def test_no_ruler_both_opens_and_closes_and_no_phrase_means_two_things() -> None:
    formats = amazon_formats()
    assert not formats.begins & formats.ends
    phrases = [phrase for rule in formats.subjects for phrase in rule.phrases]
    assert len(phrases) == len(set(phrases))


def test_a_wall_of_dashes_is_read_at_once() -> None:
    assert explain("-" * 200_000).text
    assert explain("--- a " * 20_000).text


BY_SUBJECT = [
    ("Inquiry from Amazon customer Jane (Order: 202-5555555-6666666)", Kind.MESSAGE),
    ("Order delivery inquiry from Amazon customer  (Order: 202-5555555-6666666)", Kind.MESSAGE),
    ("Return policy enquiry from Amazon customer Sakina(Order: 202-5555555-6666666)", Kind.MESSAGE),
    ("Exchange request for order (Order: 202-5555555-6666666)", Kind.MESSAGE),
    ("Paket nicht angekommen: Gutschrift anfordern(Bestellung: 301-7654321-1234567)", Kind.MESSAGE),
    ("商品に関するお問い合わせ (注文: 503-1111111-2222222)", Kind.MESSAGE),
    ("Detalhes do produto Amazon Maria Silva pergunta do cliente", Kind.MESSAGE),
    ("Demande de renseignements de la part du client Amazon Maelle", Kind.MESSAGE),
    ("An inquiry from one of our customers", Kind.MESSAGE),
    ("Solicitud de cancelacion del pedido 404-7777777-8888888", Kind.CANCEL_REQUEST),
    ("Solicitação de cancelamento do pedido 701-1111111-2222222", Kind.CANCEL_REQUEST),
    ("Notificacion de autorizacion de devolucion para el pedido 404-2", Kind.RETURN_REQUEST),
    ("返品リクエスト 503-1111111-2222222", Kind.RETURN_REQUEST),
]


@pytest.mark.parametrize(("subject", "kind"), BY_SUBJECT)
def test_a_request_from_amazon_without_its_header_runs_a_clock_by_its_subject(
    subject: str, kind: Kind
) -> None:
    found = explain("words", sender="donotreply@amazon.com", subject=subject)
    assert (found.verdict, found.kind) == (Verdict.CUSTOMER, kind)
    assert found.reply_context == {}


@pytest.mark.parametrize(
    ("subject", "verdict"),
    [
        ("Richiesta di rimborso ricevuta per l'ordine 405-1234567-7654321", Verdict.CLAIM),
        ("Su reclamacion bajo la Garantia de la A a la Z: pedido 404-2", Verdict.CLAIM_CLOSED),
        ("Rückbuchung zur Bestellung 301-7654321-1234567", Verdict.CLAIM),
        ("Contestation de paiement, commande 402-1111111-2222222", Verdict.CLAIM),
        ("Seu e-mail para Maria Silva", Verdict.ANSWERED_ELSEWHERE),
        ("Rimborso emesso per l'ordine 405-1234567-7654321", Verdict.NOTICE),
        ("Verstoß gegen Richtlinien", Verdict.NOTICE),
        ("Something nobody has heard of", Verdict.NOTICE),
    ],
)
def test_other_mail_of_amazons_is_told_by_its_subject(subject: str, verdict: Verdict) -> None:
    assert explain("words", sender="donotreply@amazon.com", subject=subject).verdict is verdict


def test_a_subject_makes_nothing_of_a_strangers_mail() -> None:
    found = explain("words", sender="rep@supplier.example", subject="Chargeback for your order")
    assert found.verdict is Verdict.NOTICE


@pytest.mark.parametrize(
    "sender",
    [
        "service@arnazon.example",
        "service@amaz0n-seller.example",
        "service@xn--mazon-3ve.example",
        "service@marketplace.amazon.it.evil.example",
    ],
)
def test_what_is_drawn_like_amazon_is_suspect_and_leads_nowhere(sender: str) -> None:
    link = "https://sellercentral.amazon.it/messaging/no-response-needed?t=1"
    found = explain(f"---- Message ----\nx\n---- End message ----\n{link}", sender=sender)
    assert found.verdict is Verdict.SUSPECT
    assert (found.links, found.thread_keys, found.tags) == ({}, (), ())


def test_a_link_that_a_stranger_puts_after_a_ruler_is_none_of_amazons() -> None:
    link = "https://sellercentral.amazon.it/messaging/inbox?fi=caseId&cc=133a066e"
    mail = f"---- Message ----\nx\n---- End message ----\n{link}"
    stranger = explain(mail, sender="rep@supplier.example")
    assert (stranger.links, stranger.thread_keys) == ({}, ())
    buyer = explain(mail)
    assert buyer.links == {"case": link}
    assert buyer.thread_keys[0].value == "case:133a066e"


def test_the_case_in_an_address_alone_leads_to_it_too() -> None:
    found = explain("hello", sender=ALIAS.replace("@", "+77ab@"))
    link = "https://sellercentral.amazon.it/messaging/inbox?fi=caseId&cc=77ab"
    assert found.links == {"case": link}
    for header in ("Delivered-To", "X-Original-To", "Envelope-To"):
        tagged = explain("hello", headers=f"{header}: {ALIAS.replace('@', '+77ab@')}\n")
        assert tagged.thread_keys[0].value == "case:77ab"
        assert tagged.reply_context["to"] == ALIAS.replace("@", "+77ab@")


RECEIVED = "Received: from a.example by b.example; %s\n"


@pytest.mark.parametrize(
    ("date", "first", "expected"),
    [
        ("08:00", "Wed, 11 Mar 2026 07:59:30 +0000", datetime(2026, 3, 11, 7, 59, 30, tzinfo=UTC)),
        ("08:00", "Wed, 11 Mar 2026 08:20:00 +0000", datetime(2026, 3, 11, 8, tzinfo=UTC)),
        ("23:00", "Wed, 11 Mar 2026 08:20:00 +0000", datetime(2026, 3, 11, 8, 20, tzinfo=UTC)),
        ("08:00", "Wed, 11 Mar 2026 10:20:00 +0000", datetime(2026, 3, 11, 8, tzinfo=UTC)),
        ("08:00", "Sun, 01 Mar 2026 10:20:00 +0000", SEEN - timedelta(hours=48)),
        ("08:00", "no date", datetime(2026, 3, 11, 8, tzinfo=UTC)),
    ],
)
def test_invariant_5_the_clock_starts_at_the_earlier_of_date_and_amazons_first_stamp(
    date: str, first: str, expected: datetime
) -> None:
    later = RECEIVED % "Wed, 11 Mar 2026 08:59:00 +0000"
    raw = (
        f"{later}{RECEIVED % first}From: <{ALIAS}>\nSubject: x\n"
        f"Date: Wed, 11 Mar 2026 {date}:00 +0000\n\nhello\n"
    )
    item = raw_item(raw.replace("\n", "\r\n").encode(), SEEN)
    assert connector("amazon").normalise(item).sent_at == expected


SHARED = ["amazon+de@seller.example", "amazon+it@seller.example"]


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("Delivered-To: amazon+DE@seller.example\n", ("account:de",)),
        ("Cc: amazon+it@seller.example\n", ("account:it",)),
        ("", ("account:unassigned",)),
        ("Delivered-To: amazon+fr@seller.example\n", ("account:unassigned",)),
        (
            "Delivered-To: amazon+de@seller.example\nCc: amazon+it@seller.example\n",
            ("account:unassigned",),
        ),
    ],
)
def test_in_a_shared_mailbox_the_address_tells_the_account(
    header: str, tags: tuple[str, ...]
) -> None:
    found = explain("hello", headers=header, own_addresses=SHARED)
    assert found.verdict is Verdict.CUSTOMER
    assert tuple(found.tags) == tags
    assert bool(found.finding) == (tags == ("account:unassigned",))


def test_a_mailbox_of_one_account_has_no_account_to_tell() -> None:
    found = explain("hello", headers="Delivered-To: amazon+de@seller.example\n")
    assert (found.tags, found.finding) == ((), "")


def test_a_copy_without_name_or_order_answers_nobody() -> None:
    copy = "X-Space-Notification-Type: BBC_MESSAGE_CONFIRMATION_TO_MERCHANT\n"
    sender = "donotreply@amazon.com"
    bare = explain("It leaves today.", sender=sender, subject="Message sent", headers=copy)
    assert (bare.verdict, bare.answers_customer_named) == (Verdict.ANSWERED_ELSEWHERE, "")
    assert bare.thread_keys == ()
    ordered = explain(f"Order {ORDER}", sender=sender, subject="Message sent", headers=copy)
    assert ordered.answers_customer_named
    assert [key.value for key in ordered.thread_keys] == [f"order:{ORDER}"]


def test_invariant_6_an_order_that_only_a_copied_answer_cites_is_not_the_one_answered() -> None:
    copy = "X-Space-Notification-Type: BBC_MESSAGE_CONFIRMATION_TO_MERCHANT\n"
    sender, subject = "donotreply@amazon.com", "Your e-mail to Maria Silva"
    frame = f"%s\n---- Begin message ----\nAs in order {ORDER}.\n---- End message ----"
    typed = explain(frame % "", sender=sender, subject=subject, headers=copy)
    assert (typed.order_id, typed.thread_keys) == (None, ())
    stated = explain(frame % f"Order {ORDER}", sender=sender, subject=subject, headers=copy)
    assert stated.order_id == ORDER


def test_only_amazons_own_type_is_named_and_only_in_plain_letters() -> None:
    odd = "X-Space-Notification-Type: NEW<!channel>@everyone\n"
    found = explain("words", sender="donotreply@amazon.com", headers=odd)
    assert "NEW??channel??everyone" in found.finding
    assert explain("words", sender="x@evil.example", headers=odd).finding == ""


@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_of_mail_has_a_meaning(kind: MailKind) -> None:
    assert MEANINGS[kind].says


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Artikel: Eichenregal\nMenge: 2\nRücksendegrund: Defekt", "Product: Eichenregal\nQuantity: 2\nReason: Defekt"),
        ("Motif du retour :\nNe convient pas\nTransporteur : Colissimo", "Reason: Ne convient pas\nReturn carrier: Colissimo"),
        ("商品\uff1aマグカップ\n数量\uff1a1", "Product: マグカップ\nQuantity: 1"),
        ("ASIN  SKU\nB0TEST0001  A-1\nB0TEST0002  A-2", "ASIN: B0TEST0001\nSKU: A-1\n\nASIN: B0TEST0002\nSKU: A-2"),
        ("Comment:\nReason: Defective", "Reason: Defective"),
        ("We are sorry.\nThe reason is unknown.", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_a_return_is_read_however_it_is_set_out(text: str, lines: str) -> None:
    assert return_lines(text) == lines


def test_no_heading_of_a_return_means_two_things() -> None:
    known = headings()
    assert set(known.meaning.values()) == set(known.fields)


def test_a_return_set_out_in_no_known_way_is_shown_whole() -> None:
    kind = "X-Space-Notification-Type: RETURN_REQUEST\n"
    found = explain("Something is coming back.", sender="donotreply@amazon.com", headers=kind)
    assert found.text == "Something is coming back."


def test_a_buyer_types_neither_a_return_table_nor_an_authorisation() -> None:
    kind = "X-Space-Notification-Type: RETURN_REQUEST\n"
    typed = "Reason: Defective\nIt was automatically authorised."
    found = explain(typed, headers=kind)
    assert found.text == typed
    assert found.tags == ()
