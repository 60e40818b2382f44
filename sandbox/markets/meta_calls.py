"""Meta's calls to us and its own ids, for one account."""

import json
from abc import abstractmethod
from datetime import timedelta
from typing import Any, ClassVar

from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.signing import hmac_hex
from sandbox.markets.base import FakeMarket, Said
from sandbox.markets.meta_wire import Json, milliseconds
from sla_rules.vocabulary import Author

VERSION = "v26.0"
PAGE_ID = "104000000000111"
APP_ID = "735000000000444"
APP_SECRET = "fake-app-secret-5b2f"  # noqa: S105 - of an app that does not exist
VERIFY_TOKEN = "fake-verify-token-91"  # noqa: S105 - typed into a form that does not exist
NEWEST = 20
"""Messages of a conversation whose details Meta shows."""

LARGEST_PAGE = 100
DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
BUSINESS = frozenset({Author.AGENT, Author.AUTO})
POST = "9001"


class MetaCalls(FakeMarket):
    """Webhooks of one account, and how it names messages, people and comments."""

    account: ClassVar[str] = PAGE_ID
    messages_node: ClassVar[str] = PAGE_ID
    platform: ClassVar[str]
    webhook_object: ClassVar[str]

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        said = next(one for one in self.messages if one.id == message_id)
        part = (
            {"changes": [self.change(said)]}
            if said.more.get("comment")
            else {"messaging": [self.event(said)]}
        )
        entry = {"id": self.account, "time": milliseconds(self.now()) // 1000, **part}
        return self.signed({"object": self.webhook_object, "entry": [entry]})

    def signed(self, payload: Json) -> WebhookRequest:
        """Any call, rightly signed over its raw body."""
        body = json.dumps(payload).encode()
        return WebhookRequest(
            method="POST",
            path=f"/webhooks/{self.platform}",
            headers={"x-hub-signature-256": f"sha256={hmac_hex(APP_SECRET, body)}"},
            query={},
            body=body,
            received_at=self.now(),
        )

    @override
    def challenge(self) -> tuple[WebhookRequest, str]:
        query = {
            "hub.mode": "subscribe",
            "hub.verify_token": VERIFY_TOKEN,
            "hub.challenge": "1158201444",
        }
        request = WebhookRequest(
            method="GET",
            path="/webhooks/meta",
            headers={},
            query=query,
            body=b"",
            received_at=self.now(),
        )
        return request, "1158201444"

    def event(self, said: Said, **message: Any) -> Json:
        """One messaging event, as a webhook brings it."""
        ours, person = said.author in BUSINESS, {"id": self.person_id(said.thread)}
        us = {"id": self.account}
        echo = {"is_echo": True} if ours else {}
        return {
            "sender": us if ours else person,
            "recipient": person if ours else us,
            "timestamp": milliseconds(said.at),
            "message": {"mid": self.message_id(said), "text": said.text, **echo, **message},
        }

    @abstractmethod
    def change(self, said: Said) -> Json:
        """One comment, as a webhook brings it."""

    @abstractmethod
    def comment(self, said: Said) -> Json:
        """One comment, as its edge shows it."""

    def message_id(self, said: Said) -> str:
        """Meta's own id of a message."""
        return f"m_{said.id}"

    def conversation_id(self, thread: str) -> str:
        """Meta's own id of a conversation."""
        return f"t_{thread}"

    def person_id(self, thread: str) -> str:
        """A person's id within this account."""
        return f"2400000000{int(thread):06d}"

    @abstractmethod
    def comment_id(self, said: Said) -> str:
        """Meta's own id of a comment."""

    @abstractmethod
    def person(self, thread: str) -> Json:
        """A person in a message's `from` and `to`."""

    @abstractmethod
    def profile(self, thread: str) -> Json:
        """What a person's node tells."""

    @abstractmethod
    def post(self, post: str) -> Json:
        """A post without its comments."""

    def business(self) -> Json:
        """The account in a message's `from` and `to`."""
        return {"id": self.account, "name": "Bottega Salici"}
