"""Mail to the shop at its edges: forms, senders, threads."""

from datetime import timedelta

import pytest

from connectors.contract import InboundMessage, ReplyCommand, Verdict
from connectors.mail.form import read_form, sends_forms
from sla_rules.vocabulary import Stage
from tests.connectors.mailbox_pair import SEEN, connector, raw_item


def mail(body: str = "hello", *, sender: str = "nora@post.example", headers: str = "") -> bytes:
    return (
        (
            f"From: Nora <{sender}>\nTo: shop@seller.example\nMessage-ID: <m1@post.example>\n"
            f"Date: Wed, 11 Mar 2026 08:00:00 +0000\n{headers}"
            f'Content-Type: text/plain; charset="utf-8"\n\n{body}\n'
        )
        .replace("\n", "\r\n")
        .encode()
    )


def explain(raw: bytes) -> InboundMessage:
    return connector("website").normalise(raw_item(raw))


@pytest.mark.parametrize(
    ("text", "name", "email", "message"),
    [
        ("Name: Ada\nEmail: ada@p.example\nMessage: hi", "Ada", "ada@p.example", "hi"),
        ("Nome\nAda\n\nE-mail\nada@p.example\n\nMessaggio\nciao\n\na tutti", "Ada", "ada@p.example", "ciao\n\na tutti"),
        ("Nom :\nAda\nCourriel : ada@p.example\nVotre message :\nsalut", "Ada", "ada@p.example", "salut"),
        ("Nombre: Ada\nCorreo electrónico: ada@p.example\nMensaje:\nhola", "Ada", "ada@p.example", "hola"),
        ("**Name:** Ada\n**E-Mail-Adresse:** ada@p.example\n**Nachricht:** hallo", "Ada", "ada@p.example", "hallo"),
        ("Name:\nEmail:\nada@p.example\nMessage:\nhi", "", "ada@p.example", "hi"),
        ("Name: Ada\nName: Eve\nMessage: x", "Ada", "", "x"),
        ("Email: Ada <ada@p.example>\nMessage: x", "", "ada@p.example", "x"),
        ("Dear shop, my name: is unknown", "", "", ""),
        ("", "", "", ""),
    ],
)  # fmt: skip
def test_forms_are_read_in_five_languages_on_one_line_or_two(
    text: str, name: str, email: str, message: str
) -> None:
    form = read_form(text)
    assert (form.name, form.email, form.message) == (name, email, message)


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("mailer@forms.example", True),
        ("Mailer@Forms.example", True),
        ("other@forms.example", False),
        ("store+7@relay.example", True),
        ("x@sub.relay.example", False),
        ("mailer@forms.example.evil.example", False),
        ("", False),
    ],
)
def test_form_senders_are_exact_addresses_or_whole_domains(sender: str, expected: bool) -> None:
    assert sends_forms(sender, ["mailer@forms.example", "@relay.example"]) is expected


def test_reply_to_of_an_ordinary_sender_is_answered_but_does_not_change_who_wrote() -> None:
    found = explain(mail(headers="Reply-To: nora.private@post.example\n"))
    assert found.sender_handle == "nora@post.example"
    assert found.reply_context["to"] == "nora.private@post.example"


def test_a_reply_to_that_is_our_own_address_is_not_answered() -> None:
    found = explain(mail(headers="Reply-To: shop@seller.example\n"))
    assert found.reply_context["to"] == "nora@post.example"


def test_a_form_mail_that_answers_to_the_shop_itself_names_no_customer() -> None:
    raw = mail("Hello", sender="mailer@forms.example", headers="Reply-To: shop@seller.example\n")
    assert explain(raw).verdict is Verdict.NOTICE


def test_a_form_that_sends_in_the_shops_own_name_is_told_by_its_reply_to() -> None:
    body = "Name: Ada\nMessage: hi"
    headers = "Reply-To: ada@post.example\n"
    found = explain(mail(body, sender="Shop@seller.example", headers=headers))
    assert (found.verdict, found.sender_handle) == (Verdict.CUSTOMER, "ada@post.example")
    assert found.text == "hi"


