"""What buyers write after a sale, and what moderation makes of the answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from aiohttp import web
from typing_extensions import override

from sandbox.markets.base import Said, read_json
from sandbox.markets.mercado_libre.questions import QUESTION, Questions
from sandbox.markets.mercado_libre.wire import (
    AGENT_OF_BRAZIL,
    AUTOMATIC_CLIENT,
    LONGEST_MESSAGE,
    SELLER,
    SITE_ACCOUNT,
    blocked,
    buyer_of,
    order_of,
    pack_of,
    paged,
    refusal,
    strange,
    thread_of,
    utc,
)
from sla_rules.vocabulary import Author

MODERATIONS = {"sent": "clean", "held": "pending", "refused": "rejected"}


class Inbox(Questions):
    """Questions and conversations of one account.

    `more` of a message may say: `files` (names), `client` (the application that sent it). `single`
    are sales without a cart, `agents` puts Mercado Libre's agent between buyer and seller,
    `substatus` says why conversations are blocked, `forbidden` packs are shown to nobody.
    """

    def __init__(self, now: Callable[[], datetime], *, global_selling: bool = False) -> None:
        super().__init__(now, global_selling=global_selling)
        self.agents = False
        self.single: set[str] = set()
        self.read: dict[str, int] = {}
        self.substatus: dict[str, str] = {}
        self.forbidden: set[str] = set()
        self.moderated: dict[str, str] = {}
        self.files: dict[str, bytes] = {}

    @override
    def _said(
        self, author: Author, text: str, at: datetime, thread: str, more: dict[str, Any]
    ) -> Said:
        said = super()._said(author, text, at, thread, more)
        if author in {Author.AGENT, Author.AUTO} and not more.get("by_call"):
            self.read[thread] = len(self.messages)
        return said

    def moderate(self, message: str, reason: str) -> None:
        """Moderation refuses a message it had let pass."""
        self.moderated[message] = reason

    async def unread(self, request: web.Request) -> web.Response:
        """Which conversations hold what nobody has read."""
        wrong = strange(request, {"role", "tag"})
        if wrong is not None or request.query.get("tag") != "post_sale":
            return wrong or refusal(400, "The tag post_sale is required")
        counts: dict[str, int] = {}
        for number, said in enumerate(self.messages):
            if self._is_post_sale(said) and said.author is Author.CUSTOMER:
                fresh = number >= self.read.get(said.thread, 0)
                counts[said.thread] = counts.get(said.thread, 0) + int(fresh)
        tail = "" if self.global_selling else f"/sellers/{SELLER}"
        results = [
            {"resource": f"/packs/{self.number_of(thread)}{tail}", "count": count}
            for thread, count in counts.items()
            if count
        ]
        return web.json_response({"user_id": int(SELLER), "results": results})

    async def conversation(self, request: web.Request) -> web.Response:
        """A conversation, the newest message first; it is read then, unless one says otherwise."""
        thread, page = self._thread(request), paged(request, 50)
        wrong = strange(request, {"tag", "mark_as_read", "limit", "offset"})
        if wrong is not None or page is None:
            return wrong or refusal(400, "Invalid limit param")
        if request.query.get("tag") != "post_sale":
            return refusal(400, "The tag post_sale is required")
        if not thread:
            return refusal(403, "User access token invalid for resource", "forbidden")
        if request.query.get("mark_as_read") != "false":
            self.read[thread] = len(self.messages)
            self.changes += 1
        said = [one for one in self.messages if one.thread == thread and self._is_post_sale(one)]
        first, last = self._cut(*page)
        return web.json_response(
            {
                "paging": {"limit": page[1], "offset": page[0], "total": len(said) + self.overlap},
                "conversation_status": self._state(thread),
                "messages": [self.message_shape(one) for one in said[::-1][first:last]],
                "seller_max_message_length": LONGEST_MESSAGE,
                "buyer_max_message_length": 3500,
            }
        )

    async def send(self, request: web.Request) -> web.Response:
        """Take a message to the buyer of a sale."""
        thread, content = self._thread(request), await read_json(request)
        if not thread:
            return refusal(403, "Access denied for user to order", "forbidden")
        if request.query.get("tag") != "post_sale":
            return refusal(400, "The tag post_sale is required")
        wrong = self._wrong_message(thread, content)
        if wrong is not None:
            return wrong
        if thread in self.closed:
            return blocked()
        held = self.moderation != "sent"
        said = self.take_reply(thread, content["text"], by_call=True, held=held)
        said.more["files"] = content.get("attachments", [])
        return web.json_response(self.message_shape(said), status=201)

    async def upload(self, request: web.Request) -> web.Response:
        """Keep a file for a message."""
        if request.query.get("site_id") != self.site:
            return refusal(400, "The queryparam 'site_id' is required")
        form = await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            return refusal(400, "File attached is empty")
        name = f"{SELLER}_{len(self.files)}-{file.filename}"
        self.files[name] = file.file.read()
        return web.json_response({"id": name}, status=201)

    async def attachment(self, request: web.Request) -> web.Response:
        """The bytes of a file."""
        name = request.match_info["name"]
        if name not in self.files or request.query.get("site_id") != self.site:
            return refusal(404, "Requested file could not be obtained", "not_found")
        return web.Response(body=self.files[name], content_type="application/octet-stream")

    def number_of(self, thread: str) -> str:
        """What a sale is called in the messages' calls: its cart's number, else its order's."""
        return order_of(thread) if thread in self.single else pack_of(thread)

    def _is_post_sale(self, said: Said) -> bool:
        return not said.more.get(QUESTION) and not said.more.get("claim")

    def _thread(self, request: web.Request) -> str:
        number = request.match_info["pack"]
        thread = thread_of(number) if number not in self.forbidden else ""
        known = any(one.thread == thread and self._is_post_sale(one) for one in self.messages)
        mine = request.match_info.get("seller", SELLER) == SELLER
        return thread if known and mine and self.number_of(thread) == number else ""

    def _state(self, thread: str) -> dict[str, Any]:
        is_open = thread not in self.closed
        why = self.substatus.get(thread, "blocked_by_time")
        return {
            "path": f"/packs/{self.number_of(thread)}/sellers/{SELLER}",
            "status": "active" if is_open else "blocked",
            "substatus": None if is_open else why,
            "status_date": "2026-03-10T08:00:00.000Z",
            "status_update_allowed": False,
            "claim_ids": None,
            "shipping_id": None,
        }

    def _buyer(self, thread: str) -> int:
        return int(AGENT_OF_BRAZIL) if self.agents else buyer_of(thread)

    def _wrong_message(self, thread: str, content: dict[str, Any]) -> web.Response | None:
        if not self.global_selling:
            if content.get("from") != {"user_id": SELLER}:
                return refusal(400, "The field 'from' is required")
            if content.get("to") != {"user_id": str(self._buyer(thread))}:
                return refusal(403, "Receiver does not belong to order", "forbidden")
        if set(content.get("attachments", [])) - set(self.files):
            return refusal(422, "Attachment key is invalid or not found")
        return wrong_text(content.get("text"))

    def message_shape(self, said: Said) -> dict[str, Any]:
        """A message of a conversation."""
        ours, theirs = (
            int(SITE_ACCOUNT if self.global_selling else SELLER),
            self._buyer(said.thread),
        )
        by_seller = said.author is not Author.CUSTOMER
        sender, receiver = (ours, theirs) if by_seller else (theirs, ours)
        client = AUTOMATIC_CLIENT if said.author is Author.AUTO else said.more.get("client", "42")
        at, state = utc(said.at), self._moderation(said)
        shape: dict[str, Any] = {
            "id": said.id,
            "site_id": self.site,
            "client_id": int(client),
            "from": {"user_id": sender},
            "to": {"user_id": receiver},
            "status": "moderated" if state == "rejected" else "available",
            "subject": None,
            "text": said.text,
            "message_date": {
                "received": at, "available": at, "notified": at, "created": at, "read": None,
            },
            "message_moderation": {
                "status": state,
                "reason": self.moderated.get(said.id, "AUTOMATIC_MESSAGE") if state == "rejected" else None,
                "source": "online",
                "moderation_date": at,
            },
            "message_attachments": [file_shape(one, at) for one in said.more.get("files", [])] or None,
            "message_resources": [
                {"id": self.number_of(said.thread), "name": "packs"},
                {"id": str(ours), "name": "sellers"},
            ],
            "conversation_first_message": False,
        }  # fmt: skip
        return shape

    def _moderation(self, said: Said) -> str:
        if said.id in self.moderated:
            return "rejected"
        return MODERATIONS[self.moderation] if said.more.get("held") else "clean"


def file_shape(name: str, at: str) -> dict[str, Any]:
    """A file of a message."""
    return {
        "filename": name,
        "original_filename": name.partition("-")[2] or name,
        "type": "image/png",
        "size": 72,
        "potential_security_threat": False,
        "creation_date": at,
    }


def wrong_text(text: object) -> web.Response | None:
    """What is refused about the words of a message."""
    if not isinstance(text, str) or not text:
        return refusal(400, "Text is required")
    if len(text) > LONGEST_MESSAGE:
        return refusal(400, "The message content is too long, max characters allowed are 350")
    if any(0xFF < ord(one) < 0x2600 and one != "\u200d" for one in text):  # noqa: PLR2004 - Latin-1 ends, pictures begin
        return refusal(400, "The text has character/s that is/are not supported.")
    return None
