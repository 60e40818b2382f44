"""The Message API of the fake: conversations, their messages, and sending one."""

from collections.abc import Callable, Sequence
from datetime import datetime
from random import Random

from aiohttp import web

from sandbox.markets.base import FakeMarket, Said
from sandbox.markets.ebay.errors import rest_error, unknown_parameters
from sla_rules.vocabulary import Author

SELLER = "bottega-salici"
LONGEST = 2000
LARGEST_PAGE = 50
STATUSES = {"ACTIVE", "ARCHIVE", "DELETE", "READ", "UNREAD"}
LIST_PARAMETERS = {
    *("conversation_type", "conversation_status", "start_time", "end_time", "limit", "offset"),
    *("other_party_username", "reference_type", "reference_id"),
}


def listing_of(thread: str) -> str:
    """The item a conversation is about."""
    return f"2{int(thread):011d}"


def buyer_of(thread: str) -> str:
    """The member a conversation is with."""
    return f"nora_{thread}"


def stamp(at: datetime) -> str:
    """An instant as eBay writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


class Inbox(FakeMarket):
    """Conversations. `order` is how they are listed: newest, oldest, or shuffled.

    eBay documents no order, so a reader must bear any. `archived` are listed and cannot be opened;
    conversations of the threads `without_listing` are about nothing in particular, and the list
    does not say when the latest message of those `without_time` came.
    """

    order = "newest"

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.archived: set[str] = set()
        self.without_listing: set[str] = set()
        self.without_time: set[str] = set()

    async def list_conversations(self, request: web.Request) -> web.Response:
        """A page of conversations of one type."""
        wrong = self._refused_list(request)
        if wrong is not None:
            return wrong
        kind = request.query["conversation_type"]
        found = [
            one
            for one in self._conversations(kind)
            if request.query.get("conversation_status") != "UNREAD" or one["unreadCount"]
        ]
        return self._page(request, "conversations", found)

    async def show_conversation(self, request: web.Request) -> web.Response:
        """A page of the messages of one conversation, newest first."""
        kind = request.query.get("conversation_type")
        if kind is None:
            return rest_error(400, 355017)
        if unknown_parameters(request, {"conversation_type", "limit", "offset"}):
            return rest_error(400, 355009)
        known = request.match_info["conversation"]
        said = [one for one in self.messages if self._named(one) == (known, kind)]
        if not said or known in self.archived:
            return rest_error(404, 355007)
        said.sort(key=lambda one: one.at, reverse=True)
        return self._page(request, "messages", [self.shape(one) for one in said])

    async def send_message(self, request: web.Request) -> web.Response:
        """Take a message over."""
        body = await request.json()
        text, known = body.get("messageText", ""), body.get("conversationId", "")
        if set(body) - {"conversationId", "otherPartyUsername", "messageText", "emailCopyToSender"}:
            return rest_error(400, 355012)
        if not known and not body.get("otherPartyUsername"):
            return rest_error(400, 355018)
        if not text:
            return rest_error(400, 355015)
        if len(text) > LONGEST:
            return rest_error(400, 355013)
        thread = known.removesuffix("-m")
        if not any(one.thread == thread for one in self.messages):
            return rest_error(400, 355007)
        said = self.take_reply(thread, text)
        answer = {
            "messageId": said.id,
            "createdDate": stamp(said.at),
            "messageBody": text,
            # With a capital N here and in pushes, with a small one everywhere else.
            "senderUserName": SELLER,
            "recipientUserName": buyer_of(thread),
        }
        return web.json_response(answer, status=201)

    def _refused_list(self, request: web.Request) -> web.Response | None:
        kind = request.query.get("conversation_type")
        if kind is None:
            return rest_error(400, 355017)
        if kind not in {"FROM_MEMBERS", "FROM_EBAY"}:
            return rest_error(400, 355002)
        if unknown_parameters(request, LIST_PARAMETERS):
            return rest_error(400, 355009)
        if request.query.get("conversation_status", "ACTIVE") not in STATUSES:
            return rest_error(400, 355001)
        return None

    def _page(
        self, request: web.Request, name: str, found: Sequence[dict[str, object]]
    ) -> web.Response:
        limit, offset = int(request.query.get("limit", 25)), int(request.query.get("offset", 0))
        if not 0 < limit <= LARGEST_PAGE:
            return rest_error(400, 355009)
        if offset % limit:
            return rest_error(400, 355008)
        first = offset - 1 if self.overlap and offset else offset
        page = {"total": len(found), "limit": limit, "offset": offset, "href": str(request.url)}
        if offset + limit < len(found):
            page["next"] = str(request.url.update_query(offset=offset + limit))
        return web.json_response(page | {name: list(found[first : offset + limit])})

    def _conversations(self, kind: str) -> list[dict[str, object]]:
        latest: dict[str, Said] = {}
        for said in sorted(self.messages, key=lambda one: one.at):
            known, of = self._named(said)
            if of == kind:
                latest[known] = said
        heads: list[dict[str, object]] = [
            {
                "conversationId": known,
                "conversationTitle": f"About item {listing_of(said.thread)}",
                "conversationType": kind,
                "conversationStatus": "ACTIVE",
                "createdDate": stamp(said.at),
                "latestMessage": self._latest(said),
                "unreadCount": 0 if said.author is Author.AGENT else 1,
            }
            | self._reference(said.thread)
            for known, said in latest.items()
        ]
        heads.sort(key=lambda one: str(one["createdDate"]), reverse=self.order != "oldest")
        if self.order == "shuffled":
            Random(len(heads)).shuffle(heads)
        return heads

    def _latest(self, said: Said) -> dict[str, object]:
        shape = self.shape(said)
        return shape | {"createdDate": None} if said.thread in self.without_time else shape

    def _reference(self, thread: str) -> dict[str, object]:
        if thread in self.without_listing:
            return {}
        return {"referenceId": listing_of(thread), "referenceType": "LISTING"}

    @staticmethod
    def _named(said: Said) -> tuple[str, str]:
        """The conversation a message is in: eBay's own words have conversations of their own."""
        if said.author is Author.PLATFORM:
            return f"{said.thread}-e", "FROM_EBAY"
        return f"{said.thread}-m", "FROM_MEMBERS"

    def shape(self, said: Said) -> dict[str, object]:
        """A message as the Message API writes it."""
        buyer, ours = said.more.get("buyer", buyer_of(said.thread)), said.author
        from_us = ours in {Author.AGENT, Author.AUTO}
        sender = SELLER if from_us else "eBay" if ours is Author.PLATFORM else buyer
        return {
            "messageId": said.id,
            "messageBody": said.text,
            "subject": said.more.get("subject", ""),
            "createdDate": stamp(said.at),
            "readStatus": False,
            "senderUsername": sender,
            "recipientUsername": buyer if from_us else SELLER,
            "messageMedia": said.more.get("media", []),
        }