def test_the_same_customer_and_subject_continue_a_conversation_for_14_days() -> None:
    first = explain(mail(headers="Subject: The oak shelf\n"))
    later = explain(mail(headers="Subject: Re: AW: the  oak shelf\n"))
    assert [key.value for key in first.thread_keys] == [key.value for key in later.thread_keys]
    assert first.thread_keys[0].max_age == timedelta(days=14)
    stranger = explain(mail(sender="eve@post.example", headers="Subject: The oak shelf\n"))
    assert stranger.thread_keys[0].value != first.thread_keys[0].value


def test_mails_without_subject_share_no_conversation() -> None:
    assert explain(mail()).thread_keys == ()
    assert explain(mail(headers="Subject: Re:\n")).thread_keys == ()


def test_a_sender_our_server_found_forged_is_answered_with_care_and_joins_no_subject() -> None:
    headers = "Subject: shelf\nAuthentication-Results: mx.seller.example; dmarc=fail\n"
    found = explain(mail(headers=headers))
    assert found.verdict is Verdict.CUSTOMER
    assert "not verified" in found.reason
    assert found.thread_keys == ()


def test_our_own_mail_come_back_is_a_loop() -> None:
    ours = b"Message-ID: <t17.901.lh62vnr27el6rlni@seller.example>"
    raw = mail().replace(b"Message-ID: <m1@post.example>", ours)
    assert explain(raw).verdict is Verdict.OWN_LOOP


def test_invariant_5_an_old_date_is_believed_for_one_day_only() -> None:
    raw = mail().replace(b"11 Mar 2026", b"01 Feb 2026")
    assert explain(raw).sent_at == SEEN - timedelta(hours=24)


def test_the_answer_to_a_form_quotes_it_and_one_to_a_mail_does_not() -> None:
    def body(**context: str) -> str:
        wanted = ReplyCommand(
            reply_id="1", ticket_number=1, text="Yes.", context={"to": "n@p.example", **context}
        )
        return connector("website").preview(wanted).body

    assert body(quote="Is it oak?\n\nNora") == "Yes.\n\n> Is it oak?\n>\n> Nora\n"
    assert body() == "Yes.\n"


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 50, b"From: \r\n\r\n", b"no mail at all"])
def test_any_bytes_are_explained(raw: bytes) -> None:
    assert explain(raw).sent_at == SEEN


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ("Order number: 10422", Stage.POST_SALE),
        ("Reason: Product question", Stage.PRE_SALE),
        ("Reason: Returns and refunds", Stage.POST_SALE),
        ("Reason: Product question\nOrder: 10422", Stage.POST_SALE),
        ("Motivo: Informazioni sul prodotto", Stage.PRE_SALE),
        ("Tipo di richiesta: Reso o rimborso", Stage.POST_SALE),
        ("Motif : Question sur un produit", Stage.PRE_SALE),
        ("Motif : Suivi de ma commande", Stage.POST_SALE),
        ("Anliegen: Frage zum Produkt", Stage.PRE_SALE),
        ("Anliegen: Reklamation", Stage.POST_SALE),
        ("Motivo de contacto: Consulta sobre un producto", Stage.PRE_SALE),
        ("Motivo de contacto: Devoluciones", Stage.POST_SALE),
        ("Subject: Pre-sale enquiry", Stage.PRE_SALE),
        ("Reason: Something else", Stage.UNKNOWN),
        ("Subject: La mia residenza", Stage.UNKNOWN),
        ("Phone: 0123", Stage.UNKNOWN),
    ],
)
def test_a_form_says_whether_its_customer_has_bought(fields: str, stage: Stage) -> None:
    body = f"Name: Ada\nEmail: ada@post.example\n{fields}\nMessage: Hello there"
    headers = "Reply-To: ada@post.example\n"
    found = explain(mail(body, sender="mailer@forms.example", headers=headers))
    assert (found.stage, found.marketplace) == (stage, "")


def test_a_reason_typed_into_the_message_field_says_nothing() -> None:
    body = "Name: Ada\nEmail: ada@post.example\nMessage: Hello\nReason: Product question"
    headers = "Reply-To: ada@post.example\n"
    assert (
        explain(mail(body, sender="mailer@forms.example", headers=headers)).stage is Stage.UNKNOWN
    )


def test_the_reason_is_the_subject_of_a_form_without_one() -> None:
    body = "Reason: Product question\nMessage: Oak?"
    headers = "Reply-To: ada@post.example\nSubject: New message\n"
    found = explain(mail(body, sender="mailer@forms.example", headers=headers))
    assert found.subject == "Product question"
