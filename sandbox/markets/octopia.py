"""Octopia, seen by one seller: client tokens, discussions, messages, attachments, orders.

Written from Octopia's developer pages. A wrong token, seller or subscription key, an unknown
parameter, value or field, a search over more than six months, more than 3 files or 4 MB of them,
and a message into a closed discussion or to somebody who may not be written to are refused.
"""

import base64
import binascii
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, ClassVar

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import FakeMarket, Route, Said, read_json, reads, writes
from sla_rules.vocabulary import Author

CLIENT = ("octopia-client-7", "0c70" * 10)
SELLER = "98979"
SUBSCRIPTION = "5b5c" * 8
LIVES = 7200
LONGEST = timedelta(days=184)
LARGEST_PAGE = 100
FORMATS = {"png", "gif", "bmp", "jpg", "tif", "pdf", "jpeg", "doc", "docx", "xls"}
WRITERS = {
    Author.CUSTOMER: "Customer",
    Author.AGENT: "Seller",
    Author.PLATFORM: "GrcOperator",
    Author.AUTO: "Automatic",
}
FILTERS = {
    "discussionId", "orderSellerId", "salesChannel", "isOpen", "processStatus", "typologyCode",
    "subTypologyCode", "updatedAtMin", "updatedAtMax", "pageSize", "pageIndex", "sort",
    "includeMessages",
}  # fmt: skip
COUNTED = {"salesChannel", "graduationCode", "processStatus", "isOpen"}


