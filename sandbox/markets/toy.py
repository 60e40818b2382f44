"""A marketplace that does not exist: the example of `docs/write-a-connector.md`."""

import json
from collections.abc import Sequence
from datetime import datetime

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.signing import hmac_hex
from connectors.testing.market import THREAD
from sandbox.markets.base import FakeMarket, Route, Said, reads, writes
from sla_rules.vocabulary import Author

ROLES = {
    Author.CUSTOMER: "buyer",
    Author.AGENT: "seller",
    Author.PLATFORM: "toybox",
    Author.AUTO: "autoresponder",
}
LONGEST = 500
SECRET = "toy-webhook-secret"  # noqa: S105 - of a platform that does not exist


class ToyMarket(FakeMarket):
    """Toybox: messages by time, answers by thread, webhooks signed with HMAC-SHA256."""

    authors = frozenset(ROLES)

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads("GET", "/v1/me", self.me),
            reads("GET", "/v1/messages", self.list_messages),
            reads("GET", "/v1/threads/{thread}", self.thread),
            reads("GET", "/v1/orders/{order}", self.order),
            writes("POST", "/v1/threads/{thread}/messages", self.answer),
            writes("POST", "/v1/threads/{thread}/done", self.done),
        )

    async def me(self, _request: web.Request) -> web.Response:
        """Whose key it is."""
        return web.json_response({"seller": "Bottega Salici"})

    async def list_messages(self, request: web.Request) -> web.Response:
        """Messages at or after `since`, in the order of their arrival, page by page."""
        since = datetime.fromisoformat(request.query["since"])
        start = int(request.query.get("start", "0"))
        found = [said for said in self.messages if said.at >= since]
        page, following = self.page_of(found, start)
        return web.json_response({"messages": [shape(said) for said in page], "next": following})

    async def thread(self, request: web.Request) -> web.Response:
        """One conversation, oldest message first."""
        thread = request.match_info["thread"]
        said = [shape(one) for one in self.messages if one.thread == thread]
        return web.json_response({"messages": said})

    async def order(self, request: web.Request) -> web.Response:
        """One order; the fake has the same for every conversation."""
        if request.match_info["order"] != f"TB-{THREAD}":
            return self.problem(404, "no such order")
        items = [{"title": "Wooden train", "quantity": 2, "price": "19.90"}]
        return web.json_response(
            {"items": items, "total": "39.80", "currency": "EUR", "state": "shipped"}
        )

    async def answer(self, request: web.Request) -> web.Response:
        """Take an answer to a conversation over."""
        thread, text = request.match_info["thread"], (await request.json())["text"]
        if thread in self.closed:
            return self.problem(409, "conversation_closed")
        if len(text) > LONGEST:
            return self.problem(422, "too_long")
        return web.json_response({"id": int(self.take_reply(thread, text).id)}, status=201)

    async def done(self, _request: web.Request) -> web.Response:
        """Take a conversation off the list of those that wait."""
        return web.json_response({})

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        said = next(one for one in self.messages if one.id == message_id)
        body = json.dumps({"event": f"e-{said.id}", "message": shape(said)}).encode()
        return WebhookRequest(
            method="POST",
            path="/webhooks/toy",
            headers={"x-toybox-signature": hmac_hex(SECRET, body)},
            query={},
            body=body,
            received_at=self.now(),
        )


def shape(said: Said) -> dict[str, object]:
    """A message as Toybox writes it."""
    return {
        "id": int(said.id),
        "thread": said.thread,
        "from": ROLES[said.author],
        "buyer": {"id": f"b-{said.thread}", "name": "Nora Quist"},
        "text": said.text,
        "sent_at": said.at.isoformat(),
        "order": f"TB-{said.thread}",
    }
