"""Questions on items: asked, answered once, closed, removed."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web

from sandbox.markets.base import FakeMarket, Said, read_json
from sandbox.markets.mercado_libre.wire import (
    LONGEST_ANSWER,
    SELLER,
    buyer_of,
    local,
    paged,
    refusal,
    strange,
)
from sla_rules.vocabulary import Author

QUESTION = "question"


class Questions(FakeMarket):
    """The questions of one account. `states` and `answers` are by the question's id."""

    def __init__(self, now: Callable[[], datetime], *, global_selling: bool = False) -> None:
        super().__init__(now)
        self.global_selling = global_selling
        self.site = "MLM" if global_selling else "MLA"
        self.states: dict[str, str] = {}
        self.answers: dict[str, dict[str, str]] = {}

    async def asks(self, text: str, *, at: datetime | None = None, item: str = "903000023") -> str:
        """A visitor asks about an item. Returns the question's id."""
        return await self.says(Author.CUSTOMER, text, at=at, question=True, item=item)

    def answers_question(self, question: str, text: str, status: str = "ACTIVE") -> None:
        """Somebody answers in the console, or the answer is removed."""
        self.states[question] = "ANSWERED"
        shown = text if status == "ACTIVE" else ""
        at = local(self.now())
        self.answers[question] = {"text": shown, "status": status, "date_created": at}

    async def search_questions(self, request: web.Request) -> web.Response:
        """Questions of the seller; without `api_version=4` in their older shape."""
        known = {
            "seller_id", "api_version", "sort_fields", "sort_types", "limit", "offset", "status",
        }  # fmt: skip
        page, query = paged(request, 50), request.query
        wrong = strange(request, known - ({"api_version"} if self.global_selling else set()))
        if wrong is not None or page is None or page[0] > 1000:  # noqa: PLR2004 - documented
            return wrong or refusal(400, "Invalid limit or offset")
        if query.get("seller_id") != SELLER or query.get("sort_fields") != "date_created":
            return refusal(400, "Invalid seller_id or sort_fields")
        found = [one for one in self.messages if one.more.get(QUESTION)]
        if "status" in query:
            found = [one for one in found if self.state_of(one.id) == query["status"]]
        found.sort(key=lambda one: one.at, reverse=query.get("sort_types") == "DESC")
        first, last = self._cut(*page)
        shown = [self.question_shape(one) for one in found[first:last]]
        if not self.global_selling and query.get("api_version") != "4":
            shown = [{k: v for k, v in one.items() if k not in {"from", "hold"}} for one in shown]
        return web.json_response(
            {"total": len(found) + self.overlap, "limit": page[1], "questions": shown}
        )

    async def question(self, request: web.Request) -> web.Response:
        """One question."""
        name = request.match_info["question"]
        found = [one for one in self.messages if one.id == name and one.more.get(QUESTION)]
        if not found or self.state_of(name) == "DELETED":
            return refusal(404, f"Question {name} not found", "not_found")
        return web.json_response(self.question_shape(found[0]))

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a question, once."""
        content = await read_json(request)
        text = content.get("text")
        if set(content) != {"question_id", "text"} or not isinstance(text, str) or not text:
            return refusal(400, "Invalid JSON. Valid attributes are: question_id, text.", "invalid_post_body")  # fmt: skip
        name = str(content["question_id"])
        found = [one for one in self.messages if one.id == name and one.more.get(QUESTION)]
        if not found or not isinstance(content["question_id"], int):
            return refusal(404, "The question is invalid.", "invalid_question")
        if self.state_of(name) != "UNANSWERED":
            return refusal(400, f"Question {name} is not unanswered", "not_unanswered_question")
        if len(text) > LONGEST_ANSWER:
            return refusal(400, "The text is too long")
        is_good = self.moderation != "refused"
        self.answers_question(name, text, "ACTIVE" if is_good else "BANNED")
        self.texts_sent += [text] if is_good else []
        return web.json_response(self.question_shape(found[0]))

    def state_of(self, question: str) -> str:
        """A question's status."""
        return self.states.get(question, "UNANSWERED")

    def _cut(self, offset: int, limit: int) -> tuple[int, int]:
        """Small pages, so that a reader has to turn them; with `overlap` the list has shifted."""
        first = max(offset - 1, 0) if self.overlap else offset
        return first, first + min(limit, 4)

    def question_shape(self, said: Said) -> dict[str, Any]:
        """A question as version 4 writes it."""
        status = self.state_of(said.id)
        answer = self.answers.get(said.id)
        shape: dict[str, Any] = {
            "id": int(said.id),
            "seller_id": int(SELLER),
            "item_id": f"{'CBT' if self.global_selling else self.site}{said.more['item']}",
            "date_created": local(said.at),
            "status": status,
            "text": "" if status == "BANNED" else said.text,
            "hold": False,
            "deleted_from_listing": False,
            "answer": answer,
            "from": {"id": buyer_of(said.thread)},
        }
        if self.global_selling:
            shape |= {
                "marketplace_item_id": f"{self.site}{said.more['item']}",
                "site_id": self.site,
                "text_translated": f"[en] {said.text}",
            }
        return shape