class OctopiaMarket(FakeMarket):
    """One seller's discussions.

    `more` of a message may say: `channel`, `typology`, `subtype`, `order` ("" for none), `to`
    (receivers), `files` (names), `unnoticed` (the discussion's time stays as it was). `counts_from`
    is the number of the first page. `unopenable` discussions are refused. `only_service` are those
    in which the customer may not be written to. `dresses` shows sellers' messages as HTML,
    `without_messages` are shown without any; `rows_in` is the name of a list within its answer.
    """

    authors = frozenset(WRITERS)
    rows_in: ClassVar[str | None] = "items"

    def __init__(self, *arguments: Any, counts_from: int = 1, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.counts_from = counts_from
        self.subscription = SUBSCRIPTION
        self.unopenable: set[str] = set()
        self.only_service: set[str] = set()
        self.dresses = False
        self.without_messages: set[str] = set()
        self.levels: dict[str, str] = {}
        self.touched: dict[str, datetime] = {}
        self.sent_files: list[dict[str, Any]] = []
        self.tokens: dict[str, datetime] = {}

    @override
    def routes(self) -> Sequence[Route]:
        token = "/auth/realms/maas/protocol/openid-connect/token"  # noqa: S105 - an address
        return (
            reads("POST", token, self.grant, open=True),
            reads("GET", "/seller/v2/discussions", self.list_discussions),
            reads("GET", "/seller/v2/discussions/count", self.count),
            reads("GET", "/seller/v2/discussions/{discussion}", self.discussion),
            writes("POST", "/seller/v2/messages", self.answer),
            reads("GET", "/seller/v2/attachments", self.attachments),
            reads("GET", "/seller/v2/orders", self.orders),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        good = self.tokens.get(token, datetime.min.replace(tzinfo=UTC)) > self.now()
        mine = request.headers.get("SellerId") == SELLER
        subscribed = (
            not self.subscription
            or request.headers.get("Ocp-Apim-Subscription-Key") == self.subscription
        )
        return scheme == "Bearer" and good and mine and subscribed

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        body = {"type": "about:blank", "title": "Refused", "status": status, "detail": reason}
        return web.json_response(body, status=status, content_type="application/problem+json")

    @override
    def _said(
        self, author: Author, text: str, at: datetime, thread: str, more: dict[str, Any]
    ) -> Said:
        said = super()._said(author, text, at, thread, more)
        if not more.get("unnoticed"):
            self.touched[thread] = max(at, self.touched.get(thread, at))
        return said

    def shut(self, thread: str) -> None:
        """Somebody closes a discussion."""
        self.closed.add(thread)
        self.touched[thread] = self.now()

    def raise_to(self, thread: str, level: str) -> None:
        """The customer, or Octopia, makes more of a discussion."""
        self.levels[thread] = level
        self.touched[thread] = self.now()

    async def grant(self, request: web.Request) -> web.Response:
        """A token for the client itself."""
        form = await request.post()
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            return web.json_response({"error": "unauthorized_client"}, status=401)
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        token = f"octopia-access-{len(self.tokens) + 1}-{'3e8a' * 6}"
        self.tokens[token] = self.now() + timedelta(seconds=LIVES)
        self.secrets.add(token)
        return web.json_response(
            {"access_token": token, "expires_in": LIVES, "token_type": "Bearer"}
        )

    async def list_discussions(self, request: web.Request) -> web.Response:
        """Discussions by their filters, without their messages."""
        query = request.query
        since, until = read_span(request, self.now())
        size = int(query.get("pageSize", "10"))
        if set(query) - FILTERS or not 1 <= size <= LARGEST_PAGE:
            return self.problem(400, "A parameter is unknown or out of range")
        if until - since > LONGEST:
            return self.problem(400, "The search period may not exceed 6 months")
        found = [
            one for one in self._filtered(request) if since <= self.touched[one] <= until
        ]  # fmt: skip
        start = (int(query.get("pageIndex", self.counts_from)) - self.counts_from) * size
        start = max(start - 1, 0) if self.overlap else start
        rows = [self._head(one) for one in found[start : start + size]]
        if self.rows_in is None:
            return web.json_response({"first": rows, "second": rows})
        return web.json_response({self.rows_in: rows, "itemsPerPage": size})

    async def count(self, request: web.Request) -> web.Response:
        """How many there are."""
        if set(request.query) - COUNTED:
            return self.problem(400, "A parameter is unknown")
        return web.json_response({"count": len(self._filtered(request))})

    async def discussion(self, request: web.Request) -> web.Response:
        """One discussion with its messages."""
        thread = thread_of(request.match_info["discussion"])
        if thread not in self._threads():
            return self.problem(404, "Discussion not found")
        if thread in self.unopenable:
            return self.problem(400, "The discussion cannot be shown")
        said = [self._message(one) for one in self.messages if one.thread == thread]
        whole = {**self._head(thread), "eligibleReceivers": self._eligible(thread)}
        if thread not in self.without_messages:
            whole["messages"] = said
        return web.json_response(whole)

    async def answer(self, request: web.Request) -> web.Response:
        """Take a message."""
        content = await read_json(request)
        thread = thread_of(str(content.get("discussionId", "")))
        if thread not in self._threads():
            return self.problem(404, "Discussion not found")
        wrong = wrong_message(content)
        if wrong:
            return self.problem(400, wrong)
        if thread in self.closed or content["receiver"] not in self._eligible(thread):
            return self.problem(422, "The message cannot be sent")
        self.sent_files += content.get("attachments", [])
        self.take_reply(thread, content["body"], to=[content["receiver"]])
        return web.Response(status=201)

    async def attachments(self, request: web.Request) -> web.Response:
        """Files of a message."""
        query = request.query
        if set(query) != {"discussionId", "messageId"}:
            return self.problem(400, "A parameter is missing or unknown")
        said = [one for one in self.messages if one.id == query["messageId"]]
        content = base64.b64encode(b"\x89PNG\r\n\x1a\nbox").decode()
        rows = [
            {"attachmentName": name, "fileFormat": name.rpartition(".")[2], "content": content}
            for one in said
            for name in one.more.get("files", ())
        ]
        return web.json_response({"items": rows})

    async def orders(self, request: web.Request) -> web.Response:
        """Orders by their reference; the fake has one for every discussion."""
        reference = request.query.get("reference", "")
        found = [one for one in self._threads() if self._order(one) == reference and reference]
        return web.json_response({"items": [order_shape(reference)] if found else []})

    def _message(self, said: Said) -> dict[str, Any]:
        shown = message_shape(said)
        if self.dresses and said.author is Author.AGENT:
            shown["body"] = f"<p>{escape(said.text)}</p>".replace("\n", "<br />")
        return shown

    def _filtered(self, request: web.Request) -> list[str]:
        query, found = request.query, self._threads()
        wanted: dict[str, Callable[[str], str]] = {
            "salesChannel": lambda one: self._more(one, "channel", "CDISFR"),
            "isOpen": lambda one: str(one not in self.closed).lower(),
            "processStatus": self._status,
            "graduationCode": lambda one: self.levels.get(one, "Discussion"),
        }
        for name, told in wanted.items():
            if name in query:
                found = [one for one in found if told(one) == query[name]]
        return found

    def _threads(self) -> list[str]:
        return list(dict.fromkeys(said.thread for said in self.messages))

    def _more(self, thread: str, key: str, default: str) -> str:
        said = [one.more[key] for one in self.messages if one.thread == thread and key in one.more]
        return str(said[0]) if said else default

    def _order(self, thread: str) -> str:
        return self._more(thread, "order", order_of(thread))

    def _status(self, thread: str) -> str:
        said = [one for one in self.messages if one.thread == thread]
        return "Treated" if said[-1].author is Author.AGENT else "ToTreat"

    def _eligible(self, thread: str) -> list[str]:
        if thread in self.closed:
            return []
        return ["GrcOperator"] if thread in self.only_service else ["Customer", "GrcOperator"]

    def _head(self, thread: str) -> dict[str, Any]:
        said = [one for one in self.messages if one.thread == thread]
        order = self._order(thread)
        return {
            "discussionId": f"d{thread}",
            "subject": "Où est ma commande ?",
            "orderReference": order or None,
            "orderSellerId": order or None,
            "salesChannelExternalReference": f"2885{thread}",
            "isOpen": thread not in self.closed,
            "graduation": self.levels.get(thread, "Discussion"),
            "typologyCode": self._more(thread, "typology", "Order"),
            "subTypologyCode": self._more(thread, "subtype", "orderNotShipped"),
            "createdAt": instant(said[0].at),
            "updatedAt": instant(self.touched[thread]),
            "status": self._status(thread),
            "customerId": f"C{thread}",
            "sellerId": SELLER,
            "salesChannel": self._more(thread, "channel", "CDISFR"),
        }


def instant(at: datetime) -> str:
    """As Octopia writes them: to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_span(request: web.Request, now: datetime) -> tuple[datetime, datetime]:
    """Between which updates a search looks; up to a week ahead where it names no end."""
    since = request.query.get("updatedAtMin", instant(now - timedelta(days=30)))
    until = request.query.get("updatedAtMax")
    end = datetime.fromisoformat(until) if until else now + timedelta(days=3, seconds=1)
    return datetime.fromisoformat(since), end


def thread_of(discussion: str) -> str:
    """The conversation of a discussion."""
    return discussion.removeprefix("d")


def order_of(thread: str) -> str:
    """The order a discussion is about."""
    return f"{2_603_100_000 + int(thread)}KBDRE"


def message_shape(said: Said) -> dict[str, Any]:
    """A message as Octopia shows it."""
    writer = WRITERS[said.author]
    other = "Customer" if writer == "Seller" else "Seller"
    return {
        "messageId": said.id,
        "body": said.text,
        "sender": {"userType": said.more.get("writer", writer), "userId": f"U{said.thread}"},
        "receivers": [{"userType": one} for one in said.more.get("to", [other])],
        "createdAt": instant(said.at),
        "hasRead": False,
        "attachments": [{"attachmentName": name} for name in said.more.get("files", ())],
    }


def order_shape(reference: str) -> dict[str, Any]:
    """An order with one line."""
    price = {"offerPrice": 39.8, "sellingPrice": 39.8}
    return {
        "orderId": reference,
        "reference": reference,
        "status": "Shipped",
        "createdAt": "2026-03-05T10:00:00Z",
        "currencyCode": "EUR",
        "totalPrice": price,
        "lines": [
            {
                "offer": {"sellerProductId": "TRAIN-1", "productTitle": "Train en bois"},
                "quantity": 2,
                "totalPrice": price,
            }
        ],
        "billingAddress": {"firstName": "Nora", "email": "nora@buyer.example"},
    }


def wrong_message(content: dict[str, Any]) -> str:
    """What Octopia would refuse about a message; nothing where it is right."""
    strange = set(content) - {"discussionId", "body", "receiver", "attachments"}
    if strange:
        return f"Unknown field {min(strange)}"
    if not isinstance(content.get("body"), str) or not content["body"].strip():
        return "body is required"
    if content.get("receiver") not in {"Customer", "GrcOperator"}:
        return "receiver has a wrong value"
    files = content.get("attachments", [])
    sizes = [size_of(one) for one in files]
    if len(sizes) > 3 or None in sizes or sum(filter(None, sizes)) > 4 * 1024 * 1024:  # noqa: PLR2004 - the documented limits
        return "attachments: at most 3 files of the known formats, 4 MB together"
    return ""


def size_of(entry: Any) -> int | None:
    """Bytes of an attached file; None where it is none."""
    if not isinstance(entry, dict) or set(entry) != {"name", "fileFormat", "content"}:
        return None
    try:
        content = base64.b64decode(entry["content"], validate=True)
    except (binascii.Error, ValueError, TypeError):
        return None
    return len(content) if entry["fileFormat"] in FORMATS and content else None
