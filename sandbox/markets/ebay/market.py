"""The fake eBay: routes, tokens, pushes."""

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.testing.market import THREAD
from sandbox.markets.base import Route, Said, reads, writes
from sandbox.markets.ebay.errors import rest_error
from sandbox.markets.ebay.inbox import SELLER, buyer_of, listing_of, stamp
from sandbox.markets.ebay.shop import Row, Shop
from sla_rules.vocabulary import Author

if TYPE_CHECKING:
    from sandbox.markets.ebay.signing import Signer

CLIENT_ID = "Bottega-desk-PRD-1a2b3c4d5-6e7f8a9b"
CLIENT_SECRET = "PRD-fake-secret-9f1c2e77"  # noqa: S105 - of a fake
REFRESH_TOKEN = "v^1.1#fake-refresh-token-44c1"  # noqa: S105 - of a fake
VERIFICATION_TOKEN = "fake-verification-token-0123456789abcdef"  # noqa: S105 - of a fake
PUSH_ENDPOINT = "https://desk.seller.example/webhooks/ebay"
FIRST_ORDER = "12-34567-89012"
ACCESS_LIVES = 7200


class EbayMarket(Shop):
    """One seller account. `revoked` says that the seller took the consent back."""

    authors: ClassVar[frozenset[Author]] = frozenset(Author)  # type: ignore[misc]

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.revoked = False
        self.files = {"chipped.png": b"\x89PNG\r\n\x1a\n" + bytes(64)}
        self._grants = 0
        self._until = now()
        self._applications: set[str] = set()
        self.token = ""
        self.sells(FIRST_ORDER, buyer=buyer_of(THREAD), item=listing_of(THREAD))

    @override
    def routes(self) -> Sequence[Route]:
        message, order = "/commerce/message/v1", "/sell/fulfillment/v1"
        key = "/commerce/notification/v1/public_key/{key}"
        searches = "/post-order/v2/{what:return|inquiry|casemanagement|cancellation}/search"
        return (
            reads("POST", "/identity/v1/oauth2/token", self.grant, open=True),
            reads("GET", "/commerce/identity/v1/user/", self.show_user),
            reads("GET", f"{message}/conversation", self.list_conversations),
            reads("GET", f"{message}/conversation/{{conversation}}", self.show_conversation),
            writes("POST", f"{message}/send_message", self.send_message),
            reads("GET", f"{order}/order", self.list_orders),
            reads("GET", f"{order}/order/{{order}}", self.show_order),
            reads("GET", f"{order}/order/{{order}}/shipping_fulfillment", self.list_parcels),
            reads("GET", f"{order}/payment_dispute_summary", self.list_payment_disputes),
            reads("GET", searches, self.search_disputes),
            reads("GET", "/commerce/feedback/v1/feedback", self.list_feedback),
            reads("GET", "/developer/analytics/v1_beta/user_rate_limit/", self.list_limits),
            reads("GET", key, self.show_key),
            reads("GET", "/files/{name}", self.show_file, open=True),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if "/public_key/" in request.path:
            return scheme == "Bearer" and token in self._applications
        wanted = "IAF" if request.path.startswith("/post-order/") else "Bearer"
        if wanted == "IAF" and not request.headers.get("X-EBAY-C-MARKETPLACE-ID"):
            return False
        return (
            bool(self.token)
            and (scheme, token) == (wanted, self.token)
            and self.now() < self._until
        )

    @override
    def refused(self) -> web.Response:
        return rest_error(401, 1001, "Invalid access token", domain="OAuth")

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        response = rest_error(429, 2001, "Too many requests", domain="ACCESS")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return rest_error(status, 335000 if status >= 500 else 2002, reason)  # noqa: PLR2004

    async def grant(self, request: web.Request) -> web.Response:
        """A token for the seller's consent, or one for the application."""
        pair = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return web.json_response({"error": "invalid_client"}, status=401)
        form = {name: values[0] for name, values in parse_qs(await request.text()).items()}
        self._grants += 1
        token = f"v^1.1#fake-access-{self._grants}-" + "5e7a" * 6
        self.secrets.add(token)
        if form.get("grant_type") == "client_credentials":
            self._applications.add(token)
        elif form.get("refresh_token") != REFRESH_TOKEN or self.revoked:
            return web.json_response({"error": "invalid_grant"}, status=400)
        else:
            self.token, self._until = token, self.now() + timedelta(seconds=ACCESS_LIVES)
        return web.json_response(
            {"access_token": token, "expires_in": ACCESS_LIVES, "token_type": "User Access Token"}
        )

    def forget_token(self) -> None:
        """The access token is good no more, before its time."""
        self._until = self.now()

    async def show_key(self, request: web.Request) -> web.Response:
        """A public key, on one line as eBay sends it."""
        signer = self._signer
        if request.match_info["key"] != signer.key_id:
            return rest_error(404, 195003, "no such key", domain="API_NOTIFICATION")
        return web.json_response(
            {"key": signer.public_key(), "algorithm": "ECDSA", "digest": "SHA1"}
        )

    @cached_property
    def _signer(self) -> "Signer":
        # Only who plays with pushes needs the package behind it.
        from sandbox.markets.ebay.signing import Signer  # noqa: PLC0415

        return Signer()

    async def show_file(self, request: web.Request) -> web.Response:
        """A file somebody attached."""
        content = self.files.get(request.match_info["name"])
        if content is None:
            raise web.HTTPNotFound
        return web.Response(body=content, content_type="image/png")

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        said = next(one for one in self.messages if one.id == message_id)
        return self.push("NEW_MESSAGE", self._pushed(said), f"n-{said.id}")

    def push(self, topic: str, data: Row, notification: str) -> WebhookRequest:
        """A call of eBay about anything, rightly signed."""
        told = {
            "metadata": {"topic": topic, "schemaVersion": "1.0", "deprecated": False},
            "notification": {
                "notificationId": notification,
                "eventDate": stamp(self.now()),
                "publishDate": stamp(self.now()),
                "publishAttemptCount": 1,
                "data": data,
            },
        }
        body = json.dumps(told).encode()
        return WebhookRequest(
            method="POST",
            path="/webhooks/ebay",
            headers={"x-ebay-signature": self._signer.header(body)},
            query={},
            body=body,
            received_at=self.now(),
        )

    @override
    def challenge(self) -> tuple[WebhookRequest, str] | None:
        code = "a8628072-3d33-45ee-9004-bee86830a22d"
        said = f"{code}{VERIFICATION_TOKEN}{PUSH_ENDPOINT}"
        wanted = json.dumps({"challengeResponse": hashlib.sha256(said.encode()).hexdigest()})
        request = WebhookRequest(
            method="GET",
            path="/webhooks/ebay",
            headers={},
            query={"challenge_code": code},
            body=b"",
            received_at=self.now(),
        )
        return request, wanted

    def settings(self, **changes: Any) -> dict[str, Any]:
        """The settings of an inbox of this account."""
        url = self.url or "http://127.0.0.1:9"
        given: dict[str, Any] = {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": REFRESH_TOKEN,
            "payment_disputes": True,
            "system_messages": True,
            "verification_token": VERIFICATION_TOKEN,
            "push_endpoint": PUSH_ENDPOINT,
            "base_url": url,
            "identity_url": url,
        }
        return given | changes

    def _pushed(self, said: Said) -> Row:
        message = self.shape(said)
        people = {"senderUserName": message.pop("senderUsername")}
        people["recipientUserName"] = message.pop("recipientUsername")
        kind = "FROM_EBAY" if said.author is Author.PLATFORM else "FROM_MEMBERS"
        return message | people | {"conversationId": f"{said.thread}-m", "conversationType": kind}


__all__ = ["SELLER", "EbayMarket"]
