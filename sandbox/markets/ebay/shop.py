"""What else the fake knows: orders, parcels, disputes, feedback, and what is left to call."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from aiohttp import web

from sandbox.markets.ebay.errors import post_order_error, rest_error, unknown_parameters
from sandbox.markets.ebay.inbox import SELLER, Inbox, stamp

Row = dict[str, Any]

LONGEST_SEARCH = 200
OLDEST = timedelta(days=549)
"""Eighteen months: further back no search of Post-Order begins."""

SEARCHES: Mapping[str, tuple[str, str, set[str]]] = {
    "return": (
        "creation_date_range",
        "members",
        {"item_id", "limit", "offset", "order_id", "return_id", "return_state", "role", "sort"},
    ),
    "inquiry": (
        "inquiry_creation_date_range",
        "members",
        {"fieldgroups", "inquiry_status", "item_id", "limit", "offset", "order_id", "sort"},
    ),
    "casemanagement": (
        "case_creation_date_range",
        "members",
        {"case_status_filter", "fieldgroups", "item_id", "limit", "offset", "order_id", "sort"},
    ),
    "cancellation": (
        "creation_date_range",
        "cancellations",
        {"cancel_id", "item_id", "legacy_order_id", "limit", "offset", "role", "sort"},
    ),
}
"""For each search: the name of its window, of its list, and its other parameters."""

OPENED = {
    "return": lambda row: row["creationInfo"]["creationDate"]["value"],
    "inquiry": lambda row: row["creationDate"]["value"],
    "casemanagement": lambda row: row["creationDate"]["value"],
    "cancellation": lambda row: row["cancelRequestDate"]["value"],
}


class Shop(Inbox):
    """The rest of the account. Whoever plays with it fills the lists.

    `lacks` are permissions that the seller's consent does not give.
    """

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.orders: dict[str, Row] = {}
        self.parcels: dict[str, Sequence[Row]] = {}
        self.disputes: dict[str, list[Row]] = {name: [] for name in SEARCHES}
        self.payment_disputes: list[Row] = []
        self.feedback: list[Row] = []
        self.lacks: set[str] = set()

    def _refused_scope(self, scope: str) -> web.Response | None:
        if scope not in self.lacks:
            return None
        return rest_error(403, 1100, "Access denied", domain="ACCESS")

    async def show_user(self, _request: web.Request) -> web.Response:
        """Whose access it is."""
        found = {"username": SELLER, "userId": "2xYtQsrZQ7k", "accountType": "BUSINESS"}
        return web.json_response(found | {"registrationMarketplaceId": "EBAY_IT"})

    async def list_orders(self, request: web.Request) -> web.Response:
        """Orders changed since, newest first."""
        refused = self._refused_scope("sell.fulfillment")
        if refused is not None:
            return refused
        if unknown_parameters(request, {"filter", "limit", "offset", "orderIds", "fieldGroups"}):
            return rest_error(400, 30700, "Invalid query", domain="API_FULFILLMENT")
        begin = request.query.get("filter", "").removeprefix("lastmodifieddate:[").partition("..")
        limit, offset = int(request.query.get("limit", 50)), int(request.query.get("offset", 0))
        if limit > LONGEST_SEARCH or not begin[1]:
            return rest_error(400, 30700, "Invalid query", domain="API_FULFILLMENT")
        found = [row for row in self.orders.values() if row["lastModifiedDate"] >= begin[0]]
        found.sort(key=lambda row: str(row["creationDate"]), reverse=True)
        page = {"orders": found[offset : offset + limit], "total": len(found)}
        return web.json_response(page | {"limit": limit, "offset": offset})

    async def show_order(self, request: web.Request) -> web.Response:
        """One order."""
        order = self.orders.get(request.match_info["order"])
        if order is None:
            return rest_error(404, 32100, "Invalid order ID", domain="API_FULFILLMENT")
        return web.json_response(order)

    async def list_parcels(self, request: web.Request) -> web.Response:
        """What was sent of an order."""
        parcels = self.parcels.get(request.match_info["order"], [])
        return web.json_response({"fulfillments": list(parcels), "total": len(parcels)})

    async def search_disputes(self, request: web.Request) -> web.Response:
        """One of the four searches of Post-Order."""
        name = request.match_info["what"]
        window, listed, known = SEARCHES[name]
        ends = (f"{window}_from", f"{window}_to")
        unknown = unknown_parameters(request, {*known, *ends})
        if unknown:
            return post_order_error(400, 1616, f"unknown parameter {unknown[0]}")
        limit = int(request.query.get("limit", 25))
        if limit > LONGEST_SEARCH:
            return post_order_error(400, 1616, "limit is too large")
        begin, end = (request.query.get(one, "") for one in ends)
        if begin and self.now() - datetime.fromisoformat(begin) > OLDEST:
            return post_order_error(400, 1617, "the window begins too long ago")
        found = [row for row in self.disputes[name] if begin <= OPENED[name](row) <= (end or "9")]
        pages = {"limit": limit, "offset": 1, "totalEntries": len(found)}
        return web.json_response({listed: found[:limit], "paginationOutput": pages})

    async def list_payment_disputes(self, request: web.Request) -> web.Response:
        """Payment disputes, a page."""
        refused = self._refused_scope("sell.payment.dispute")
        if refused is not None:
            return refused
        limit, offset = int(request.query.get("limit", 200)), int(request.query.get("offset", 0))
        page = self.payment_disputes[offset : offset + limit]
        return web.json_response(
            {"paymentDisputeSummaries": page, "total": len(self.payment_disputes)}
        )

    async def list_feedback(self, request: web.Request) -> web.Response:
        """Feedback that buyers left, newest first."""
        refused = self._refused_scope("commerce.feedback")
        if refused is not None:
            return refused
        if request.query.get("user_id") != SELLER:
            return rest_error(400, 501000, "user_id is missing or unknown", domain="API_FEEDBACK")
        if request.query.get("feedback_type") not in {"FEEDBACK_RECEIVED", "FEEDBACK_SENT"}:
            return rest_error(400, 501001, "feedback_type is missing", domain="API_FEEDBACK")
        limit = min(int(request.query.get("limit", 25)), LONGEST_SEARCH)
        page = {"total": len(self.feedback), "count": min(limit, len(self.feedback))}
        return web.json_response({"feedbackEntries": self.feedback[:limit], "pagination": page})

    async def list_limits(self, _request: web.Request) -> web.Response:
        """What may still be called today."""
        rate = {"count": 12, "limit": 5000, "remaining": 4988, "timeWindow": 86400}
        resources = [{"name": "commerce.message", "rates": [rate]}]
        api = {"apiContext": "commerce", "apiName": "Message API", "apiVersion": "v1"}
        return web.json_response({"rateLimits": [api | {"resources": resources}]})

    def sells(self, order_id: str, *, buyer: str, item: str, **more: Any) -> Row:
        """Somebody bought something a day ago: the order, ready to be changed."""
        at = stamp(self.now() - timedelta(days=1))
        row: Row = {
            "orderId": order_id,
            "legacyOrderId": order_id,
            "creationDate": at,
            "lastModifiedDate": at,
            "orderFulfillmentStatus": "NOT_STARTED",
            "orderPaymentStatus": "PAID",
            "buyer": {"username": buyer},
            "cancelStatus": {"cancelState": "NONE_REQUESTED", "cancelRequests": []},
            "pricingSummary": {"total": {"value": "39.80", "currency": "EUR"}},
            "lineItems": [
                {
                    "lineItemId": f"1{item}",
                    "legacyItemId": item,
                    "title": "Oak shelf, 60 cm",
                    "sku": "SHELF-60",
                    "quantity": 2,
                    "total": {"value": "39.80", "currency": "EUR"},
                    "listingMarketplaceId": "EBAY_IT",
                    "purchaseMarketplaceId": "EBAY_IT",
                }
            ],
        }
        self.orders[order_id] = row | more
        return self.orders[order_id]
