"""Judge.me, seen by one shop: reviews by pages, answers in public and by e-mail, signed calls.

Written from Judge.me's interface description. A wrong token or shop, an unknown parameter or
field, and a page above 100 are refused. Reviews are shown without the answers to them.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.signing import hmac_hex
from sandbox.markets.base import FakeMarket, Route, Said, read_json, reads, writes
from sla_rules.vocabulary import Author

SHOP = "bottega-salici.example"
LARGEST_PAGE = 100
LIST = {"shop_domain", "page", "per_page", "rating", "product_id", "reviewer_id"}


class JudgeMeMarket(FakeMarket):
    """One shop's reviews: each message of a customer is one.

    `more` of a message may say: `stars`, `title`, `product`, `curated`, `hidden`, `published`,
    `pictures`. `newest_first` is the order of the list. `signs_with` is the secret of calls, the
    token unless an app's is given. `subjects` are those of e-mails sent, `mailed` says whether the
    last public answer was mailed, too.
    """

    authors = frozenset({Author.CUSTOMER})

    def __init__(self, *arguments: Any, newest_first: bool = True, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.newest_first = newest_first
        self.signs_with = self.token
        self.public: list[str] = []
        self.subjects: list[str] = []
        self.mailed: bool | None = None
        self.removed: set[str] = set()
        self.changed: dict[str, datetime] = {}

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads("GET", "/api/v1/shops/info", self.info),
            reads("GET", "/api/v1/reviews", self.list_reviews),
            reads("GET", "/api/v1/reviews/{review}", self.review),
            writes("POST", "/api/v1/replies", self.reply),
            writes("POST", "/api/v1/private_replies", self.private_reply),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        right = request.headers.get("X-Api-Token") == self.token
        return right and request.query.get("shop_domain") == SHOP

    @override
    def refused(self) -> web.Response:
        return self.problem(401, "Failed to authenticate. Shop domain or Api Token is wrong")

    def change(self, review: str, text: str, **more: Any) -> None:
        """The customer changes their review."""
        said = next(one for one in self.messages if one.id == review)
        said.text = text
        said.more |= more
        self.changed[review] = self.now()

    async def info(self, _request: web.Request) -> web.Response:
        """Whose token it is."""
        return web.json_response({"shop": {"domain": SHOP, "name": "Bottega Salici"}})

    async def list_reviews(self, request: web.Request) -> web.Response:
        """All reviews, page by page."""
        query = request.query
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if set(query) - LIST or not 1 <= size <= LARGEST_PAGE or page < 1:
            return self.problem(422, "A parameter is unknown or out of range")
        found = sorted(self._standing(), key=lambda one: one.at, reverse=self.newest_first)
        start = (page - 1) * size
        start = max(start - 1, 0) if self.overlap else start
        rows = [self.shape(one) for one in found[start : start + size]]
        return web.json_response({"current_page": page, "per_page": size, "reviews": rows})

    async def review(self, request: web.Request) -> web.Response:
        """One review."""
        name = request.match_info["review"]
        said = next((one for one in self._standing() if one.id == name), None)
        if said is None:
            return self.problem(404, "Review not found")
        return web.json_response({"review": self.shape(said)})

    async def reply(self, request: web.Request) -> web.Response:
        """Put an answer below a review."""
        content = await read_json(request)
        said = self._asked_about(content, {"review_id", "send_reply_email", "reply"})
        answer = content.get("reply")
        if said is None or not isinstance(answer, dict) or set(answer) != {"content"}:
            return self.problem(422, "Review or reply is invalid")
        self.mailed = content.get("send_reply_email", True)
        self.public.append(answer["content"])
        return self._taken(said, answer["content"], "reply")

    async def private_reply(self, request: web.Request) -> web.Response:
        """Write an e-mail to the customer."""
        content = await read_json(request)
        said = self._asked_about(content, {"review_id", "send_private_email", "private_reply"})
        answer = content.get("private_reply")
        if (
            said is None
            or not isinstance(answer, dict)
            or set(answer) != {"email_subject", "email_body"}
            or content.get("send_private_email") is False
        ):
            return self.problem(422, "Review or private reply is invalid")
        self.subjects.append(answer["email_subject"])
        return self._taken(said, answer["email_body"], "private_reply")

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        said = next(one for one in self.messages if one.id == message_id)
        body = json.dumps({"review": self.shape(said), "shop_domain": SHOP}).encode()
        return WebhookRequest(
            method="POST",
            path="/webhooks/judge_me",
            headers={"judgeme-hmac-sha256": hmac_hex(self.signs_with, body)},
            query={},
            body=body,
            received_at=self.now(),
        )

    def shape(self, said: Said) -> dict[str, Any]:
        """A review as Judge.me shows it."""
        curated = said.more.get("curated", "ok")
        return {
            "id": int(said.id),
            "title": said.more.get("title", ""),
            "body": said.text,
            "rating": said.more.get("stars", 2),
            "product_external_id": 7_770_000 + int(said.thread),
            "product_title": said.more.get("product", "Trenino di legno"),
            "product_handle": "trenino-di-legno",
            "reviewer": {
                "id": 5_000_000 + int(said.thread),
                "email": f"nora.{said.thread}@buyer.example",
                "name": "Nora Quist",
                "phone": "+390212345678",
            },
            "source": "email",
            "curated": curated,
            "published": said.more.get("published", curated == "ok"),
            "hidden": said.more.get("hidden", False),
            "verified": "verified-purchase",
            "ip_address": "203.0.113.7",
            "created_at": instant(said.at),
            "updated_at": instant(self.changed.get(said.id, said.at)),
            "has_published_pictures": bool(said.more.get("pictures")),
            "has_published_videos": False,
        }

    def _standing(self) -> list[Said]:
        reviews = [one for one in self.messages if one.author is Author.CUSTOMER]
        return [one for one in reviews if one.id not in self.removed]

    def _asked_about(self, content: dict[str, Any], known: set[str]) -> Said | None:
        """The review a body names, by a number and with no field that is not documented."""
        name = content.get("review_id")
        if set(content) - known or not isinstance(name, int):
            return None
        return next((one for one in self._standing() if one.id == str(name)), None)

    def _taken(self, said: Said, text: Any, what: str) -> web.Response:
        if not isinstance(text, str) or not text.strip():
            return self.problem(422, "Content can't be blank")
        taken = self.take_reply(said.thread, text)
        return web.json_response({what: {"id": int(taken.id)}})


def instant(at: datetime) -> str:
    """As Judge.me writes them: whole seconds, with an offset."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()
