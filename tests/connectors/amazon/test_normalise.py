"""Amazon's mails at their edges: addresses, trust, frames, limits."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.amazon.address import AmazonAddresses
from connectors.amazon.formats import amazon_formats
from connectors.amazon.limit import stated_limit
from connectors.contract import InboundMessage, Verdict
from connectors.errors import Rejected
from sla_rules.vocabulary import Kind
from tests.connectors.mailbox_pair import SEEN, command, connector, raw_item

ADDRESSES = AmazonAddresses(amazon_formats())
ALIAS = "k3v9qzt41mno2xa@marketplace.amazon.it"


def explain(raw: str | bytes, received: datetime = SEEN) -> InboundMessage:
    data = raw if isinstance(raw, bytes) else raw.replace("\n", "\r\n").encode()
    return connector("amazon").normalise(raw_item(data, received))


def buyer_mail(body: str, *, sender: str = ALIAS, headers: str = "") -> str:
    return (
        f"From: Buyer <{sender}>\nTo: amazon@seller.example\nSubject: Inquiry\n"
        f"Date: Wed, 11 Mar 2026 08:00:00 +0000\nMessage-ID: <x1@amazonses.com>\n{headers}"
        f'Content-Type: text/plain; charset="utf-8"\n\n{body}\n'
    )


@pytest.mark.parametrize(
    ("address", "base", "case"),
    [
        (ALIAS, ALIAS, None),
        ("K3V9qzt+133A066E@Marketplace.Amazon.DE", "k3v9qzt@marketplace.amazon.de", "133a066e"),
        (
            "ab-c.d+0f8fad5b-d9cb-469f-a165-70867728950e@marketplace.amazon.co.uk",
            "ab-c.d@marketplace.amazon.co.uk",
            "0f8fad5b-d9cb-469f-a165-70867728950e",
        ),
    ],
)
def test_a_buyers_alias_is_recognised(address: str, base: str, case: str | None) -> None:
    alias = ADDRESSES.alias(address)
    assert alias is not None
    assert (alias.base, alias.case, alias.address) == (base, case, address)


@pytest.mark.parametrize(
    "address",
    [
        "a1@marketplace.amazon.it.evil.example",
        "a1@evil-marketplace.amazon.it",
        "a1@marketplace.amazon.evil",
        "a1@marketplace-amazon.it",
        "a1@amazon.it",
        "a1@b@marketplace.amazon.it",
        "a1@marketplace.amazon.it\nBcc: x",
        "no-reply@marketplace.amazon.it",
        "donotreply+1@marketplace.amazon.it",
        "@marketplace.amazon.it",
        "",
    ],
)
def test_no_other_address_is_a_buyer(address: str) -> None:
    assert ADDRESSES.alias(address) is None


@pytest.mark.parametrize(
    ("address", "amazon"),
    [
        ("donotreply@amazon.com", True),
        ("x@bounces.amazon.co.uk", True),
        ("x@amazon.com.evil.example", False),
        ("x@notamazon.com", False),
        ("x@amazon-support.example", False),
    ],
)
def test_only_amazons_own_domains_are_amazon(address: str, amazon: bool) -> None:
    assert ADDRESSES.is_amazon(address) is amazon


def test_the_case_number_is_taken_from_wherever_it_stands() -> None:
    tagged = ALIAS.replace("@", "+77ab@")
    for header in (f"Reply-To: {tagged}\n", f"Delivered-To: {tagged}\n"):
        found = explain(buyer_mail("hello", headers=header))
        assert found.reply_context["to"] == tagged
        assert found.thread_keys[0].value == "case:77ab"


def test_a_further_marketplace_is_a_matter_of_settings() -> None:
    raw = buyer_mail("hello", sender="abc123@marketplace.amazon.co.za")
    assert explain(raw).verdict is Verdict.SUSPECT
    spec = connector("amazon", marketplace_tlds=["co.za"])
    found = spec.normalise(raw_item(raw.replace("\n", "\r\n").encode()))
    assert found.verdict is Verdict.CUSTOMER


@pytest.mark.parametrize(
    ("results", "verdict"),
    [
        ("mx.seller.example; spf=fail; dkim=fail", Verdict.SUSPECT),
        ("mx.seller.example; dmarc=fail", Verdict.SUSPECT),
        ("mx.seller.example; spf=fail", Verdict.SUSPECT),
        ("mx.seller.example; spf=fail (forwarded); dkim=pass; dmarc=pass", Verdict.CUSTOMER),
        ("mx.seller.example; spf=fail; dkim=pass", Verdict.CUSTOMER),
        ("mx.seller.example; spf=softfail; dkim=none", Verdict.CUSTOMER),
        ("other.example; dmarc=fail", Verdict.CUSTOMER),
        ("mx.seller.example", Verdict.CUSTOMER),
    ],
)
def test_a_failure_our_own_mail_server_found_makes_a_mail_suspect(
    results: str, verdict: Verdict
) -> None:
    found = explain(buyer_mail("hello", headers=f"Authentication-Results: {results}\n"))
    assert found.verdict is verdict


def test_an_attacker_cannot_vouch_for_himself_below_our_servers_header() -> None:
    headers = (
        "Authentication-Results: mx.seller.example; dmarc=fail\n"
        "Authentication-Results: mx.seller.example; dmarc=pass\n"
    )
    assert explain(buyer_mail("hello", headers=headers)).verdict is Verdict.SUSPECT


def test_a_buyer_behind_bulk_or_machine_headers_of_the_relay_is_still_a_buyer() -> None:
    headers = (
        "X-Space-Notification-Type: BBC_MESSAGE_SENT_TO_MERCHANT\nAuto-Submitted: auto-generated\n"
        "Precedence: bulk\nX-AMAZON-MAIL-RELAY-TYPE: NOTIFICATION\nReturn-Path: <>\n"
    )
    assert explain(buyer_mail("hello", headers=headers)).verdict is Verdict.CUSTOMER


def test_an_alias_in_reply_to_makes_a_buyer_only_of_mail_from_amazon() -> None:
    reply_to = f"Reply-To: {ALIAS}\n"
    genuine = explain(buyer_mail("hello", sender="donotreply@amazon.it", headers=reply_to))
    assert genuine.verdict is Verdict.CUSTOMER
    assert genuine.sender_handle == ALIAS
    stranger = explain(buyer_mail("hello", sender="eve@evil.example", headers=reply_to))
    assert stranger.verdict is Verdict.NOTICE
    assert stranger.reply_context == {}


def test_somebody_who_writes_past_amazon_becomes_a_notice_for_a_person() -> None:
    found = explain(buyer_mail("hello", sender="rep@supplier.example"))
    assert (found.verdict, found.kind) == (Verdict.NOTICE, Kind.NOTICE)
    assert "not from Amazon" in found.reason


def test_a_claim_without_header_is_told_by_its_sender() -> None:
    raw = buyer_mail("Please respond.", sender="atoz-guarantee-no-reply@amazon.fr")
    found = explain(raw)
    assert (found.verdict, found.platform_limit) == (Verdict.CLAIM, None)


@pytest.mark.parametrize(
    "said",
    [
        "We were unable to deliver the message you sent for order %s.",
        "Non siamo riusciti a consegnare il messaggio per l'ordine %s.",
        "Wir konnten Ihre Nachricht nicht zustellen (Bestellung %s).",
        "Nous n'avons pas pu remettre votre message (commande %s).",
        "No hemos podido entregar el mensaje del pedido %s.",
    ],
)
def test_an_undelivered_notice_without_header_is_a_bounce_of_its_order(said: str) -> None:
    found = explain(buyer_mail(said % "405-1234567-7654321", sender="x@amazon.com"))
    assert found.verdict is Verdict.BOUNCE
    assert [key.value for key in found.thread_keys] == ["order:405-1234567-7654321"]
    assert all(key.max_age is None for key in found.thread_keys)


def test_a_failure_that_names_no_mail_and_no_order_is_a_notice_for_a_person() -> None:
    raw = buyer_mail("We were unable to deliver the message you sent.", sender="x@amazon.com")
    found = explain(raw)
    assert (found.verdict, found.kind) == (Verdict.NOTICE, Kind.NOTICE)
    assert "does not say which" in found.reason


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("---- Begin message ----\nhi\n---- End message ----\nfooter", "hi"),
        ("---- Message: ---- one line ---- Finalizar mensaje ---- footer", "one line"),
        ("-- intro\n---- Nachricht Anfang ----\nhallo\n---- Nachricht Ende ----\nx", "hallo"),
        ("---- Begin message ----\nhi\nWas this email helpful? yes", "hi"),
        ("---- Begin message ----\nhi\nCopyright 2026 Amazon", "hi"),
        (
            "---- Début du message ----\nbonjour\n---- Fin du message ----\nx",
            "bonjour",
        ),
        ("just a mail", "just a mail"),
        ("---- Begin message ----\n---- End message ----", "---- Begin message"),
    ],
)
def test_the_frame_is_cut_away_in_any_wording(body: str, words: str) -> None:
    assert explain(buyer_mail(body)).text.startswith(words)
    assert "footer" not in explain(buyer_mail(body)).text


def test_decomposed_accents_in_the_ruler_match() -> None:
    body = "---- Mensagem: ----\nolá\n---- Encerrar mensagem ----\nfooter"
    decomposed = body.replace("á", "a\u0301")
    assert explain(buyer_mail(decomposed)).text == "olá"


def test_with_two_frames_in_the_html_the_plain_rulers_decide() -> None:
    raw = (
        f'From: <{ALIAS}>\nMIME-Version: 1.0\nContent-Type: text/html; charset="utf-8"\n\n'
        "<p>---- Begin message ----</p><p>hello</p><p>---- End message ----</p>"
        "<pre>one</pre><pre>two</pre>\n"
    )
    assert explain(raw).text == "hello"


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("You have 3 calendar days to respond.", timedelta(days=3)),
        ("Reply within 72 hours. Refunds take 5 business days.", timedelta(hours=72)),
        ("Respond within three (3) days.", timedelta(days=3)),
        ("Hai 3 giorni per rispondere alla richiesta.", timedelta(days=3)),
        ("Rispondi entro tre giorni di calendario.", timedelta(days=3)),
        ("Bitte antworten Sie innerhalb von 3 Kalendertagen.", timedelta(days=3)),
        ("Sie haben 72 Stunden Zeit für Ihre Antwort.", timedelta(hours=72)),
        ("Vous avez 3 jours calendaires pour répondre.", timedelta(days=3)),
        ("Veuillez répondre sous 72 heures.", timedelta(hours=72)),
        ("Tiene 3 días naturales para responder.", timedelta(days=3)),
        ("Responda en un plazo de 72 horas.", timedelta(hours=72)),
        ("Please respond\nwithin 3\ndays.", timedelta(days=3)),
        ("Respond within 3 days or at most 2 days for prime orders.", timedelta(days=2)),
        ("The amount of EUR 3 is due in 5 days.", None),
        ("Please respond soon. The order is 400 days old.", None),
        ("Please respond; amount 49,90 days", None),
        ("", None),
    ],
)
def test_the_stated_time_to_answer_is_read_in_five_languages(
    text: str, limit: timedelta | None
) -> None:
    assert stated_limit(text, amazon_formats().limit) == limit


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Wed, 11 Mar 2026 08:00:00 +0000", datetime(2026, 3, 11, 8, tzinfo=UTC)),
        ("Wed, 11 Mar 2026 10:30:00 +0200", datetime(2026, 3, 11, 8, 30, tzinfo=UTC)),
        ("Thu, 12 Mar 2026 08:00:00 +0000", SEEN),
        ("Sun, 01 Mar 2026 08:00:00 +0000", SEEN - timedelta(hours=48)),
        ("yesterday", SEEN),
    ],
)
def test_invariant_5_the_clock_starts_when_the_buyer_wrote_never_after_arrival(
    date: str, expected: datetime
) -> None:
    raw = buyer_mail("hello").replace("Wed, 11 Mar 2026 08:00:00 +0000", date)
    assert explain(raw).sent_at == expected


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 50, b"From: \r\n\r\n", b"no mail at all"])
def test_any_bytes_become_a_notice_and_stop_nothing(raw: bytes) -> None:
    found = explain(raw)
    assert found.verdict is Verdict.NOTICE
    assert found.sent_at == SEEN


def test_the_answer_names_the_order_where_nothing_else_does() -> None:
    order = "405-1234567-7654321"
    bare = connector("amazon").preview(command("amazon", order_id=order))
    assert bare.subject == f"Re: a question ({order})"
    named = connector("amazon").preview(
        command("amazon", order_id=order, subject=f"Inquiry (Order: {order})")
    )
    assert named.subject == f"Re: Inquiry (Order: {order})"


@pytest.mark.parametrize(
    "recipient",
    ["", "buyer@post.example", "a1@marketplace.amazon.it.evil.example", "noreply@amazon.it"],
)
def test_an_answer_leaves_only_to_a_buyers_alias(recipient: str) -> None:
    with pytest.raises(Rejected):
        connector("amazon").preview(command("amazon", to=recipient))
