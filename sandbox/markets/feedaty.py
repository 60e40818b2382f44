"""Feedaty, seen by one merchant: two steps to a token, and published feedback by rows.

Written from Feedaty's guide and its own modules. A wrong proof, a request token used twice, an
unknown parameter and more than a hundred rows are refused.
"""

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import FakeMarket, Route, Said, reads
from sla_rules.vocabulary import Author

MERCHANT = "10215860"
SECRET = "f33d" * 8
LIVES = timedelta(hours=1)
LARGEST_PAGE = 100


class FeedatyMarket(FakeMarket):
    """One merchant's feedback: each message of a customer is one.

    `more` of a message may say: `stars`, `product` (the review is a product's, of this SKU).
    `is_on` says whether access by API is switched on. `newest_first` is the order of the list.
    """

    authors = frozenset({Author.CUSTOMER})

    def __init__(self, *arguments: Any, newest_first: bool = True, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.newest_first = newest_first
        self.is_on = True
        self.requested: set[str] = set()
        self.tokens: dict[str, datetime] = {}

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads("GET", "/OAuth/RequestToken", self.request_token, open=True),
            reads("POST", "/OAuth/AccessToken", self.access_token, open=True),
            reads("GET", "/Reviews/Get", self.reviews),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        ends_at = self.tokens.get(token)
        return scheme.lower() == "oauth" and ends_at is not None and ends_at > self.now()

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return web.json_response({"Success": False, "Message": reason}, status=status)

    def change(self, review: str, text: str, **more: Any) -> None:
        """The customer changes their review."""
        said = next(one for one in self.messages if one.id == review)
        said.text = text
        said.more |= more

    async def request_token(self, _request: web.Request) -> web.Response:
        """A token that says nothing yet."""
        token = f"request-{len(self.requested) + 1}-{'a1b2' * 4}"
        self.requested.add(token)
        return web.json_response({"RequestToken": token})

    async def access_token(self, request: web.Request) -> web.Response:
        """The token of a merchant whose secret is proven, once for each request token."""
        form = await request.post()
        asked = str(form.get("oauth_token", ""))
        digest = hashlib.sha1(f"{asked}{SECRET}".encode(), usedforsecurity=False).hexdigest()
        wanted = base64.b64encode(f"{MERCHANT}:{digest}".encode()).decode()
        proven = request.headers.get("Authorization") == f"Basic {wanted}"
        if not proven or asked not in self.requested or form.get("grant_type") != "authorization":
            return self.problem(401, "Unauthorized")
        self.requested.discard(asked)
        token = f"feedaty-access-{len(self.tokens) + 1}-{'c3d4' * 6}"
        self.tokens[token] = self.now() + LIVES
        self.secrets.add(token)
        return web.json_response({"AccessToken": token})

    async def reviews(self, request: web.Request) -> web.Response:
        """Published feedback, from a row on."""
        if not self.is_on:
            return self.problem(200, "API non abilitate")
        row, count = (int(request.query.get(key, "0")) for key in ("row", "count"))
        strange = set(request.query) - {"row", "count", "retrieve", "sku"}
        if strange or row < 0 or not 1 <= count <= LARGEST_PAGE:
            return self.problem(400, "A parameter is unknown or out of range")
        found = sorted(self.messages, key=lambda one: one.at, reverse=self.newest_first)
        first = max(row - 1, 0) if self.overlap else row
        rows = [shape(one) for one in found[first : first + count]]
        data = {"Reviews": rows, "TotalResults": len(found)}
        return web.json_response({"Success": True, "Data": data})


def shape(said: Said) -> dict[str, Any]:
    """A feedback as Feedaty writes it: of the service, or of one product."""
    milliseconds = int(said.at.astimezone(UTC).timestamp() * 1000)
    stars, sku = said.more.get("stars", 2), said.more.get("product")
    product = {"ID": int(said.id) * 10, "SKU": sku, "Rating": stars, "Review": said.text}
    return {
        "ID": int(said.id),
        "OrderID": f"IT{said.thread}",
        "Released": f"/Date({milliseconds}+0100)/",
        "CustomerEmail": f"nora.{said.thread}@buyer.example",
        "MerchantRating": None if sku else stars,
        "MerchantReview": None if sku else said.text,
        "ProductsReviews": [product] if sku else [],
    }
