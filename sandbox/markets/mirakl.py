"""A marketplace on Mirakl, seen by one shop: threads (M10 to M13, OR43), orders, returns.

Written from Mirakl's own interface description. What that leaves open is answered strictly: an
unknown parameter, a part without its media type or a recipient who is no participant is a 400.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import BodyPartReader, web
from typing_extensions import override

from connectors.testing.market import Fault
from sandbox.markets.base import FakeMarket, Route, Said, reads, writes
from sandbox.markets.mirakl_shapes import (
    OPERATOR,
    SHOP,
    WRITERS,
    customer_of,
    incident_shape,
    instant,
    is_json,
    message_shape,
    order_shape,
    recipients,
    writer_of,
)
from sla_rules.vocabulary import Author

SHORTEST, LONGEST = 3, 50_000
MOST_MESSAGES, MOST_FILES, MOST_BYTES = 1000, 50, 30_000_000
SHOWN = 100
"""Messages that a list shows of each thread, the last ones."""

LARGEST_PAGE = 100


@dataclass(slots=True, kw_only=True)
class Files:
    """Bytes of attachments by id, and how many each entity has."""

    content: dict[str, bytes] = field(default_factory=dict)
    count: dict[str, int] = field(default_factory=dict)


class MiraklMarket(FakeMarket):
    """One shop on one operator's marketplace. `token` is the shop's key.

    `more` of a message may say: `entity` (a type and an id), `to` (types), `files` (names and
    bytes), `topic`. `incident` and `asks_return` make cases; `press_no_reply` is the button.
    `forbidden` are calls the key may not make.
    """

    authors = frozenset(WRITERS)
    page_size = 5

    def __init__(self, *arguments: Any, several_shops: bool = False, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.several_shops = several_shops
        self.forbidden: set[str] = set()
        self.files = Files()
        self.marks: dict[str, list[dict[str, Any]]] = {}
        self.orders: dict[str, dict[str, Any]] = {}
        self.returns: dict[str, dict[str, Any]] = {}
        self.recipients: list[list[dict[str, str]]] = []

    @override
    def routes(self) -> Sequence[Route]:
        return (
            reads("GET", "/api/account", self.account),
            reads("GET", "/api/inbox/threads", self.list_threads),
            reads("GET", "/api/inbox/threads/{thread}", self.thread),
            reads("GET", "/api/inbox/threads/{attachment}/download", self.download),
            reads("GET", "/api/orders", self.list_orders),
            reads("GET", "/api/returns", self.list_returns),
            writes("POST", "/api/inbox/threads/{thread}/message", self.answer),
            writes("POST", "/api/orders/{order}/threads", self.open_thread),
        )

    @override
    def knows(self, request: web.Request) -> bool:
        """The key stands alone: `Bearer` before it is a wrong key."""
        return request.headers.get("Authorization") == self.token

    @override
    def refused(self) -> web.Response:
        return self.problem(401, "Unauthorized")

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        return web.json_response({"status": status, "message": reason}, status=status)

    @override
    async def _before(self, fault: Fault | None, request: web.Request) -> web.Response | None:
        if request.path in self.forbidden:
            thread = request.path.startswith("/api/inbox")
            return self.problem(404, "Not found") if thread else self.problem(403, "Forbidden")
        return await super()._before(fault, request)

    # What happens on the marketplace.

    @override
    def _said(
        self, author: Author, text: str, at: datetime, thread: str, more: dict[str, Any]
    ) -> Said:
        said = super()._said(author, text, at, thread, {**more, "arrived": self.now()})
        attached = []
        for name, content in more.get("files", ()):
            attached.append({"id": f"file-{self.new_id()}", "name": name, "size": len(content)})
            self.files.content[attached[-1]["id"]] = content
        said.more["attachments"] = attached
        return said

    def press_no_reply(self, thread: str, by: str = "SHOP") -> None:
        """The "no reply needed" button of the back office."""
        mark = {"date": instant(self.now()), "user_type": by}
        self.marks.setdefault(thread, []).append(mark)

    def incident(self, order: str, *, reason: str = "Item not received") -> None:
        """A customer opens an incident on the first line of an order."""
        self._order(order)["order_lines"][0] |= incident_shape(reason, self.now())
        self._order(order)["has_incident"] = True

    def close_incident(self, order: str) -> None:
        """It is settled."""
        line = self._order(order)["order_lines"][0]
        line |= {"order_line_state": "INCIDENT_CLOSED", "last_updated_date": instant(self.now())}
        self._order(order)["has_incident"] = False

    def asks_return(self, name: str, order: str, state: str = "WAITING_ACCEPTANCE") -> None:
        """A return, new or in a new state."""
        known = self.returns.get(name, {"date_created": instant(self.now())})
        self.returns[name] = known | {
            "id": name,
            "order_id": order,
            "order_commercial_id": order.removesuffix("-A"),
            "state": state,
            "reason_code": "RETURN_CHANGED_MIND",
            "rma": None,
            "last_updated": instant(self.now()),
            "return_lines": [{"order_line_id": f"{order}-1", "quantity": 2}],
        }

    # What the shop may ask.

    async def account(self, _request: web.Request) -> web.Response:
        """A01."""
        return web.json_response({"shop_id": 2301, "shop_name": SHOP["display_name"]})

    async def list_threads(self, request: web.Request) -> web.Response:
        """M11: the latest change first."""
        known = {"updated_since", "with_messages", "entity_type", "entity_id", "channel_codes"}
        problem = self._wrong(request, known | {"limit", "page_token"})
        if problem is not None:
            return problem
        query = request.query
        if "entity_id" in query and "entity_type" not in query:
            return self.problem(400, "entity_type must be specified with entity_id")
        since = datetime.fromisoformat(query.get("updated_since", "1970-01-01T00:00:00Z"))
        found = [
            one
            for one in self._thread_ids()
            if self._changed(one) >= since and self._is_about(one, query)
        ]
        found.sort(key=lambda one: (self._changed(one), one), reverse=True)
        whole = query.get("with_messages") == "true"
        return self._page(request, [self._shape(one, whole, SHOWN) for one in found])

    async def thread(self, request: web.Request) -> web.Response:
        """M10: all messages."""
        thread = request.match_info["thread"]
        if thread not in self._thread_ids():
            return self.problem(404, f"Thread with identifier '{thread}' not found")
        return web.json_response(self._shape(thread, True, MOST_MESSAGES))

    async def download(self, request: web.Request) -> web.Response:
        """M13."""
        content = self.files.content.get(request.match_info["attachment"])
        if content is None:
            return self.problem(404, "Attachment not found")
        return web.Response(body=content, content_type="application/octet-stream")

    async def list_orders(self, request: web.Request) -> web.Response:
        """OR11: offset paging, the oldest first."""
        known = {"order_ids", "has_incident", "start_update_date", "max", "offset"}
        problem = self._wrong(request, known)
        if problem is not None:
            return problem
        wanted = request.query.get("order_ids")
        found = (
            [self._order(one) for one in wanted.split(",") if self._has_order(one)]
            if wanted
            else []
        )
        if not wanted:
            found = list(self.orders.values())
        if request.query.get("has_incident") == "true":
            found = [one for one in found if one["has_incident"]]
        most = min(int(request.query.get("max", "10")), LARGEST_PAGE)
        start = int(request.query.get("offset", "0"))
        return web.json_response({"orders": found[start : start + most], "total_count": len(found)})

    async def list_returns(self, request: web.Request) -> web.Response:
        """RT11: the oldest first."""
        problem = self._wrong(request, {"return_last_updated_from", "limit", "page_token"})
        if problem is not None:
            return problem
        since = datetime.fromisoformat(request.query["return_last_updated_from"])
        found = [
            one
            for one in self.returns.values()
            if datetime.fromisoformat(one["last_updated"]) > since
        ]
        return self._page(request, found)

    async def answer(self, request: web.Request) -> web.Response:
        """M12."""
        thread = request.match_info["thread"]
        if thread not in self._thread_ids():
            return self.problem(404, f"Thread with identifier '{thread}' not found")
        if len(self._messages(thread)) >= MOST_MESSAGES:
            return self.problem(400, "Maximum of 1000 messages on a thread")
        content, files, problem = await self._parts(request, "message_input")
        if problem is not None:
            return problem
        to = content.get("to")
        allowed = {one["type"] for one in self._participants(thread)}
        if not isinstance(to, list) or not to or not all(one.get("type") in allowed for one in to):
            return self.problem(400, "A recipient is not authorized in this thread")
        self.recipients.append(to)
        kinds = [one["type"] for one in to]
        return self._taken(thread, content["body"], kinds, files, entity=self._entity(thread))

    async def open_thread(self, request: web.Request) -> web.Response:
        """OR43."""
        order = request.match_info["order"]
        if not self._has_order(order):
            return self.problem(404, f"Order with identifier '{order}' not found")
        content, files, problem = await self._parts(request, "thread_input")
        if problem is not None:
            return problem
        to, topic = content.get("to"), content.get("topic", {})
        if not isinstance(to, list) or not set(to) <= {"CUSTOMER", "OPERATOR"} or not to:
            return self.problem(400, "to must name CUSTOMER or OPERATOR")
        if topic.get("type") not in {"FREE_TEXT", "REASON_CODE"} or not topic.get("value"):
            return self.problem(400, "topic must have a type and a value")
        thread = f"thread-{self.new_id()}"
        return self._taken(thread, content["body"], to, files, entity=("MMP_ORDER", order))

    def _taken(
        self, thread: str, text: str, to: list[str], files: list[tuple[str, bytes]], **more: Any
    ) -> web.Response:
        kind, name = more["entity"]
        count = self.files.count.get(name, 0) + len(files)
        if count > MOST_FILES:
            return self.problem(400, f"Maximum {MOST_FILES} attachments on a {kind}")
        self.files.count[name] = count
        said = self.take_reply(thread, text, to=to, files=files, **more)
        return web.json_response({"message_id": said.id, "thread_id": thread}, status=201)

    async def _parts(
        self, request: web.Request, wanted: str
    ) -> tuple[dict[str, Any], list[tuple[str, bytes]], web.Response | None]:
        """The JSON part and the files of a multipart call, or what is wrong with it."""
        content: dict[str, Any] = {}
        files: list[tuple[str, bytes]] = []
        if not request.content_type.startswith("multipart/"):
            return {}, [], self.problem(415, f"Content type '{request.content_type}' not supported")
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader):
                continue
            body = bytes(await part.read())
            if part.name == "files" and part.filename:
                files.append((part.filename, body))
            elif part.name == wanted and is_json(part):
                content = json.loads(body)
            else:
                return {}, [], self.problem(415, f"{part.name}: a part of a kind not supported")
        return content, files, self._refused_content(content, files)

    def _refused_content(
        self, content: dict[str, Any], files: list[tuple[str, bytes]]
    ) -> web.Response | None:
        text = content.get("body")
        if not isinstance(text, str) or not SHORTEST <= len(text) <= LONGEST:
            return self.problem(400, "body size must be between 3 and 50000")
        if sum(len(body) for _, body in files) > MOST_BYTES:
            return self.problem(400, "Each message has a 30 Megabyte size limit")
        return None

    def _wrong(self, request: web.Request, known: set[str]) -> web.Response | None:
        strange = set(request.query) - known - {"shop_id"}
        if strange:
            return self.problem(400, f"Unknown parameter: {min(strange)}")
        if self.several_shops and "shop_id" not in request.query:
            return self.problem(400, "shop_id is required")
        if int(request.query.get("limit", "50")) > LARGEST_PAGE:
            return self.problem(400, "limit must be less than or equal to 100")
        return None

    def _page(self, request: web.Request, entries: list[Any]) -> web.Response:
        """Seek paging: a token is good for the very same question only."""
        asked = sorted((k, v) for k, v in request.query.items() if k != "page_token")
        seal = hashlib.sha256(repr(asked).encode()).hexdigest()[:12]
        start = 0
        if "page_token" in request.query:
            try:
                said = base64.urlsafe_b64decode(request.query["page_token"]).decode()
            except (binascii.Error, UnicodeDecodeError):
                said = ""
            number, _, given = said.partition(".")
            if given != seal:
                return self.problem(400, "Invalid page token")
            start = int(number)
        page, following = self.page_of(entries, start)
        found: dict[str, Any] = {"data": list(page)}
        if following is not None:
            found["next_page_token"] = base64.urlsafe_b64encode(
                f"{following}.{seal}".encode()
            ).decode()
        return web.json_response(found)

    def _thread_ids(self) -> list[str]:
        return list(dict.fromkeys(said.thread for said in self.messages))

    def _messages(self, thread: str) -> list[Said]:
        return sorted((s for s in self.messages if s.thread == thread), key=lambda s: s.at)

    def _changed(self, thread: str) -> datetime:
        seen: list[datetime] = [said.more["arrived"] for said in self._messages(thread)]
        seen += [datetime.fromisoformat(mark["date"]) for mark in self.marks.get(thread, [])]
        return max(seen)

    def _entity(self, thread: str) -> tuple[str, str]:
        named = [s.more["entity"] for s in self._messages(thread) if "entity" in s.more]
        kind, name = named[0] if named else ("MMP_ORDER", f"{thread}-A")
        return kind, name

    def _is_about(self, thread: str, query: Any) -> bool:
        kind, name = self._entity(thread)
        wanted = query.get("entity_id", "").split(",") if "entity_id" in query else [name]
        return query.get("entity_type", kind) == kind and name in wanted

    def _participants(self, thread: str) -> list[dict[str, str]]:
        if self._entity(thread)[0] == "SELLER_OPERATOR":
            return [SHOP, OPERATOR]
        return [SHOP, customer_of(thread), OPERATOR]

    def _has_order(self, order: str) -> bool:
        known = {self._entity(one)[1] for one in self._thread_ids()}
        return order in self.orders or order in known or order.endswith("-A")

    def _order(self, order: str) -> dict[str, Any]:
        return self.orders.setdefault(order, order_shape(order, self.now()))

    def _shape(self, thread: str, whole: bool, most: int) -> dict[str, Any]:
        kind, name = self._entity(thread)
        said = self._messages(thread)
        written = {one for s in said for one in (*recipients(s), WRITERS[s.author][:-5])}
        found: dict[str, Any] = {
            "id": thread,
            "topic": {"type": "FREE_TEXT", "value": said[0].more.get("topic", "Question")},
            "entities": [{"type": kind, "id": name, "label": name}],
            "authorized_participants": self._participants(thread),
            "current_participants": [p for p in self._participants(thread) if p["type"] in written],
            "date_created": instant(said[0].at),
            "date_updated": instant(self._changed(thread)),
            "metadata": {
                "last_message_date": instant(said[-1].at),
                "last_sender": writer_of(said[-1], thread),
                "shop_reply_needed_since": self._waits_since(thread, said),
                "total_count": len(said),
            },
        }
        if whole:
            found["messages"] = [message_shape(one, thread) for one in said[-most:]]
            found["no_store_reply_needed"] = self.marks.get(thread, [])
        return found

    def _waits_since(self, thread: str, said: Iterable[Said]) -> str | None:
        marked = [datetime.fromisoformat(mark["date"]) for mark in self.marks.get(thread, [])]
        done = max(marked, default=datetime(1970, 1, 1, tzinfo=UTC))
        waiting: datetime | None = None
        for one in said:
            if one.author is Author.AGENT:
                waiting = None
            elif waiting is None and one.at > done:
                waiting = one.at
        return instant(waiting) if waiting else None
