"""The abilities a manifest may name, each tested only where it is named."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from urllib.parse import urlsplit

from connectors.capabilities import (
    ContextRequest,
    FetchesAttachments,
    FetchesContext,
    LinksDeep,
    MarksNoReply,
    OrderContext,
    WebhookRequest,
    Webhooks,
)
from connectors.contract import Attachment, InboundMessage, Json
from connectors.errors import ConnectorError, WebhookRefused
from connectors.testing.bench import Bench, expect, refusing
from connectors.testing.market import Fault
from sla_rules.vocabulary import Author

EVIL: tuple[Json, ...] = ("https://evil.example/x", "../../evil", "javascript:alert(1)", "@evil.example", "a b?c#d", 7, None)  # fmt: skip


class Offers(Bench):
    """Webhooks, links, context, attachments, and "no answer needed"."""

    async def test_22_a_call_that_is_not_proven_is_refused_unread(self) -> None:
        """Spoilt body, spoilt or missing header: refused before a byte of the body is understood."""
        async with self.running() as stage:
            hooks = stage.connector
            if not isinstance(hooks, Webhooks):
                self.skip("the platform does not call us")
            request = stage.market.webhook(await stage.market.says(Author.CUSTOMER, "by webhook"))
            first = await hooks.parse_webhook(request)
            again = await hooks.parse_webhook(request)
            expect(first.items or first.poll, "a proven call brought nothing")
            if not self.calls_are_signed:
                expect(not first.items, "a call that proves nothing brought items")
            expect(
                first.delivery_id or first.items, "a repeated call cannot be told from a new one"
            )
            expect(first == again, "the same call was understood differently the second time")
            stored = {item.source_id for item in first.items}
            await stage.poll()
            expect(
                stored <= set(stage.stored) or not self.calls_are_polled,
                "a webhook's source_id is not the one that fetch gives",
            )
            for spoilt in (replace(request, headers={}), *_spoilt_bodies(request)):
                if self.calls_are_signed:
                    with refusing(WebhookRefused):
                        await hooks.parse_webhook(spoilt)
                else:
                    await _expect_no_items(hooks, spoilt)
            for spoilt in _spoilt_headers(request):
                with suppress(WebhookRefused):
                    same = await hooks.parse_webhook(spoilt)
                    expect(same == first, "a header nobody proved changed what was understood")

    async def test_39_the_address_proves_itself(self) -> None:
        """The platform's challenge is sent back as it wants it; somebody else's is refused."""
        async with self.running() as stage:
            hooks, challenge = stage.connector, stage.market.challenge()
            if not isinstance(hooks, Webhooks) or challenge is None:
                self.skip("this platform sends no challenge")
            request, wanted = challenge
            outcome = await hooks.parse_webhook(request)
            expect(outcome.body == wanted, f"the challenge's answer is {outcome.body!r}")

    async def test_26_a_deep_link_leads_to_the_platform_and_nowhere_else(self) -> None:
        """https, and one of the manifest's hosts, whatever the reply context holds."""
        manifest = self.spec.manifest
        async with self.running() as stage:
            linking = stage.connector
            if not isinstance(linking, LinksDeep):
                self.skip("conversations cannot be linked to")
            context = (await stage.asked()).reply_context
            expect(linking.deep_link(context), "no link for a customer's message")
            contexts: list[Mapping[str, Json]] = [context, {}]
            contexts += [{**context, name: evil} for name in context for evil in EVIL]
            for one in contexts:
                link = linking.deep_link(one)
                parts = urlsplit(link or "")
                safe = parts.scheme == "https" and parts.hostname in manifest.hosts
                expect(link is None or safe, f"the link {link!r} leads elsewhere")

    async def test_40_the_platform_is_told_that_no_answer_is_needed(self) -> None:
        """Harmless twice, and it sends the customer nothing."""
        async with self.running() as stage:
            marking = stage.connector
            if not isinstance(marking, MarksNoReply):
                self.skip("the platform cannot be told so")
            message = await stage.asked()
            await marking.mark_no_reply(message.reply_context)
            expect(stage.market.changes, "nothing was changed at the platform")
            await marking.mark_no_reply(message.reply_context)
            expect(stage.market.texts_sent == [], "the customer got a message")

    async def test_41_what_is_known_of_an_order_is_fetched_without_changing_it(self) -> None:
        """What is not found is empty; what fails is a ConnectorError, never a crash."""
        async with self.running() as stage:
            fetching = stage.connector
            if not isinstance(fetching, FetchesContext):
                self.skip("orders cannot be looked up")
            request = _asking(await stage.asked())
            found = await fetching.fetch_context(request)
            expect(isinstance(found, OrderContext), "no OrderContext")
            nobody = replace(request, customer_handle="nobody", order_id="no-such-order")
            expect(not (await fetching.fetch_context(nobody)).orders, "orders of nobody were found")
            expect(stage.market.changes == 0, "looking changed something")
            stage.market.fail(Fault.FAILS)
            with refusing(ConnectorError):
                await fetching.fetch_context(request)

    async def test_42_attachments_are_fetched_bounded(self) -> None:
        """A file that is not there is refused with a reason."""
        async with self.running() as stage:
            fetching = stage.connector
            if not isinstance(fetching, FetchesAttachments):
                self.skip("attachments cannot be fetched")
            await stage.asked()
            item = list(stage.stored.values())[-1]
            missing = Attachment(
                name="gone.png", media_type="image/png", size=1, ref="no-such-file"
            )
            with refusing(ConnectorError):
                await fetching.fetch_attachment(item, missing)

    async def test_43_every_route_of_the_fake_is_used(self) -> None:
        """What the fake speaks and nobody asks for is either dead, or forgotten by the connector."""
        async with self.running() as stage:
            await stage.connector.check()
            for number in range(4):
                await stage.market.says(Author.CUSTOMER, f"message {number}", thread="55")
            message = await stage.asked()
            if not self.spec.manifest.capabilities.replies_in_portal:
                command = stage.answer(message)
                await stage.connector.reply(command)
                await stage.connector.probe(command)
            if isinstance(stage.connector, MarksNoReply):
                await stage.connector.mark_no_reply(message.reply_context)
            if isinstance(stage.connector, FetchesContext):
                await stage.connector.fetch_context(_asking(message))
            await self.tour(stage, message)
            unused = stage.market.unused_routes()
        expect(not unused, f"nobody asks for {', '.join(unused)}")


async def _expect_no_items(hooks: Webhooks, request: WebhookRequest) -> None:
    with suppress(WebhookRefused):
        outcome = await hooks.parse_webhook(request)
        expect(not outcome.items, "a call that proves nothing brought items")


def _asking(message: InboundMessage) -> ContextRequest:
    return ContextRequest(
        customer_handle=message.sender_handle,
        order_id=message.order_id,
        marketplace=message.marketplace,
        context=message.reply_context,
    )


def _spoilt_bodies(request: WebhookRequest) -> list[WebhookRequest]:
    body = request.body
    flipped = [
        body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        for at in range(0, len(body), max(1, len(body) // 64))
    ]
    bodies = (body + b" ", body[:-1], b"", b"not even json", *flipped)
    return [replace(request, body=one) for one in bodies if one != body]


def _spoilt_headers(request: WebhookRequest) -> list[WebhookRequest]:
    headers = request.headers
    return [replace(request, headers={**headers, name: headers[name][::-1]}) for name in headers]
