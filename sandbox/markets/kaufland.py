"""Kaufland Global Marketplace, seen by one seller: signed calls, tickets, messages, orders.

Written from Kaufland's own interface description. A wrong signature, an old timestamp, a missing
User-Agent, an unknown parameter, value or field, or a page above 30 is refused.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import FakeMarket, Route, Said, read_json, reads, writes
from sla_rules.vocabulary import Author

SECRET = "5ec7" * 16
ROLES = {
    Author.CUSTOMER: "buyer",
    Author.AGENT: "seller",
    Author.PLATFORM: "customer_service",
}
LARGEST_PAGE = 30
LONGEST = 65_535
AGES = 300
"""Seconds a timestamp may be off; not documented."""

SORTS = {
    "tickets": {"ts_created_iso:desc", "ts_updated_iso:desc"},
    "messages": {"ts_created_iso:desc", "ts_created_iso:asc"},
}
CLOSED = {"seller_closed", "both_closed", "customer_service_closed_final"}


class KauflandMarket(FakeMarket):
    """One seller's tickets. `token` is the client key.

    `more` of a message may say: `role` ("system"), `topic`, `open_reason`, `storefront`, `files`
    (names), `unnoticed` (the ticket's time stays as it was). `only_sellers` makes the list of
    messages show the seller's own only, as one program reports. `unopenable` tickets are refused.
    `shut` closes a ticket.
    """

    authors = frozenset(ROLES)

    def __init__(self, *arguments: Any, only_sellers: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.only_sellers = only_sellers
        self.unopenable: set[str] = set()
        self.status: dict[str, str] = {}
        self.touched: dict[str, datetime] = {}
        self.files: dict[str, list[dict[str, str]]] = {}
        self.sent_files: list[dict[str, Any]] = []

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads("GET", "/v2/tickets", self.list_tickets),
            reads("GET", "/v2/tickets/messages", self.list_messages),
            reads("GET", "/v2/tickets/{ticket}", self.ticket),
            writes("POST", "/v2/tickets/{ticket}/messages", self.answer),
            writes("PATCH", "/v2/tickets/{ticket}/close", self.close_ticket),
            reads("GET", "/v2/orders/{order}", self.order),
            reads("GET", "/files/{name}", self.file, open=True),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        """Every header but the signature, which covers the body and is checked by `_answer`."""
        stamp = request.headers.get("Shop-Timestamp", "")
        fresh = stamp.isdecimal() and abs(int(stamp) - self.now().timestamp()) <= AGES
        named = bool(request.headers.get("User-Agent"))
        return named and fresh and request.headers.get("Shop-Client-Key") == self.token

    @override
    async def _answer(self, route: Route, request: web.Request) -> web.StreamResponse:
        if not route.open and not await self._is_signed(request):
            return self.refused()
        return await super()._answer(route, request)

    async def _is_signed(self, request: web.Request) -> bool:
        body = await request.read()
        stamp = request.headers.get("Shop-Timestamp", "")
        uri = f"{request.scheme}://{request.host}{request.raw_path}"
        said = "\n".join([request.method, uri, body.decode("utf-8", "replace"), stamp])
        wanted = hmac.new(SECRET.encode(), said.encode(), hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, request.headers.get("Shop-Signature", ""))

    @override
    def refused(self) -> web.Response:
        return self.problem(401, "Request authentication headers are corrupt")

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        response = self.problem(429, "429 Too Many Requests")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return web.json_response({"message": reason}, status=status)

    @override
    def _said(
        self, author: Author, text: str, at: datetime, thread: str, more: dict[str, Any]
    ) -> Said:
        said = super()._said(author, text, at, thread, more)
        if not more.get("unnoticed"):
            self.touched[thread] = max(at, self.touched.get(thread, at))
        for name in more.get("files", ()):
            uri = f"{self.url}/files/{name}"
            entry = {"filename": name, "ts_created_iso": instant(at), "uri": uri}
            self.files.setdefault(thread, []).append(entry)
        return said

    def shut(self, thread: str, status: str) -> None:
        """Somebody closes a ticket."""
        self.status[thread] = status
        self.touched[thread] = self.now()

    async def list_tickets(self, request: web.Request) -> web.Response:
        """Tickets by their update."""
        known = {
            "sort", "limit", "offset", "status", "open_reason", "topic", "id_buyer",
            "ts_created_from_iso", "ts_updated_from_iso", "storefront", "fulfillment_type",
        }  # fmt: skip
        problem = self._wrong(request, known, SORTS["tickets"])
        if problem is not None:
            return problem
        query = request.query
        since = datetime.fromisoformat(query.get("ts_updated_from_iso", "1970-01-01T00:00:00Z"))
        found = [one for one in self._threads() if whole(self.touched[one]) >= since]
        if "storefront" in query:
            wanted = set(query.getall("storefront"))
            found = [one for one in found if self._more(one, "storefront", "de") in wanted]
        found.sort(key=lambda one: self.touched[one], reverse=True)
        return self._page(request, [self._shape(one) for one in found])

    async def list_messages(self, request: web.Request) -> web.Response:
        """Messages by their creation."""
        known = {"sort", "limit", "offset", "ts_created_from_iso", "fulfillment_type"}
        problem = self._wrong(request, known, SORTS["messages"])
        if problem is not None:
            return problem
        since = datetime.fromisoformat(
            request.query.get("ts_created_from_iso", "1970-01-01T00:00:00Z")
        )
        found = [
            one
            for one in self.messages
            if whole(one.at) >= since and (not self.only_sellers or one.author is Author.AGENT)
        ]
        found.sort(key=lambda one: one.at, reverse=request.query.get("sort", "").endswith("desc"))
        return self._page(request, [message_shape(one) for one in found])

    async def ticket(self, request: web.Request) -> web.Response:
        """One ticket, with what is asked to be embedded."""
        thread = thread_of(request.match_info["ticket"])
        if thread not in self._threads():
            return self.problem(404, "Ticket not found")
        if thread in self.unopenable:
            return self.problem(400, "The ticket cannot be shown")
        asked = set(filter(None, request.query.get("embedded", "").split(",")))
        if not asked <= {"messages", "order_units", "buyer", "files", "product"}:
            return self.problem(400, "embedded has a wrong value")
        found = self._shape(thread) | {"storefront": self._more(thread, "storefront", "de")}
        said = [one for one in self.messages if one.thread == thread]
        if "messages" in asked:
            found["messages"] = [message_shape(one) for one in said]
        if "files" in asked:
            found["files"] = self.files.get(thread, [])
        if "order_units" in asked:
            found["order_units"] = [unit_shape(thread, self._more(thread, "storefront", "de"))]
        return web.json_response({"data": found})

    async def answer(self, request: web.Request) -> web.Response:
        """Take a message. There is nothing in the answer to it."""
        thread = thread_of(request.match_info["ticket"])
        if thread not in self._threads():
            return self.problem(404, "Ticket not found")
        content = await read_json(request)
        wrong = wrong_message(content)
        if wrong:
            return self.problem(400, wrong)
        if thread in self.closed or self.status.get(thread) in CLOSED:
            return self.problem(400, "The ticket is closed")
        self.sent_files += content.get("ticket_message_files", [])
        self.take_reply(thread, content["text"])
        return web.Response(status=201)

    async def close_ticket(self, request: web.Request) -> web.Response:
        """Close the seller's side."""
        thread = thread_of(request.match_info["ticket"])
        if thread not in self._threads() or self.status.get(thread) in CLOSED:
            return self.problem(400, "The ticket cannot be closed")
        both = self.status.get(thread) == "buyer_closed"
        self.shut(thread, "both_closed" if both else "seller_closed")
        return web.Response(status=204)

    async def order(self, request: web.Request) -> web.Response:
        """One order with its units; the fake has one for every ticket."""
        order = request.match_info["order"]
        thread = next((one for one in self._threads() if order_of(one) == order), None)
        if thread is None:
            return self.problem(404, "Order not found")
        unit = unit_shape(thread, self._more(thread, "storefront", "de"))
        product = {"title": "Wooden train", "url": "https://www.kaufland.de/product/1/"}
        found = {
            "id_order": order,
            "ts_created_iso": "2026-03-05T10:00:00Z",
            "storefront": unit["storefront"],
            "fulfillment_type": "fulfilled_by_merchant",
            "order_units": [unit | {"product": product}],
            "billing_address": None,
            "shipping_address": None,
            "buyer": None,
        }
        return web.json_response({"data": found})

    async def file(self, request: web.Request) -> web.Response:
        """A file somebody attached."""
        known = {one["filename"] for files in self.files.values() for one in files}
        if request.match_info["name"] not in known:
            return self.problem(404, "File not found")
        return web.Response(body=b"\x89PNG\r\n\x1a\n", content_type="image/png")

    def _wrong(self, request: web.Request, known: set[str], sorts: set[str]) -> web.Response | None:
        query = request.query
        strange = set(query) - known
        if strange:
            return self.problem(400, f"Unknown parameter {min(strange)}")
        if query.get("sort", min(sorts)) not in sorts:
            return self.problem(400, "sort has a wrong value")
        if not 1 <= int(query.get("limit", "30")) <= LARGEST_PAGE:
            return self.problem(400, "limit must be between 1 and 30")
        return None

    def _page(self, request: web.Request, entries: list[Any]) -> web.Response:
        limit, offset = (int(request.query.get(key, "0")) for key in ("limit", "offset"))
        limit = limit or LARGEST_PAGE
        first = offset - 1 if self.overlap and offset > 0 else offset
        pagination = {"offset": offset, "limit": limit, "total": len(entries)}
        return web.json_response({"data": entries[first : first + limit], "pagination": pagination})

    def _threads(self) -> list[str]:
        return list(dict.fromkeys(said.thread for said in self.messages))

    def _more(self, thread: str, key: str, default: str) -> str:
        said = [one.more[key] for one in self.messages if one.thread == thread and key in one.more]
        return str(said[0]) if said else default

    def _shape(self, thread: str) -> dict[str, Any]:
        said = [one for one in self.messages if one.thread == thread]
        return {
            "id_ticket": f"001{thread}",
            "ids_order_units": [unit_of(thread)],
            "id_buyer": 21_000_000 + int(thread),
            "ts_created_iso": instant(said[0].at),
            "ts_updated_iso": instant(self.touched[thread]),
            "status": self.status.get(thread, "opened"),
            "open_reason": self._more(thread, "open_reason", "contact_other"),
            "topic": self._more(thread, "topic", "delivery_delayed"),
            "is_seller_responsible": said[-1].author is not Author.AGENT,
            "fulfillment_type": "fulfilled_by_merchant",
        }


def whole(at: datetime) -> datetime:
    """Kaufland's times are whole seconds."""
    return at.replace(microsecond=0)


def instant(at: datetime) -> str:
    """As Kaufland writes them."""
    return whole(at.astimezone(UTC)).isoformat().replace("+00:00", "Z")


def thread_of(ticket: str) -> str:
    """The conversation of a ticket, whose number begins with 001."""
    return ticket.removeprefix("001")


def unit_of(thread: str) -> int:
    """The order unit a ticket is about."""
    return 314_567_896_000_000 + int(thread)


def order_of(thread: str) -> str:
    """The order of that unit."""
    return f"M{int(thread):06d}"


def message_shape(said: Said) -> dict[str, Any]:
    """A message as Kaufland writes it."""
    role = said.more.get("role", ROLES[said.author])
    names = {"buyer": "Nora Quist", "seller": "Bottega Salici"}
    return {
        "id_ticket_message": int(said.id),
        "id_ticket": f"001{said.thread}",
        "author": {"role": role, "name": names.get(role, "Kaufland")},
        "text": said.text,
        "ts_created_iso": instant(said.at),
    }


def unit_shape(thread: str, storefront: str) -> dict[str, Any]:
    """An order unit; prices are cents."""
    return {
        "id_order_unit": unit_of(thread),
        "id_order": order_of(thread),
        "status": "sent",
        "price": 3980,
        "currency": "EUR",
        "storefront": storefront.upper(),
        "id_offer": "TRAIN-1",
        "delivery_time_expires_iso": "2026-03-12T12:00:00Z",
        "cancel_reason": None,
        "buyer": {"id_buyer": 21_000_000 + int(thread), "email": "nora@buyer.example"},
    }


def wrong_message(content: dict[str, Any]) -> str:
    """What Kaufland would refuse about a message; nothing where it is right."""
    strange = set(content) - {"text", "interim_notice", "ticket_message_files"}
    if strange:
        return f"Unknown field {min(strange)}"
    text = content.get("text")
    if not isinstance(text, str) or not 1 <= len(text) <= LONGEST:
        return "text must have between 1 and 65535 characters"
    files = content.get("ticket_message_files", [])
    return "" if all(is_file(one) for one in files) else "ticket_message_files has a wrong value"


def is_file(entry: Any) -> bool:
    """Whether a file is written as documented: a base64 data address of its media type."""
    if not isinstance(entry, dict) or set(entry) != {"filename", "mime_type", "data"}:
        return False
    head, _, content = entry["data"].partition(",")
    try:
        base64.b64decode(content, validate=True)
    except binascii.Error:
        return False
    return bool(head == f"data:{entry['mime_type']};base64")
