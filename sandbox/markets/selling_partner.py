"""Amazon's selling API on loopback: login, Orders 2026-01-01, Reports 2021-06-30.

Written from the published models: what they do not name is refused, and so is whatever needs a
role for personal data, which this app does not have.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import Route, reads
from sandbox.markets.selling_partner_reports import HEADER, ReportsApi
from sandbox.markets.selling_partner_shapes import order_page
from sla_rules.vocabulary import Author

CLIENT: Final = ("amzn1.application-oa2-client.7f1d", "lwa-secret-" + "3c9e" * 6)
REFRESH: Final = "Atzr|" + "5d2a" * 10
LIFE: Final = 3600

INCLUDED: Final = frozenset(
    {"BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT",
     "PACKAGES", "TAX", "PAYMENT", "FULFILLMENT_ORDERS"}
)  # fmt: skip
PERSONAL: Final = frozenset({"BUYER", "RECIPIENT", "TAX"})
_ORDER: Final = re.compile(r"[A-Z0-9]{3}-\d{7}-\d{7}")


class SellingPartnerMarket(ReportsApi):
    """One seller. `orders` are what Amazon tells of each; `withdrawn` ends the seller's consent.

    `included` are the sets of data that were asked for, call by call.
    """

    authors = frozenset({Author.CUSTOMER, Author.AGENT, Author.PLATFORM})

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.orders: dict[str, dict[str, Any]] = {}
        self.included: list[frozenset[str]] = []
        self.withdrawn = False
        self.logins = 0
        self.token = ""

    def settings(self) -> dict[str, Any]:
        """The settings of an access to this fake."""
        here = self.url or "http://127.0.0.1:9"
        return {
            "client_id": CLIENT[0],
            "client_secret": CLIENT[1],
            "refresh_token": REFRESH,
            "region": "eu",
            "base_url": here,
            "auth_url": here,
        }

    @override
    def routes(self) -> tuple[Route, ...]:
        return (
            Route(method="POST", path="/auth/o2/token", handler=self.grant, open=True),
            reads("GET", "/orders/2026-01-01/orders/{order}", self.order),
            *self.report_routes(),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        plain = "Authorization" not in request.headers
        return plain and bool(self.token) and request.headers.get(HEADER) == self.token

    @override
    def new_id(self) -> str:
        number = super().new_id().rjust(17, "3")
        return f"{number[:3]}-{number[3:10]}-{number[10:]}"

    async def grant(self, request: web.Request) -> web.Response:
        """Login with Amazon: form in, token out."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.logins += 1
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") != "refresh_token":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if self.withdrawn or form.get("refresh_token") != REFRESH:
            described = "The request has an invalid grant parameter : refresh_token"
            told = {"error": "invalid_grant", "error_description": described}
            return web.json_response(told, status=400)
        self.token = f"Atza|{self.logins}" + "8b0f" * 6
        self.secrets.add(self.token)
        told = {"access_token": self.token, "token_type": "bearer", "refresh_token": REFRESH}
        return web.json_response({**told, "expires_in": LIFE})

    async def order(self, request: web.Request) -> web.Response:
        """One order. Sets of personal data are refused: the app has no role for them."""
        if set(request.query) - {"includedData"}:
            return self.invalid("unknown parameter")
        included = frozenset(request.query.get("includedData", "").split(",")) - {""}
        self.included.append(included)
        if included - INCLUDED:
            return self.invalid("unknown includedData")
        if included & PERSONAL:
            return self.refused()
        order_id = request.match_info["order"]
        if not _ORDER.fullmatch(order_id):
            return self.invalid("Invalid Input")
        if order_id not in self.orders:
            return self.worded(404, "NotFound", "The requested order does not exist.")
        return self.told({"order": order_page(order_id, self.orders[order_id], included)})
