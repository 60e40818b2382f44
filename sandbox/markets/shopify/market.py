"""The whole shop: customers write through its contact form, the Admin API knows them."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.testing.market import Fault
from sandbox.markets.base import Said
from sandbox.markets.mail import MailMarket, letter
from sandbox.markets.shopify.admin import SHOP, ShopifyAdmin
from sla_rules.vocabulary import Author

MAILER = "Bottega Salici (Shopify) <mailer@shopify.com>"
FORM = """You received a new message from your online store's contact form.

Country Code:
IT

Name:
Nora Quist

Email:
%s

Comment:
%s
"""


class ShopifyMarket(MailMarket):
    """Nora, of whatever number, is a customer with one order, named like her conversation."""

    authors = frozenset({Author.CUSTOMER, Author.AUTO, Author.PLATFORM})

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.admin = ShopifyAdmin(now)
        self.admin.secrets = self.secrets

    @override
    def settings(self) -> dict[str, object]:
        return {
            **super().settings(),
            "shop": SHOP,
            "client_id": self.admin.client_id,
            "client_secret": self.admin.client_secret,
            "base_url": self.admin.url or "http://127.0.0.1:9",
        }

    def mailbox_settings(self) -> dict[str, object]:
        """The settings of a seller without access to the Admin API."""
        return super().settings()

    @property
    @override
    def calls(self) -> int:
        return super().calls + self.admin.calls

    @override
    async def start(self) -> None:
        await super().start()
        await self.admin.start()

    @override
    async def stop(self) -> None:
        await self.admin.stop()
        await super().stop()

    @override
    def fail(self, fault: Fault | None) -> None:
        super().fail(fault)
        self.admin.fail(fault)

    @override
    def compose(self, said: Said) -> bytes:
        email = f"nora{said.thread}@post.example"
        if said.author is Author.PLATFORM:
            subject = "Your payout is on its way"
            return letter(said, sender=MAILER, to=self.address, subject=subject).as_bytes()
        if said.author is Author.AUTO:
            automatic = {"Auto-Submitted": "auto-replied"}
            sender = f"Nora Quist <{email}>"
            return letter(
                said, sender=sender, to=self.address, subject="Out of office", headers=automatic
            ).as_bytes()
        self._introduce(email, said.thread)
        form = Said(
            id=said.id,
            thread=said.thread,
            author=said.author,
            at=said.at,
            text=FORM % (email, said.text),
        )
        subject = f"New customer message on {said.at:%B %d, %Y at %I:%M %p}"
        return letter(
            form, sender=MAILER, to=self.address, subject=subject, headers={"Reply-To": email}
        ).as_bytes()

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        """A new chargeback is told; `message_id` plays no part in it."""
        order = self._introduce("nora7001@post.example", "7001")
        found = self.admin.books.dispute(order, self.now() + timedelta(days=9))
        return self.admin.call(
            "disputes/create",
            {
                "id": int(found["legacyResourceId"]),
                "order_id": int(order["legacyResourceId"]),
                "type": "chargeback",
                "amount": "129.00",
                "currency": "EUR",
                "reason": "fraudulent",
                "status": "needs_response",
                "evidence_due_by": found["evidenceDueBy"],
            },
        )

    @override
    def unused_routes(self) -> Sequence[str]:
        return self.admin.unused_routes()

    def _introduce(self, email: str, thread: str) -> dict[str, Any]:
        books = self.admin.books
        named = (one for one in books.things.values() if one.get("name") == f"#{thread}")
        found = next(named, None)
        if found is not None:
            return found
        customer = books.customer(email, "Nora Quist", spent="412.50")
        return books.order(customer, f"#{thread}")
