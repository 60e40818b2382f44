"""Claims and mediations of the fake: opened, acted on, written in, closed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import Said, read_json
from sandbox.markets.mercado_libre.inbox import MODERATIONS, Inbox
from sandbox.markets.mercado_libre.wire import (
    SELLER,
    buyer_of,
    local,
    order_of,
    paged,
    refusal,
    strange,
)
from sla_rules.vocabulary import Author

ROLES = {
    Author.CUSTOMER: "complainant",
    Author.AGENT: "respondent",
    Author.PLATFORM: "mediator",
}


@dataclass(slots=True, kw_only=True)
class Claim:
    """One claim. `due` is until when the seller has to act, None when nobody waits for the seller."""

    id: str
    thread: str
    opened: datetime
    updated: datetime
    reason: str = "PDD9939"
    stage: str = "claim"
    status: str = "opened"
    due: datetime | None = None
    resolution: dict[str, Any] | None = None
    may: set[str] = field(default_factory=lambda: {"send_message_to_complainant", "refund"})


class Disputes(Inbox):
    """The claims against one account. `hides_claims`: the application may not see them."""

    def __init__(self, now: Callable[[], datetime], *, global_selling: bool = False) -> None:
        super().__init__(now, global_selling=global_selling)
        self.claims: dict[str, Claim] = {}
        self.hides_claims = False

    def claim(self, thread: str, *, due: datetime | None = None, reason: str = "PDD9939") -> str:
        """A buyer opens a claim about a sale. Returns its id."""
        name, now = self.new_id(), self.now()
        self.claims[name] = Claim(
            id=name, thread=thread, opened=now, updated=now, reason=reason, due=due
        )
        return name

    def change(self, claim: str, **changes: Any) -> None:
        """Something about a claim changes, and with it the time of its last change."""
        for name, value in changes.items():
            setattr(self.claims[claim], name, value)
        self.claims[claim].updated = self.now()

    def mediate(self, claim: str) -> None:
        """Mercado Libre steps in: the seller writes to the mediator from now on."""
        self.change(claim, stage="dispute", due=None, may={"send_message_to_mediator"})

    def close_claim(self, claim: str, *, reason: str = "payment_refunded") -> None:
        """The claim is decided for the buyer."""
        end = {
            "reason": reason,
            "date_created": local(self.now()),
            "benefited": ["complainant"],
            "closed_by": "mediator",
        }
        self.change(claim, status="closed", resolution=end, due=None, may=set())

    async def writes_in_claim(self, author: Author, text: str, claim: str) -> str:
        """Somebody writes in a claim."""
        self.change(claim)
        return await self.says(author, text, thread=self.claims[claim].thread, claim=claim)

    @override
    def _said(
        self, author: Author, text: str, at: datetime, thread: str, more: dict[str, Any]
    ) -> Said:
        if author is Author.PLATFORM and "claim" not in more:
            more["claim"] = self.claim(thread)
        return super()._said(author, text, at, thread, more)

    async def search_claims(self, request: web.Request) -> web.Response:
        """Claims against the seller; unbounded searches and unknown sorts are refused."""
        if self.hides_claims:
            return refusal(403, "The application has no permission for claims", "forbidden")
        whose = (
            {"user_id": SELLER}
            if self.global_selling
            else {"players.user_id": SELLER, "players.role": "respondent"}
        )
        page, query = paged(request, 100), request.query
        wrong = strange(request, {*whose, "range", "limit", "offset", "status", "stage"})
        if wrong is not None or page is None:
            return wrong or refusal(400, "Invalid limit or offset")
        if {name: query.get(name) for name in whose} != whose:
            return refusal(400, "The search is not bounded to a player")
        field_, _, since = query.get("range", "last_updated:after:2000-01-01").partition(":after:")
        if field_ != "last_updated":
            return refusal(400, "Invalid range")
        after = datetime.fromisoformat(since).astimezone(self.now().tzinfo)
        found = [one for one in self.claims.values() if one.updated >= after]
        first, last = self._cut(*page)
        shown = [{**self.claim_shape(one), "players": []} for one in found[first:last]]
        paging = {"total": len(found) + self.overlap, "offset": page[0], "limit": page[1]}
        return web.json_response({"paging": paging, "data": shown})

    async def show_claim(self, request: web.Request) -> web.Response:
        """One claim, with what each side may do."""
        found = self.claims.get(request.match_info["claim"])
        if found is None:
            return refusal(404, "Claim not found", "not_found")
        return web.json_response(self.claim_shape(found))

    async def claim_messages(self, request: web.Request) -> web.Response:
        """What was written in a claim, the newest first."""
        name = request.match_info["claim"]
        if name not in self.claims:
            return refusal(404, "Claim not found", "not_found")
        said = [one for one in self.messages if one.more.get("claim") == name]
        return web.json_response([self.claim_message_shape(one) for one in said[::-1]])

    async def send_in_claim(self, request: web.Request) -> web.Response:
        """Take a message to the buyer or the mediator, if the claim's stage lets the seller."""
        found = self.claims.get(request.match_info["claim"])
        content = await read_json(request)
        receiver, text = content.get("receiver_role"), content.get("message")
        if found is None or set(content) - {"receiver_role", "message", "attachments"}:
            return refusal(404, "Claim not found", "not_found")
        if not isinstance(text, str) or not text.strip():
            return refusal(400, "The message cannot be empty")
        if f"send_message_to_{receiver}" not in found.may:
            return refusal(403, "Access denied for user to the action send-message", "forbidden")
        held = self.moderation != "sent"
        self.take_reply(found.thread, text, claim=found.id, by_call=True, held=held, to=receiver)
        return web.json_response({"ok": True}, status=201)

    def claim_shape(self, claim: Claim) -> dict[str, Any]:
        """A claim as its own call writes it."""
        due = local(claim.due) if claim.due else None
        actions: list[dict[str, Any]] = [
            {"action": one, "mandatory": False, "due_date": None} for one in sorted(claim.may)
        ]
        if due:
            actions.append({"action": "refund", "mandatory": True, "due_date": due})
        buyer = {"role": "complainant", "type": "buyer", "user_id": buyer_of(claim.thread)}
        seller = {"role": "respondent", "type": "seller", "user_id": int(SELLER)}
        return {
            "id": int(claim.id),
            "resource_id": int(order_of(claim.thread)),
            "status": claim.status,
            "type": "mediations",
            "stage": claim.stage,
            "parent_id": None,
            "resource": "order",
            "reason_id": claim.reason,
            "fulfilled": True,
            "quantity_type": "total",
            "players": [
                {**buyer, "available_actions": []},
                {**seller, "available_actions": actions},
            ],
            "resolution": claim.resolution,
            "site_id": self.site,
            "date_created": local(claim.opened),
            "last_updated": local(claim.updated),
        }

    def claim_message_shape(self, said: Said) -> dict[str, Any]:
        """A message of a claim; it has no id."""
        sender = ROLES[said.author]
        state = MODERATIONS[self.moderation] if said.more.get("held") else "clean"
        at = local(said.at)
        receiver = said.more.get("to", "complainant" if sender == "respondent" else "respondent")
        return {
            "sender_role": sender,
            "receiver_role": receiver,
            "message": said.text,
            "translated_message": None,
            "date_created": at,
            "last_updated": at,
            "message_date": at,
            "date_read": None,
            "attachments": [],
            "status": "available",
            "stage": self.claims[said.more["claim"]].stage,
            "message_moderation": {"status": state, "reason": "", "source": "online"},
            "repeated": False,
        }
