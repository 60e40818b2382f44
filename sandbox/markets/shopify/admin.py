"""Shopify's Admin API on loopback: tokens, versions, scopes, the cost bucket, signed calls."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from sandbox.markets.base import FakeMarket, Route, reads
from sandbox.markets.shopify.books import Books
from sandbox.markets.shopify.document import BadDocument, read_document
from sandbox.markets.shopify.execution import Execution
from sandbox.markets.shopify.schema import VERSIONS

SHOP = "bottega-salici"
SCOPES = ("read_customers", "read_orders", "read_returns", "read_shopify_payments_disputes")
BUCKET = 2000.0
RESTORE = 100.0
"""Points, and points a second: those of a shop on the smallest plan (rate limits page)."""

MOST_COST = 1000
"""Points of one query (rate limits page)."""

LIFE = timedelta(seconds=86_399)


class ShopifyAdmin(FakeMarket):
    """One shop's Admin API. `scopes` are those the seller granted; `deprecated` is said of fields."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.books = Books(now)
        self.client_id = "fake-client-0451"
        self.client_secret = "fake-client-secret-" + "5c2e" * 6
        self.scopes: tuple[str, ...] = SCOPES
        self.deprecated = ""
        self.served: tuple[str, ...] = VERSIONS
        self.asked: list[str] = []
        self.queries: list[dict[str, Any]] = []
        self._granted: dict[str, datetime] = {}
        self._left = BUCKET
        self._left_at = now()
        self._deliveries = 0

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads("POST", "/admin/oauth/access_token", self.grant, open=True),
            reads("POST", "/admin/api/{version}/graphql.json", self.graphql),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        token = request.headers.get("X-Shopify-Access-Token", "")
        until = self._granted.get(token)
        return token == self.token or (until is not None and self.now() < until)

    @override
    def refused(self) -> web.Response:
        return self.problem(401, "[API] Invalid API key or access token (unrecognized login or wrong password)")  # fmt: skip

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return web.json_response({"errors": reason}, status=status)

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        answer: dict[str, Any] = {
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
        }
        if retry_after is not None:
            answer["extensions"] = _cost(100.0 + RESTORE * retry_after, None, 100.0)
        return web.json_response(answer)

    def expire_tokens(self) -> None:
        """Every token that was granted is worth nothing from now on."""
        self._granted.clear()

    def drain(self, left: float = 0.0) -> None:
        """Somebody else used the budget up."""
        self._left, self._left_at = left, self.now()

    async def grant(self, request: web.Request) -> web.Response:
        """A token by the client credentials grant."""
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):  # fmt: skip
            return web.json_response({"error": "invalid_client"}, status=400)
        token = f"shpca_{hashlib.sha256(self.new_id().encode()).hexdigest()[:32]}"
        self._granted[token] = self.now() + LIFE
        self.secrets.add(token)
        self.asked.append("token")
        told = {
            "access_token": token,
            "scope": ",".join(self.scopes),
            "expires_in": int(LIFE.total_seconds()),
        }
        return web.json_response(told)

    async def graphql(self, request: web.Request) -> web.Response:
        """One query, in the version of the address or the one that took its place."""
        version = request.match_info["version"]
        if request.content_type != "application/json":
            return self.problem(415, "Unsupported Media Type")
        if len(version) != len("2026-10"):
            return self.problem(404, "Not Found")
        asked = await request.json()
        if not isinstance(asked, dict) or set(asked) - {"query", "variables", "operationName"}:
            return self.problem(400, "Bad Request")
        self.queries.append(asked)
        answer = self._answered(asked)
        served = version if version in self.served else self.served[0]
        headers = {"X-Shopify-API-Version": served}
        if self.deprecated:
            headers["X-Shopify-API-Deprecated-Reason"] = self.deprecated
        return web.json_response(answer, headers=headers)

    def call(self, topic: str, payload: dict[str, Any], *, secret: str = "") -> WebhookRequest:
        """A call to the seller's address, as Shopify makes it."""
        body = json.dumps(payload).encode()
        digest = hmac.digest((secret or self.client_secret).encode(), body, "sha256")
        self._deliveries += 1
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
            "x-shopify-shop-domain": f"{SHOP}.myshopify.com",
            "x-shopify-api-version": VERSIONS[-1],
            "x-shopify-webhook-id": str(UUID(int=(0xB54557E4 << 96) + self._deliveries)),
            "x-shopify-triggered-at": self.now().isoformat(),
        }
        return WebhookRequest(
            method="POST", path="/", headers=headers, query={}, body=body, received_at=self.now()
        )

    def _answered(self, asked: dict[str, Any]) -> dict[str, Any]:
        try:
            document = read_document(str(asked.get("query", "")))
            run = Execution(
                document=document, variables=asked.get("variables") or {}, scopes=self.scopes
            )
            run.check()
            if run.cost > MOST_COST:
                return _refusal(
                    f"Query cost is {run.cost}, which exceeds the single query max cost limit",
                    "MAX_COST_EXCEEDED",
                )
            left = self._restored()
            if run.cost > left:
                return self.throttled_by(run.cost, left)
            self._left = left - run.cost
            data = run.answer(self.books.root(self.scopes))
        except BadDocument as error:
            extensions = {"code": "undefinedField", "typeName": "QueryRoot"}
            return {
                "errors": [{"message": str(error), "path": ["query"], "extensions": extensions}]
            }
        told: dict[str, Any] = {"data": data, "extensions": _cost(run.cost, run.cost, self._left)}
        return {**told, "errors": run.errors} if run.errors else told

    def throttled_by(self, cost: float, left: float) -> dict[str, Any]:
        """The refusal of a query that costs more than is left."""
        return {
            "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
            "extensions": _cost(cost, None, left),
        }

    def _restored(self) -> float:
        now = self.now()
        gained = (now - self._left_at).total_seconds() * RESTORE
        self._left, self._left_at = min(BUCKET, self._left + gained), now
        return self._left


def _refusal(message: str, code: str) -> dict[str, Any]:
    return {"errors": [{"message": message, "path": ["query"], "extensions": {"code": code}}]}


def _cost(requested: float, actual: float | None, left: float) -> dict[str, Any]:
    bucket = {"maximumAvailable": BUCKET, "currentlyAvailable": left, "restoreRate": RESTORE}
    return {
        "cost": {
            "requestedQueryCost": requested,
            "actualQueryCost": actual,
            "throttleStatus": bucket,
        }
    }
