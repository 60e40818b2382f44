"""The desk over a whole shop: form, answer, dispute, return, webhook."""

from datetime import datetime, timedelta
from email import message_from_bytes
from email.utils import format_datetime

from sandbox.markets.shopify import ShopifyMarket
from sandbox.markets.shopify.books import stamp
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.shopify.bench import ShopBench

PACKAGE = "connectors.shopify"
SETTINGS = ShopBench().config


async def test_a_form_is_answered_by_mail_and_the_customers_answer_joins() -> None:
    async with desk_with(PACKAGE, SETTINGS, ShopifyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is order 7001?")
        await world.poll()
        ticket = world.ticket(1)
        assert (ticket.order_id, ticket.stage) == ("7001", "post_sale")
        assert await world.answer(1, "It leaves today.") == "sent"
        assert world.ticket(1).state == "answered"
        assert len(world.market.texts_sent) == 1
        assert world.market.texts_sent[0].startswith("It leaves today.\n\n> Where is order 7001?")
        await world.market.mail.deliver(
            world.market.address,
            answer_to(world.market.mail.sent[-1].content, world.time.now()),
            world.time.now(),
        )
        await world.poll()
        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"
        assert [message.body for message in world.thread(1)][-1] == "Thank you, and when?"


def answer_to(sent: bytes, at: datetime) -> bytes:
    """The customer's mail program answers our mail."""
    message_id = message_from_bytes(sent)["Message-ID"]
    return (
        "From: Nora Quist <nora7001@post.example>\r\nTo: shop@seller.example\r\n"
        f"Subject: Re: your message\r\nMessage-ID: <a1@post.example>\r\nIn-Reply-To: {message_id}\r\n"
        f"Date: {format_datetime(at)}\r\n\r\nThank you, and when?\r\n"
    ).encode()


async def test_a_dispute_opens_a_ticket_due_when_shopify_says_and_evidence_answers_it() -> None:
    async with desk_with(PACKAGE, SETTINGS, ShopifyMarket) as world:
        books = world.market.admin.books
        order = books.order(books.customer("ada@post.example", "Ada Rossi"), "#1001")
        due = world.time.now() + timedelta(days=9)
        dispute = books.dispute(order, due)
        await world.poll()
        ticket = world.ticket(1)
        assert (ticket.kind, ticket.topic, ticket.state) == ("claim", "chargeback", "open")
        assert due in {clock.due_at for clock in ticket.clocks}
        dispute |= {"status": "UNDER_REVIEW", "evidenceSentOn": stamp(world.time.now())}
        await world.pass_time(timedelta(minutes=11))
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_a_webhook_brings_the_dispute_at_once() -> None:
    async with desk_with(PACKAGE, SETTINGS, ShopifyMarket) as world:
        await world.poll()
        call = world.market.webhook("1")
        answer = await world.webhook(call)
        assert answer.status == 200
        assert [ticket.kind for ticket in world.tickets()] == ["claim"]
        await world.webhook(call)
        assert len(world.tickets()) == 1


async def test_a_return_that_was_approved_in_shopify_waits_no_more() -> None:
    async with desk_with(PACKAGE, SETTINGS, ShopifyMarket) as world:
        books = world.market.admin.books
        order = books.order(books.customer("ada@post.example", "Ada Rossi"), "#1001")
        request = books.return_request(order)
        await world.poll()
        assert (world.ticket(1).kind, world.ticket(1).state) == ("return_request", "open")
        request |= {"status": "OPEN", "requestApprovedAt": stamp(world.time.now())}
        order["returnStatus"] = "IN_PROGRESS"
        await world.pass_time(timedelta(minutes=11))
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_nothing_is_left_unread() -> None:
    async with desk_with(PACKAGE, SETTINGS, ShopifyMarket) as world:
        await world.market.says(Author.PLATFORM, "a payout")
        await world.poll()
        assert world.quarantined() == []
        assert [ticket.kind for ticket in world.tickets()] == ["notice"]
