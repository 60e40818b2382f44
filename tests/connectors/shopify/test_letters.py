"""Mail of a Shopify shop at its edges: forms, notices, and what Shopify knew of the writer."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.contract import File, InboundMessage, RawItem, ReplyCommand, Verdict
from connectors.errors import Rejected
from connectors.mail.imap import PARTIAL_HEADER
from connectors.mail.message_id import own_message_id
from connectors.shopify.known import with_known
from connectors.testing.bench import INSTANCE_KEY, SHORT_PATIENCE
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author, Stage
from tests.connectors.shopify.bench import customers, fixture, reader, shop

SEEN = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
MAILER = "mailer@shopify.com"


def mail(
    body: str = "Name:\nAda\n\nEmail:\nada@post.example\n\nComment:\nIs it oak?",
    *,
    sender: str = MAILER,
    reply_to: str = "ada@post.example",
    subject: str = "New customer message on March 10, 2026 at 9:12 am",
    headers: str = "",
) -> RawItem:
    raw = (
        f"From: Shop <{sender}>\nReply-To: {reply_to}\nTo: shop@seller.example\n"
        f"Subject: {subject}\nMessage-ID: <m1@mailer.example>\n{headers}"
        f'Date: Tue, 10 Mar 2026 08:00:00 +0000\nContent-Type: text/plain; charset="utf-8"\n\n{body}\n'
    )
    return RawItem(source_id="s-1", received_at=SEEN, payload=raw.replace("\n", "\r\n").encode())


def explained(item: RawItem, told: dict[str, Any] | None = None, **settings: Any) -> InboundMessage:
    return reader(**settings).normalise(with_known(item, told or {}))


def known(**customer: Any) -> dict[str, Any]:
    return {"customer": {"legacyResourceId": "7", "tags": ["wholesale"], **customer}}


@pytest.mark.parametrize(
    "sender", [MAILER, "no-reply@shopify.com", "store+7700@shopifyemail.com", "shop@seller.example"]
)
def test_a_form_is_told_by_who_sent_it_and_whom_it_answers_to(sender: str) -> None:
    found = explained(mail(sender=sender))
    assert (found.verdict, found.sender_handle) == (Verdict.CUSTOMER, "ada@post.example")
    assert (found.text, found.sender_name) == ("Is it oak?", "Ada")
    assert found.reply_context["to"] == "ada@post.example"
    assert "in_reply_to" not in found.reply_context


def test_a_report_of_a_mail_server_names_the_answer_that_came_back() -> None:
    ours = own_message_id(INSTANCE_KEY, ticket_number=1, reply_id="901", domain="seller.example")
    server = "mailer-daemon@mx.post.example"
    headers = f"X-Failed-Recipients: ada@post.example\nReferences: <{ours}>\n"
    found = explained(
        mail(
            "No such user.", sender=server, reply_to=server, subject="Undelivered", headers=headers
        )
    )
    assert (found.verdict, *found.refers_to, *found.own_replies) == (Verdict.BOUNCE, ours, "901")


@pytest.mark.parametrize(
    ("subject", "body", "verdict"),
    [
        ("Your payout is on its way", "310.20 EUR", Verdict.NOTICE),
        ("[Shop] Order #1001 placed by Ada", "Thank you", Verdict.BULK),
        ("[Shop] Ordine #1001 effettuato da Ada", "Grazie", Verdict.BULK),
        ("Your verification code", "482913", Verdict.BULK),
        ("Il tuo codice di verifica", "482913", Verdict.BULK),
        ("Nuovo messaggio del cliente del 10 marzo", "ciao", Verdict.CUSTOMER),
        ("Something new", "Comment:\nIs it oak?", Verdict.CUSTOMER),
        (
            "Ada asks",
            "A new message from your online store\u2019s contact form.\n\nHelp:\nhi",
            Verdict.CUSTOMER,
        ),
        ("Código de verificación de Shopify", "418696", Verdict.BULK),
    ],
)
def test_shopifys_own_mail_is_no_customers(subject: str, body: str, verdict: Verdict) -> None:
    assert explained(mail(body, subject=subject)).verdict is verdict


def test_invariant_11_a_log_in_code_is_not_shown() -> None:
    found = explained(mail("Use 482913.", subject="Your verification code"))
    assert "482913" not in found.text + found.full_text


def test_a_code_somebody_asks_about_through_the_form_is_a_question() -> None:
    found = explained(mail(subject="Verification code"))
    assert (found.verdict, found.text) == (Verdict.CUSTOMER, "Is it oak?")


@pytest.mark.parametrize(
    "html",
    [
        (
            "<p>You received a new message.</p><p><b>Name:</b><br>Ada</p><p><b>Email:</b><br>ada@post.example</p>"
            "<p><b>Phone:</b><br></p><p><b>Comment:</b><br>Is it oak?</p>"
        ),
        (
            "<table><tr><td>Name:</td></tr><tr><td>Ada</td></tr><tr><td>Phone:</td></tr><tr><td></td></tr>"
            "<tr><td>Body:</td></tr><tr><td><pre>Is it oak?</pre></td></tr></table>"
        ),
    ],
)
def test_a_form_in_html_is_read_like_a_plain_one(html: str) -> None:
    item = mail(html)
    written = item.payload.replace(b"text/plain", b"text/html")
    found = explained(replace(item, payload=written))
    assert (found.verdict, found.sender_name, found.text) == (Verdict.CUSTOMER, "Ada", "Is it oak?")


@pytest.mark.parametrize(
    ("body", "told", "stage"),
    [
        ("Comment:\nIs it oak?", {}, Stage.PRE_SALE),
        ("Comment:\nOrder #1001 is late", {}, Stage.POST_SALE),
        ("Reason:\nReturns\n\nComment:\nHello", {}, Stage.POST_SALE),
        ("Comment:\nHello", known(lastOrder={"createdAt": "2026-03-01T08:00:00Z"}), Stage.UNKNOWN),
        ("Comment:\nHello", known(lastOrder={"createdAt": "2025-03-01T08:00:00Z"}), Stage.PRE_SALE),
        ("Comment:\nHello", known(lastOrder=None), Stage.PRE_SALE),
    ],
)
def test_a_form_without_an_order_asks_before_one(
    body: str, told: dict[str, Any], stage: Stage
) -> None:
    assert explained(mail(body), told).stage is stage


def test_a_customers_own_mail_without_an_order_says_nothing_of_the_stage() -> None:
    assert explained(mail("hello", sender="ada@post.example")).stage is Stage.UNKNOWN


@pytest.mark.parametrize(
    ("settings", "customer", "tags"),
    [
        ({}, {"tags": ["VIP", "b2b"]}, ("vip", "b2b")),
        ({}, {"tags": ["b2b"], "amountSpent": {"amount": "9000"}}, ("b2b",)),
        ({"vip_spent": "1000"}, {"tags": [], "amountSpent": {"amount": "1000.00"}}, ("vip",)),
        ({"vip_spent": "1000"}, {"tags": [], "amountSpent": {"amount": "999.99"}}, ()),
        ({"vip_orders": 5}, {"tags": ["b2b"], "numberOfOrders": "5"}, ("vip", "b2b")),
        ({"vip_orders": 5}, {"tags": [], "numberOfOrders": None}, ()),
        ({"vip_tags": ["Gold"]}, {"tags": ["gold", "VIP"]}, ("vip", "gold")),
        ({"vip_tags": []}, {"tags": ["VIP"]}, ("VIP",)),
    ],
)
def test_tags_spending_and_orders_make_a_vip(
    settings: dict[str, Any], customer: dict[str, Any], tags: tuple[str, ...]
) -> None:
    assert explained(mail(), known(**customer), **settings).tags == tags


def test_a_header_the_customer_wrote_is_not_believed() -> None:
    forged = "X-Threadline-Shop: " + json.dumps(known(tags=["VIP"])) + "\n"
    assert explained(mail(headers=forged)).tags == ()
    item = mail()
    first = replace(item, payload=forged.encode() + item.payload)
    assert explained(first).tags == ()


def test_a_mail_read_in_part_says_so() -> None:
    item = mail()
    part = replace(item, payload=PARTIAL_HEADER + b": 40 of 60 MB\r\n" + item.payload)
    assert "40 of 60 MB" in (explained(part).degraded or "")


@pytest.mark.parametrize(
    "told", [{"customer": 7}, {"customer": {"tags": "x", "amountSpent": []}}, {"order": []}]
)
def test_what_was_known_may_be_anything(told: dict[str, Any]) -> None:
    assert explained(mail(), told).verdict is Verdict.CUSTOMER


def test_a_form_that_names_another_address_says_so_and_hides_orders() -> None:
    found = reader().normalise(fixture("form_identity_mismatch.eml"))
    assert found.reply_context["identity_mismatch"] is True
    assert "victim@post.example" in found.reason


def test_the_answer_to_a_form_is_a_fresh_mail_with_their_words() -> None:
    found = explained(mail())
    command = ReplyCommand(
        reply_id="1", ticket_number=1, text="Yes, oak.", context=found.reply_context
    )
    preview = reader().preview(command)
    assert preview.recipient == "ada@post.example"
    assert preview.body == "Yes, oak.\n\n> Is it oak?\n"


@pytest.mark.parametrize("to", [MAILER, "store+7@shopifyemail.com", "shop@seller.example", ""])
def test_nothing_is_sent_to_an_address_no_customer_reads(to: str) -> None:
    command = ReplyCommand(reply_id="1", ticket_number=1, text="Yes.", context={"to": to})
    with pytest.raises(Rejected):
        reader().preview(command)


def test_a_file_is_refused_before_anything_is_sent() -> None:
    file = File(name="a.png", media_type="image/png", content=b"\x89PNG\r\n\x1a\n")
    command = ReplyCommand(
        reply_id="1",
        ticket_number=1,
        text="See this.",
        context={"to": "ada@post.example"},
        attachments=[file],
    )
    with pytest.raises(Rejected, match="no attachments"):
        reader().preview(command)


def test_a_form_that_answers_to_shopify_itself_names_no_customer() -> None:
    found = explained(mail("Comment:\nhello", reply_to=MAILER))
    assert found.verdict is Verdict.NOTICE


async def test_what_shopify_knows_comes_with_the_mail() -> None:
    async with shop() as one:
        await one.market.says(Author.CUSTOMER, "Where is order 7001?")
        nora = next(t for t in one.books.things.values() if t["__typename"] == "Customer")
        nora["tags"] = ["vip", "returns often"]
        found = customers(await one.poll())[0]
    assert found.tags == ("vip", "returns often")
    assert (str(found.order_value), found.currency, found.order_id) == ("129.00", "EUR", "7001")


async def test_somebody_elses_order_gives_a_mail_no_value() -> None:
    async with shop() as one:
        victim = one.books.customer("victim@post.example", "Vic Tim")
        one.books.order(victim, "#2001")
        await one.market.says(Author.CUSTOMER, "Where is order 2001?")
        found = customers(await one.poll())[0]
    assert (found.order_id, found.order_value) == ("2001", None)
    assert "order_id" not in found.reply_context


@pytest.mark.parametrize("fault", [Fault.FAILS, Fault.THROTTLED, Fault.TRUNCATED, Fault.REFUSED])
async def test_invariant_1_mail_is_read_without_shopify(fault: Fault) -> None:
    async with shop(watch=[]) as one:
        one.admin.fail(fault)
        await one.market.says(Author.CUSTOMER, "first")
        first = await one.poll()
        asked = one.admin.calls
        await one.market.says(Author.CUSTOMER, "second")
        second = await one.poll_later(minutes=1)
        assert one.admin.calls == asked
        one.admin.fail(None)
        await one.market.says(Author.CUSTOMER, "third")
        third = await one.poll_later(minutes=6)
    assert [m.text for m in (*first, *second, *third)] == ["first", "second", "third"]
    assert one.admin.calls > asked


async def test_invariant_10_mail_does_not_wait_for_a_shopify_that_says_nothing() -> None:
    async with shop(watch=[], patience=SHORT_PATIENCE) as one:
        one.admin.fail(Fault.SILENT)
        await one.market.says(Author.CUSTOMER, "Is it oak?")
        assert [message.text for message in await one.poll()] == ["Is it oak?"]


async def test_a_page_of_mail_asks_about_ten_writers_at_most() -> None:
    async with shop(watch=[]) as one:
        for number in range(14):
            await one.market.says(Author.CUSTOMER, "hello", thread=str(number))
        assert len(await one.poll()) == 14
        assert len(one.admin.queries) == 10


async def test_notices_and_absences_are_not_asked_about() -> None:
    async with shop(watch=[]) as one:
        await one.market.says(Author.PLATFORM, "a payout")
        await one.market.says(Author.AUTO, "away")
        one.time.advance(timedelta(minutes=1))
        await one.poll()
        assert one.admin.queries == []
