"""Trustpilot on loopback: service reviews, product reviews with conversations, unsigned calls."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.testing.market import Fault
from sandbox.markets.base import FakeMarket, Handler, Route, Said, reads, writes
from sla_rules.vocabulary import Author

API_KEY = "tp-api-key-" + "5a7c" * 5
API_SECRET = "tp-api-secret-" + "91be" * 5
WEBHOOK_SECRET = "tp-webhook-secret-" + "44d0" * 5
UNIT = "46d6a890000064000500e0c3"
USER = "5f1e2d3c4b5a697887766554"

LIVES = 359_999
MOST_A_PAGE = 100
LIST = frozenset(
    {
        "stars", "language", "page", "internalLocationId", "perPage", "orderBy", "tagGroup",
        "tagValue", "ignoreTagValueCase", "responded", "referenceId", "referralEmail", "reported",
        "startDateTime", "endDateTime", "source", "username", "findReviewer",
    }
)  # fmt: skip
ORDERS = frozenset({"createdat.asc", "createdat.desc", "stars.asc", "stars.desc"})
PRODUCT_LIST = frozenset(
    {"page", "perPage", "sku", "language", "state", "locale", "includeReportedReviews", "stars"}
)
STATES = frozenset({"published", "unpublished", "underModeration", "archived"})
OUTLASTS = frozenset({Fault.CUT_AFTER, Fault.TRUNCATED})
"""Played on lists and on what changes something: a single review is looked up before an answer."""


class TrustpilotMarket(FakeMarket):
    """One business unit. A customer who writes leaves a review; an agent answers the newest one."""

    authors = frozenset({Author.CUSTOMER, Author.AGENT})
    page_size: ClassVar[int] = MOST_A_PAGE

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.tokens_given = 0
        self.taken_down: set[str] = set()
        self.odd: set[str] = set()
        self.comments: dict[str, list[dict[str, Any]]] = {}

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads(
                "POST",
                "/v1/oauth/oauth-business-users-for-applications/accesstoken",
                self.grant,
                open=True,
            ),
            reads("GET", "/v1/private/business-units/{unit}/reviews", self.list_reviews),
            reads("GET", "/v1/private/reviews/{review}", self.one_review),
            writes("POST", "/v1/private/reviews/{review}/reply", self.answer),
            *self._spare(),
        )

    def _spare(self) -> Sequence[Route]:
        """Product reviews are off unless a setting asks for them."""
        under = "/v1/private/product-reviews"
        both: tuple[tuple[str, str, Handler, bool], ...] = (
            ("GET", f"{under}/business-units/{{unit}}/reviews", self.list_products, False),
            ("GET", f"{under}/{{review}}", self.one_product, False),
            ("POST", f"{under}/{{review}}/create-conversation", self.open_conversation, True),
            ("GET", "/v1/private/conversations/{conversation}", self.conversation, False),
            ("POST", "/v1/private/conversations/{conversation}/comments", self.comment, True),
        )
        return [
            Route(method=method, path=path, handler=handler, writes=changes, spare=True)
            for method, path, handler, changes in both
        ]

    async def grant(self, request: web.Request) -> web.Response:
        """A token for the application's own right: Basic, form-encoded, no refresh token."""
        pair = base64.b64encode(f"{API_KEY}:{API_SECRET}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {pair}":
            return self.problem(401, "Invalid credentials")
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return self.problem(400, "unsupported grant_type")
        self.tokens_given += 1
        self.token = f"tp-access-{self.tokens_given}-" + "c0de" * 4
        self.secrets.add(self.token)
        return web.json_response({"access_token": self.token, "expires_in": str(LIVES)})

    async def list_reviews(self, request: web.Request) -> web.Response:
        """Service reviews by their creation; unknown parameters and pages of more are refused."""
        query = request.query
        wrong = self._wrong_page(query, LIST)
        if request.match_info["unit"] != UNIT:
            return self.problem(404, "Business unit not found")
        if wrong or query.get("orderBy", "createdat.desc") not in ORDERS:
            return self.problem(400, wrong or "orderBy is not valid")
        since = _moment(query.get("startDateTime"))
        found = [one for one in self._standing("service") if since is None or one.at >= since]
        found.sort(key=lambda one: one.at, reverse=not query.get("orderBy", "").endswith("asc"))
        return web.json_response({"links": [], "reviews": self._page(query, found)})

    async def one_review(self, request: web.Request) -> web.Response:
        """One service review; `odd` are ids it calls malformed."""
        if request.match_info["review"] in self.odd:
            return self.problem(400, "The review id is not valid")
        said = self._named(request, "service")
        if said is None:
            return self.problem(404, "Review not found")
        return web.json_response(review_of(said))

    async def answer(self, request: web.Request) -> web.Response:
        """The one answer below a review; a second one takes its place."""
        said, body = self._named(request, "service"), await request.json()
        if said is None:
            return self.problem(404, "Review not found")
        if set(body) != {"authorBusinessUserId", "message"}:
            return self.problem(400, "authorBusinessUserId and message are required")
        if body["authorBusinessUserId"] != USER:
            return self.problem(403, "The business user has no access to this business unit")
        text = str(body["message"])
        self.take_reply(said.thread, text, of=said.id)
        said.more["reply"] = (text, self.now())
        return web.json_response({"message": text}, status=201)

    async def list_products(self, request: web.Request) -> web.Response:
        """Product reviews, newest first, without any filter by time."""
        query = request.query
        states = set(query.get("state", "published").split(","))
        wrong = self._wrong_page(query, PRODUCT_LIST)
        if wrong or not states <= STATES:
            return self.problem(400, wrong or "state is not valid")
        found = sorted(self._standing("product"), key=lambda one: one.at, reverse=True)
        return web.json_response({"links": [], "productReviews": self._page(query, found)})

    async def one_product(self, request: web.Request) -> web.Response:
        """One product review."""
        said = self._named(request, "product")
        return (
            self.problem(404, "Not found") if said is None else web.json_response(review_of(said))
        )

    async def open_conversation(self, request: web.Request) -> web.Response:
        """A review has at most one conversation."""
        said = self._named(request, "product")
        if said is None or "conversation" in said.more:
            return self.problem(400, "The review has a conversation already")
        said.more["conversation"] = f"c{self.new_id()}"
        self.comments[said.more["conversation"]] = []
        return web.json_response({"conversationId": said.more["conversation"]}, status=201)

    async def conversation(self, request: web.Request) -> web.Response:
        """A conversation and its comments."""
        name = request.match_info["conversation"]
        if name not in self.comments:
            return self.problem(404, "Conversation not found")
        return web.json_response({"id": name, "state": "public", "comments": self.comments[name]})

    async def comment(self, request: web.Request) -> web.Response:
        """A comment of the business, by the user that the header names."""
        name, body = request.match_info["conversation"], await request.json()
        if name not in self.comments or not body.get("content"):
            return self.problem(404, "Conversation not found")
        if request.headers.get("x-business-user-id") != USER:
            return self.problem(403, "x-business-user-id is required")
        self.texts_sent.append(str(body["content"]))
        return web.json_response(self.commented(name, "businessUser", str(body["content"])))

    def commented(self, conversation: str, writer: str, text: str) -> dict[str, Any]:
        """Somebody writes into a conversation."""
        one = {
            "id": f"m{self.new_id()}",
            "createdAt": _shown(self.now()),
            "author": {"id": "x", "type": writer},
            "content": text,
        }
        self.comments[conversation].append(one)
        return {**one, "commentId": one["id"]}

    @override
    async def says(
        self,
        author: Author,
        text: str,
        *,
        at: datetime | None = None,
        thread: str = "7001",
        **more: Any,
    ) -> str:
        """A customer leaves a review (`stars`, 2 unless told); an agent answers the newest one."""
        if author is Author.CUSTOMER:
            told = {"stars": 2, "of": "service", **more}
            return await super().says(author, text, at=at, thread=thread, **told)
        newest = [one for one in self._standing("service") if one.thread == thread][-1]
        newest.more["reply"] = (text, at or self.now())
        return newest.id

    def change(self, review: str, *, text: str, stars: int) -> None:
        """The customer thinks again."""
        said = next(one for one in self.messages if one.id == review)
        said.text = text
        said.more.update(stars=stars, updated=self.now())

    def take_down(self, review: str) -> None:
        """The review stands no more."""
        self.taken_down.add(review)

    @override
    def knows(self, request: web.Request) -> bool:
        return self.tokens_given > 0 and super().knows(request)

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return web.json_response({"message": reason, "errorCode": status}, status=status)

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        return self.call("service-review-created", message_id)

    def call(self, event: str, review: str) -> WebhookRequest:
        """Trustpilot's call about a review: no signature, only the address it was told."""
        said = next((one for one in self.messages if one.id == review), None)
        data = {"id": review} if said is None else {**review_of(said), "consumer": {"name": "C."}}
        body = json.dumps({"events": [{"eventName": event, "version": "1", "eventData": data}]})
        return WebhookRequest(
            method="POST",
            path="/webhooks/trustpilot",
            headers={"content-type": "application/json"},
            query={"key": WEBHOOK_SECRET},
            body=body.encode(),
            received_at=self.now(),
        )

    @override
    async def _after(
        self, fault: Fault | None, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse:
        single = request.method == "GET" and "review" in request.match_info
        return await super()._after(
            None if fault in OUTLASTS and single else fault, request, response
        )

    def _standing(self, kind: str) -> list[Said]:
        return [
            one
            for one in self.messages
            if one.author is Author.CUSTOMER
            and one.more["of"] == kind
            and one.id not in self.taken_down
        ]

    def _named(self, request: web.Request, kind: str) -> Said | None:
        name = request.match_info["review"]
        return next((one for one in self._standing(kind) if one.id == name), None)

    def _wrong_page(self, query: Mapping[str, str], known: frozenset[str]) -> str:
        unknown = sorted(set(query) - known)
        if unknown:
            return f"unknown parameter {unknown[0]}"
        per_page, page = query.get("perPage", "20"), query.get("page", "1")
        if not per_page.isdecimal() or not 1 <= int(per_page) <= MOST_A_PAGE:
            return "perPage is not valid"
        return "" if page.isdecimal() and int(page) >= 1 else "page is not valid"

    def _page(self, query: Mapping[str, str], found: Sequence[Said]) -> list[dict[str, Any]]:
        per_page = int(query.get("perPage", "20"))
        start = (int(query.get("page", "1")) - 1) * per_page
        first = start - 1 if self.overlap and start > 0 else start
        return [review_of(one) for one in found[first : start + per_page]]


def review_of(said: Said) -> dict[str, Any]:
    """A review as Trustpilot writes it; a product's has other names for the same."""
    more = said.more
    shared = {
        "id": said.id,
        "createdAt": _shown(said.at),
        "updatedAt": _shown(more["updated"]) if "updated" in more else None,
        "stars": more["stars"],
        "language": more.get("language", "en"),
        "referenceId": more.get("reference", f"TP-{said.thread}"),
    }
    if more["of"] == "product":
        return {
            **shared,
            "content": said.text,
            "consumer": {"name": "Nora Quist", "email": "nora@mail.example"},
            "product": {"name": "Walnut tray", "sku": "WT-1"},
            "state": "published",
            "conversationId": more.get("conversation"),
        }
    reply = more.get("reply")
    return {
        **shared,
        "title": more.get("title", ""),
        "text": said.text,
        "consumer": {"id": f"u{said.thread}", "displayName": "Nora Quist", "numberOfReviews": 3},
        "businessUnit": {"id": UNIT, "displayName": "Bottega Salici"},
        "referralEmail": "nora@mail.example",
        "location": None,
        "isVerified": True,
        "status": "active",
        "companyReply": {"text": reply[0], "createdAt": _shown(reply[1]), "updatedAt": None}
        if reply
        else None,
        "reportData": None,
        "tags": [],
    }


def _shown(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(told: str | None) -> datetime | None:
    """Whole seconds without an offset, in UTC."""
    return datetime.strptime(f"{told}+0000", "%Y-%m-%dT%H:%M:%S%z") if told else None
