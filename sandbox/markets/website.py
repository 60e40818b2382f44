"""A shop's own mailbox, the people who write to it, and the shop's back-end that calls."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime

from typing_extensions import override

from connectors.capabilities import WebhookRequest
from sandbox.markets.base import Said
from sandbox.markets.mail import MailMarket, letter
from sla_rules.vocabulary import Author


class WebsiteMail(MailMarket):
    """Customers write from their own addresses; some are away and say so automatically.

    The back-end signs its calls by the Standard Webhooks scheme, with `signing_key`.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.signing_key = b"sandbox website signing key 0001"
        self.said: dict[str, Said] = {}

    @property
    def webhook_secret(self) -> str:
        """The key as settings have it."""
        return f"whsec_{base64.b64encode(self.signing_key).decode()}"

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        said = self.said[message_id]
        call = {
            "id": said.id,
            "created_at": said.at.isoformat(),
            "channel": "contact",
            "customer": {"name": "Nora Quist", "email": f"nora{said.thread}@post.example"},
            "subject": f"A question about order {said.thread}",
            "text": said.text,
            "order_ref": said.thread,
            "locale": "en-GB",
            "thread_ref": said.thread,
        }
        return self.signed(json.dumps(call).encode(), name=f"msg_{said.id}")

    def signed(
        self, body: bytes, *, name: str, at: datetime | None = None, kind: str = "application/json"
    ) -> WebhookRequest:
        """A call of the back-end with this body."""
        sent = at or self.now()
        stated = str(int(sent.timestamp()))
        digest = hmac.new(self.signing_key, f"{name}.{stated}.".encode() + body, hashlib.sha256)
        return WebhookRequest(
            method="POST",
            path="/webhooks/shop",
            headers={
                "content-type": kind,
                "webhook-id": name,
                "webhook-timestamp": stated,
                "webhook-signature": f"v1,{base64.b64encode(digest.digest()).decode()}",
            },
            query={},
            body=body,
            received_at=self.now(),
        )

    @override
    def compose(self, said: Said) -> bytes:
        self.said[said.id] = said
        automatic = said.author is Author.AUTO
        headers = {"Auto-Submitted": "auto-replied"} if automatic else {}
        return letter(
            said,
            sender=f"Nora Quist <nora{said.thread}@post.example>",
            to=self.address,
            subject="Out of office" if automatic else f"A question about order {said.thread}",
            headers=headers,
        ).as_bytes()
