"""Disputes and claims of the fake Allegro."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from aiohttp import web

from sandbox.markets.allegro.shop import Case, order_of
from sandbox.markets.allegro.talk import SELLER, Talk, buyer_of
from sandbox.markets.allegro.wire import BETA, refusal, stamp
from sandbox.markets.base import Said, read_json
from sla_rules.vocabulary import Author

STATUSES = {
    "DISPUTE_ONGOING", "DISPUTE_CLOSED", "DISPUTE_UNRESOLVED",
    "CLAIM_SUBMITTED", "CLAIM_ACCEPTED", "CLAIM_REJECTED",
}  # fmt: skip
KINDS = {
    "REGULAR", "END_REQUEST", "RETURN_REQUIRED_SELLER_LABEL", "RETURN_REQUIRED_CUSTOM",
    "RETURN_NOT_REQUIRED",
}  # fmt: skip
ROLES = {Author.CUSTOMER: "BUYER", Author.AGENT: "SELLER", Author.PLATFORM: "ADMIN"}
NAMELESS = {"ADMIN", "SYSTEM", "FULFILLMENT"}
PAGE = 100
LONGEST = 20_000


class Cases(Talk):
    """Issues and their chats.

    `cut_chats` ends every chat after twenty messages, whatever is asked for, as Allegro's did for
    months; `forgets_ids` answers a message without its id; `stumbles` fails inside with a 403; `chats_too` makes the
    chat of one claim show that of another.
    """

    cut_chats = False
    forgets_ids = False
    stumbles = False
    chats_too: Mapping[str, str] = MappingProxyType({})

    def opens(
        self, issue: str, kind: str = "CLAIM", *, at: datetime | None = None, **more: Any
    ) -> Case:
        """A customer opens a dispute or files a claim; `more` are fields of the case or its shape."""
        status = "CLAIM_SUBMITTED" if kind == "CLAIM" else "DISPUTE_ONGOING"
        due = more.pop("due", None)
        case = Case(id=issue, type=kind, status=status, opened=at or self.now(), due=due, more=more)
        self.issues[issue] = case
        return case

    async def list_issues(self, request: web.Request) -> web.Response:
        """Issues, the one opened last first."""
        known = {"checkoutForm.id", "limit", "offset", "status"}
        problem = self.wrong(request, BETA, known, PAGE)
        if problem is not None:
            return problem
        if self.stumbles:
            return refusal(403, "DATA_FETCHING_ERROR", "Internal data could not be read")
        wanted = set(request.query.getall("status", []))
        if not wanted <= STATUSES:
            return refusal(422, "VALIDATION_ERROR", "There is no such status")
        found = [one for one in self.issues.values() if not wanted or one.status in wanted]
        found.sort(key=lambda one: one.opened, reverse=True)
        shown = [self._issue(one) for one in found]
        return web.json_response({"issues": self.window(request, shown, 10)})

    async def show_issue(self, request: web.Request) -> web.Response:
        """One issue."""
        case = self.issues.get(request.match_info["issue"])
        problem = self.wrong(request, BETA)
        if problem is not None:
            return problem
        return web.json_response(self._issue(case)) if case else _no_issue()

    async def list_chat(self, request: web.Request) -> web.Response:
        """A chat: the newest message first in disputes, the oldest in claims."""
        case = self.issues.get(request.match_info["issue"])
        problem = self.wrong(request, BETA, {"limit", "offset"}, PAGE)
        if problem is not None:
            return problem
        if case is None:
            return _no_issue()
        said = sorted(self._said_in(case), key=lambda one: one.at, reverse=case.type == "DISPUTE")
        shown = [self._chat(one) for one in said]
        page = shown[-20:] if self.cut_chats else self.window(request, shown, 10)
        return web.json_response({"chat": page})

    async def write_in_issue(self, request: web.Request) -> web.Response:
        """Take a message into a chat, unless it is closed."""
        case = self.issues.get(request.match_info["issue"])
        problem = self.wrong(request, BETA)
        if problem is not None:
            return problem
        content = await read_json(request)
        text = content.get("text", "")
        if set(content) - {"text", "type", "attachments"} or content.get("type") not in KINDS:
            return refusal(422, "VALIDATION_ERROR", "The message has a wrong field")
        if not 1 <= len(text) <= LONGEST or not self.all_uploaded(content):
            return refusal(422, "VALIDATION_ERROR", "The text or an attachment is wrong")
        if case is None:
            return _no_issue()
        if not case.chat_active or case.id in self.closed:
            return refusal(409, "CHAT_CLOSED", "No more messages can be added")
        said = self.take_reply(case.id, text, files=self.names_of(content))
        shown = self._chat(said)
        return web.json_response(shown | ({"id": None} if self.forgets_ids else {}), status=201)

    def _said_in(self, case: Case) -> list[Said]:
        shown = {case.id, self.chats_too.get(case.id, case.id)}
        return [one for one in self.messages if one.thread in shown]

    def _issue(self, case: Case) -> dict[str, Any]:
        said = sorted(self._said_in(case), key=lambda one: one.at)
        is_claim = case.type == "CLAIM"
        due = stamp(case.due) if case.due else None
        shown = {
            "id": case.id,
            "type": case.type,
            "referenceNumber": "2585498/2026" if is_claim else None,
            "decisionDueDate": due,
            "openedDate": stamp(case.opened),
            "subject": "defects emerged during use" if is_claim else "NO_PRODUCT_RECEIVED",
            "buyer": {"id": "1", "login": buyer_of(case.id)},
            "checkoutForm": {"id": order_of(case.id), "createdAt": stamp(case.opened)},
            "currentState": {
                "status": case.status,
                "statusDueDate": due,
                "returnRequired": None,
                "chatActive": case.chat_active,
            },
            "chat": {
                "messagesCount": len(said),
                "lastMessage": self._last(said),
                "initialMessage": {"id": "UNSET", "text": "UNSET", "attachments": []},
            },
            "expectations": [{"name": "REFUND", "refund": {"amount": "49.90", "currency": "PLN"}}]
            if is_claim
            else None,
            "description": "The wheel came off." if is_claim else None,
            "offer": {"id": "7678887152", "quantity": 1} if is_claim else None,
            "reason": {"type": "DEFECT_FOUND_DURING_USE", "description": "The wheel came off."}
            if is_claim
            else None,
            "right": "COMPLAINT" if is_claim else None,
            "attachments": [],
        }
        return shown | case.more

    def _last(self, said: list[Said]) -> dict[str, Any] | None:
        if not said:
            return None
        newest = said[-1]
        answered = any(one.author is Author.AGENT for one in said)
        states = {Author.CUSTOMER: "BUYER_REPLIED", Author.AGENT: "SELLER_REPLIED"}
        status = states.get(newest.author, "ALLEGRO_ADVISOR_REPLIED") if answered else "NEW"
        return {"status": status, "createdAt": stamp(newest.at)}

    def _chat(self, said: Said) -> dict[str, Any]:
        role = said.more.get("role", ROLES[said.author])
        login = {"BUYER": buyer_of(said.thread), "SELLER": SELLER}.get(role)
        files = said.more.get("files", ())
        place = "sale/issues/attachments"
        shown = [self.attached(one, place=place) for one in files]
        return {
            "id": said.id,
            "text": said.text,
            "attachments": [{"fileName": one["fileName"], "url": one["url"]} for one in shown],
            "author": {"role": role} | ({} if role in NAMELESS else {"login": login}),
            "createdAt": stamp(said.at),
        }


def _no_issue() -> web.Response:
    return refusal(404, "POST_PURCHASE_ISSUE_NOT_FOUND", "Post-purchase problem not found")
