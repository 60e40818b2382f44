"""The fake Mercado Libre: routes, tokens, orders, notifications."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from sandbox.markets.base import Route, reads, writes
from sandbox.markets.mercado_libre.disputes import Disputes
from sandbox.markets.mercado_libre.wire import (
    SELLER,
    buyer_of,
    local,
    order_of,
    pack_of,
    refusal,
    thread_of,
)
from sla_rules.vocabulary import Author

APP_ID = "1344000000000690"
APP_SECRET = "fake-app-secret-" + "6b1e" * 4
LIVES = 6 * 3600


class MercadoLibreMarket(Disputes):
    """One seller account. `refresh` is the only refresh token that is good; each is good once.

    Written from the public documentation. A read without `mark_as_read=false` marks a conversation
    as read; unknown parameters, wrong versions, too long or strange texts, and callers without a
    living token are refused.
    """

    authors = frozenset(Author)

    def __init__(self, now: Callable[[], datetime], *, global_selling: bool = False) -> None:
        super().__init__(now, global_selling=global_selling)
        self.token = ""
        self.refresh = "TG-fake-refresh-0-" + "a7c3" * 4
        self.grants = 0
        self._until = now()

    @override
    def routes(self) -> Sequence[Route]:
        root = "/marketplace" if self.global_selling else ""
        packs = f"{root}/messages/packs/{{pack}}" + ("" if root else "/sellers/{seller}")
        claims = "/marketplace/v2/claims" if root else "/post-purchase/v1/claims"
        cart = "/marketplace/orders/pack/{pack}" if root else "/packs/{pack}"
        return (
            reads("POST", "/oauth/token", self.grant, open=True),
            reads("GET", "/users/me", self.me),
            reads("GET", f"{root}/questions/search", self.search_questions),
            reads("GET", f"{root}/questions/{{question}}", self.question),
            writes("POST", f"{root}/answers", self.answer),
            reads("GET", f"{root}/messages/unread", self.unread),
            reads("GET", packs, self.conversation),
            writes("POST", packs, self.send),
            writes("POST", f"{root}/messages/attachments", self.upload),
            reads("GET", f"{root}/messages/attachments/{{name}}", self.attachment),
            reads("GET", f"{claims}/search", self.search_claims),
            reads("GET", f"{claims}/{{claim}}", self.show_claim),
            reads("GET", f"{claims}/{{claim}}/messages", self.claim_messages),
            writes("POST", f"{claims}/{{claim}}/actions/send-message", self.send_in_claim),
            reads("GET", cart, self.cart),
            reads("GET", f"{root}/orders/{{order}}", self.order),
            reads("GET", f"{root}/shipments/{{shipment}}", self.shipment),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        good = bool(self.token) and self.now() < self._until
        return good and request.headers.get("Authorization") == f"Bearer {self.token}"

    @override
    def refused(self) -> web.Response:
        return refusal(401, "invalid access token", "not_found")

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        response = refusal(429, "too_many_requests", "local_rate_limited")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return refusal(status, reason, "internal_error")

    async def grant(self, request: web.Request) -> web.Response:
        """A new pair of tokens for the newest refresh token, which is worth nothing from then on."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        if (form.get("client_id"), form.get("client_secret")) != (APP_ID, APP_SECRET):
            return refusal(400, "invalid client_id or client_secret.", "invalid_client")
        if form.get("grant_type") != "refresh_token":
            return refusal(400, "unsupported grant_type", "unsupported_grant_type")
        if form.get("refresh_token") != self.refresh:
            return refusal(400, "Error validating grant.", "invalid_grant")
        self.grants += 1
        self.refresh = f"TG-fake-refresh-{self.grants}-" + "a7c3" * 4
        self.token = f"APP_USR-fake-access-{self.grants}-" + "e41d" * 6
        self._until = self.now() + timedelta(seconds=LIVES)
        self.secrets |= {self.refresh, self.token}
        return web.json_response(
            {
                "access_token": self.token,
                "token_type": "bearer",
                "expires_in": LIVES,
                "scope": "offline_access read write",
                "user_id": int(SELLER),
                "refresh_token": self.refresh,
            }
        )

    async def me(self, request: web.Request) -> web.Response:
        """The account of the token."""
        del request
        site = "CBT" if self.global_selling else self.site
        return web.json_response({"id": int(SELLER), "nickname": "TIENDA ABEDUL", "site_id": site})

    async def cart(self, request: web.Request) -> web.Response:
        """The orders of one cart."""
        number = request.match_info["pack"]
        if not self._is_sale(number) or number != pack_of(thread_of(number)):
            return refusal(404, "Resource not found", "not_found")
        orders = [{"id": int(order_of(thread_of(number)))}]
        return web.json_response({"id": int(number), "status": "released", "orders": orders})

    async def order(self, request: web.Request) -> web.Response:
        """One order."""
        number = request.match_info["order"]
        thread = thread_of(number)
        if not self._is_sale(number) or number != order_of(thread):
            return refusal(404, "Order do not exists", "order_not_found")
        item = {"id": f"{self.site}903000023", "title": "Lámpara de abedul", "seller_sku": "L-1"}
        line = {"item": item, "quantity": 2, "unit_price": 10500.5, "currency_id": "ARS"}
        payment = {"id": 1, "status": "approved", "transaction_amount_refunded": 0}
        return web.json_response(
            {
                "id": int(number),
                "status": "paid",
                "date_created": local(self.now() - timedelta(days=2)),
                "pack_id": None if thread in self.single else int(pack_of(thread)),
                "order_items": [line],
                "total_amount": 21001,
                "currency_id": "ARS",
                "payments": [payment],
                "shipping": {"id": 41290000475},
                "buyer": {"id": buyer_of(thread)},
                "context": {"site": self.site},
            }
        )

    async def shipment(self, request: web.Request) -> web.Response:
        """A parcel, for those who ask for the newer format."""
        if request.headers.get("x-format-new") != "true":
            return refusal(400, "The header x-format-new is required")
        lead = {"estimated_delivery_limit": {"date": local(self.now() + timedelta(days=3))}}
        return web.json_response(
            {
                "id": int(request.match_info["shipment"]),
                "status": "shipped",
                "tracking_number": "MEL40512345678FMDOE01",
                "tracking_method": "Correo Rápido",
                "lead_time": lead,
                "logistic": {"type": "drop_off"},
            }
        )

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        prefix = "marketplace_" if self.global_selling else ""
        body = {
            "_id": f"5da0000000000a49{message_id[-8:]}",
            "resource": message_id,
            "user_id": int(SELLER),
            "topic": f"{prefix}messages",
            "application_id": int(APP_ID),
            "attempts": 1,
            "sent": "2026-03-10T09:00:00.000Z",
            "received": "2026-03-10T09:00:00.000Z",
        }
        return WebhookRequest(
            method="POST",
            path="/webhooks/mercado_libre",
            headers={"content-type": "application/json"},
            query={},
            body=json.dumps(body).encode(),
            received_at=self.now(),
        )

    def _is_sale(self, number: str) -> bool:
        thread = thread_of(number)
        known = {one.thread for one in self.messages} | {one.thread for one in self.claims.values()}
        return thread in known
