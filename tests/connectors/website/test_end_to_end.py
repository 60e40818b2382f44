"""The website through the whole desk: a form and a signed call in, mail out, mail in return."""

from datetime import timedelta
from email import message_from_bytes
from urllib.parse import urlencode

from connectors.capabilities import WebhookRequest
from sandbox.markets.website import WebsiteMail
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import DeskWorld, desk_with
from tests.connectors.website.test_contract import TestWebsite as Contract
from tests.connectors.website.test_web_form import TYPED, Page


def call(world: DeskWorld[WebsiteMail], method: str, body: bytes = b"") -> WebhookRequest:
    kind = {"content-type": "application/x-www-form-urlencoded"} if body else {}
    return WebhookRequest(
        method=method,
        path="/webhooks/inbox",
        headers=kind,
        query={},
        body=body,
        received_at=world.clock.now(),
    )


async def test_a_visitor_uses_the_form_is_answered_and_writes_back_into_the_same_ticket() -> None:
    async with desk_with("website", Contract().config, WebsiteMail) as world:
        page = Page((await world.webhook(call(world, "GET"))).body)
        await world.pass_time(timedelta(seconds=30))
        form = urlencode({**page.values, **TYPED}).encode()
        assert (await world.webhook(call(world, "POST", form))).status == 200
        assert (await world.webhook(call(world, "POST", form))).status == 200
        assert [len(world.tickets()), len(world.thread(1))] == [1, 1]
        assert await world.answer(1, "Yes, oak.") == "sent"
        (sent,) = world.market.mail.sent
        assert sent.recipients == ("nora@post.example",)
        mail = message_from_bytes(sent.content)
        assert mail["Auto-Submitted"] is None
        reply = (
            f"From: nora@post.example\r\nTo: shop@seller.example\r\nMessage-ID: <n1@post.example>\r\n"
            f"Subject: {mail['Subject']}\r\nIn-Reply-To: {mail['Message-ID']}\r\n\r\nThank you!\r\n"
        )
        await world.market.mail.deliver("shop@seller.example", reply.encode(), world.clock.now())
        await world.poll()
        assert [len(world.tickets()), len(world.thread(1))] == [1, 3]


async def test_two_answers_to_one_form_stand_in_one_thread_of_the_visitors_mailbox() -> None:
    async with desk_with("website", Contract().config, WebsiteMail) as world:
        await world.market.says(Author.CUSTOMER, "by mail", thread="1")
        request = world.market.webhook(await world.market.says(Author.CUSTOMER, "by call"))
        assert (await world.webhook(request)).status == 202
        number = next(
            t.number for t in world.tickets() if world.thread(t.number)[0].body == "by call"
        )
        for text in ("Yes.", "And it ships today."):
            assert await world.answer(number, text) == "sent"
        roots = {
            message_from_bytes(mail.content)["References"].split()[0]
            for mail in world.market.mail.sent
        }
        assert len(roots) == 1


async def test_invariant_1_a_proven_call_without_sense_is_quarantined() -> None:
    async with desk_with("website", Contract().config, WebsiteMail) as world:
        assert (await world.webhook(world.market.signed(b"{}", name="odd"))).status == 202
        assert len(world.quarantined()) == 1
