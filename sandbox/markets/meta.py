"""Meta's Graph API as its documentation has it, for one account: what Instagram and Facebook share.

Error codes, the 24-hour window, the Human Agent feature, the twenty newest messages, the proof of
the app's secret, page cursors, usage headers, and webhooks over several entries.
"""

import json
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from aiohttp import web
from typing_extensions import override

from connectors.signing import hmac_hex
from connectors.testing.market import Fault
from sandbox.markets.base import Route, Said, reads, writes
from sandbox.markets.meta_calls import (
    APP_ID,
    APP_SECRET,
    BUSINESS,
    DAY,
    LARGEST_PAGE,
    NEWEST,
    POST,
    VERSION,
    WEEK,
    MetaCalls,
)
from sandbox.markets.meta_wire import GraphError, Json, fields_of, moment
from sla_rules.vocabulary import Author

Answer = Callable[[web.Request], Awaitable[Json]]


class MetaMarket(MetaCalls):
    """One account. `human_agent` says that the app has the feature, `usage` is what headers tell.

    `denied` are edges for which a permission is missing; `unreachable` people who blocked us.
    `hidden` conversations are listed and cannot be opened; `timeless` is a list in another shape.
    """

    # Meta sends no Retry-After; how long to wait stands in a usage header.
    faults = frozenset(Fault) - {Fault.THROTTLED}
    authors = frozenset({Author.CUSTOMER, Author.AGENT, Author.AUTO})
    posts_edge: ClassVar[str]
    answers_edge: ClassVar[str]
    message_fields: ClassVar[frozenset[str]]
    person_fields: ClassVar[frozenset[str]]
    comment_order: ClassVar[frozenset[str]] = frozenset()
    scopes: ClassVar[tuple[str, ...]]

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(now)
        self.secrets.add(hmac_hex(APP_SECRET, self.token.encode()))
        self.human_agent = False
        self.usage: Json | None = None
        self.denied: set[str] = set()
        self.unreachable: set[str] = set()
        self.sent: list[Json] = []
        self.answered_privately: set[str] = set()
        self.token_ends = 0
        self.granted = self.scopes
        self.hidden: set[str] = set()
        self.timeless = False
        self.files: dict[str, bytes] = {}
        self.files_sent: list[str] = []

    @override
    def routes(self) -> Sequence[Route]:
        base, page = f"/{VERSION}", {"fields", "limit", "after"}
        edges: tuple[Route, ...] = (
            reads("GET", f"{base}/debug_token", self._spoken(self.token_facts, {"input_token"})),
            reads("GET", f"{base}/{{id}}", self._spoken(self.node, {"fields"})),
            reads(
                "GET",
                f"{base}/{self.messages_node}/conversations",
                self._spoken(self.conversations, page | {"platform", "user_id"}),
            ),
            reads(
                "GET", f"{base}/{self.account}/{self.posts_edge}", self._spoken(self.posts, page)
            ),
            reads(
                "GET",
                f"{base}/{{id}}/comments",
                self._spoken(self.comments, page | self.comment_order),
            ),
            writes("POST", f"{base}/{self.messages_node}/messages", self._spoken(self.send, set())),
            writes("POST", f"{base}/{{id}}/{self.answers_edge}", self._spoken(self.answer, set())),
        )
        files = Route(method="GET", path="/cdn/{name}", handler=self.file, open=True, spare=True)
        return (*edges, files)

    @override
    def knows(self, request: web.Request) -> bool:
        given = request.query.get("access_token")
        if request.path.endswith("/debug_token"):
            return given == f"{APP_ID}|{APP_SECRET}"
        proof = hmac_hex(APP_SECRET, self.token.encode())
        return given == self.token and request.query.get("appsecret_proof") == proof

    @override
    def refused(self) -> web.Response:
        words = f"Error validating access token {self.token}: the session has expired"
        return self._json(GraphError(190, words, subcode=463, status=401).body(), 401)

    @override
    def throttled(self, retry_after: int | None) -> web.Response:
        return self._json(
            GraphError(613, "Calls to this api have exceeded the rate limit.").body(), 400
        )

    @override
    def problem(self, status: int, reason: str) -> web.Response:
        code = 2 if status >= 500 else 100  # noqa: PLR2004 - RFC 9110: failures begin there
        return self._json(GraphError(code, reason).body(), status)

    # -- reading

    async def node(self, request: web.Request) -> Json:
        """The account, a conversation, a message, or a person."""
        identity, asked = request.match_info["id"], fields_of(request.query.get("fields", "id"))
        if identity in {self.messages_node, self.account}:
            return self.itself(asked)
        for said in self.messages:
            if identity == self.conversation_id(said.thread) and identity not in self.hidden:
                return self._conversation_messages(said.thread, asked)
            if identity == self.message_id(said):
                return self._shape(said, asked)
            if identity == self.person_id(said.thread):
                return self._person(said.thread, asked)
        raise GraphError(100, "Unsupported get request. Object does not exist.", subcode=33)

    def itself(self, asked: Mapping[str, Any]) -> Json:
        """The account's own node."""
        self._known(asked, {"id", "name"})
        return {"id": self.messages_node, "name": "Bottega Salici"}

    async def conversations(self, request: web.Request) -> Json:
        """Newest first; there is no filter by time."""
        if request.query.get("platform", "messenger") != self.platform:
            raise GraphError(100, "Invalid platform")
        asked = fields_of(request.query.get("fields", "id"))
        self._known(asked, {"id", "updated_time", "message_count", "participants", "unread_count"})
        newest: dict[str, datetime] = {}
        for said in self._direct():
            newest[said.thread] = max(said.at, newest.get(said.thread, said.at))
        wanted = request.query.get("user_id")
        threads = [t for t in newest if wanted in {None, self.person_id(t)}]
        threads.sort(key=lambda thread: newest[thread], reverse=True)
        shown = [self._head(thread, newest[thread]) for thread in threads]
        return self._page(shown, request.query.get("after", ""), request.query.get("limit", "25"))

    async def posts(self, request: web.Request) -> Json:
        """The account's posts with the comments below them, as asked for in `fields`."""
        self._allowed("comments")
        asked = fields_of(request.query.get("fields", "id"))
        ids = list(dict.fromkeys([POST, *(c.more["post"] for c in self._comments())]))
        shown = [self._post(post, asked.get("comments")) for post in ids]
        return self._page(shown, request.query.get("after", ""), request.query.get("limit", "25"))

    async def comments(self, request: web.Request) -> Json:
        """Comments below a post, or below another comment."""
        self._allowed("comments")
        parent = request.match_info["id"]
        if any(self.comment_id(one) == parent for one in self._comments()):
            below = [one for one in self._comments() if one.more["parent"] == parent]
            return self._page([self.comment(one) for one in below], "", "50", whole=True)
        return self._below(parent, request.query.get("after", ""), request.query.get("limit", "25"))

    async def token_facts(self, request: web.Request) -> Json:
        """What Meta knows of a token."""
        valid = request.query["input_token"] == self.token
        data = {
            "app_id": APP_ID,
            "is_valid": valid,
            "scopes": list(self.granted),
            "expires_at": self.token_ends,
        }
        return {"data": data}

    async def file(self, request: web.Request) -> web.Response:
        """A file of a message; its address lasts for a while only."""
        content = self.files.get(request.match_info["name"])
        if content is None:
            return web.Response(status=403, text="URL signature expired")
        return web.Response(body=content, content_type="image/jpeg")

    # -- writing

    async def send(self, request: web.Request) -> Json:
        """A message to a person, or a private answer to a comment."""
        body, name = await _sent(request)
        if set(body) - {"recipient", "message", "messaging_type", "tag"}:
            raise GraphError(100, "Unknown parameter")
        text = body.get("message", {}).get("text", "")
        if name:
            self.check_file(body.get("message", {}).get("attachment", {}))
        else:
            self.check_text(text)
        comment = body.get("recipient", {}).get("comment_id")
        thread = self._private(comment) if comment else self._standard(body)
        self.sent.append(body)
        said = self._take_file(thread, name) if name else self.take_reply(thread, text)
        return {"recipient_id": self.person_id(thread), "message_id": self.message_id(said)}

    @abstractmethod
    def check_text(self, text: str) -> None:
        """Raises GraphError for a text that is too long."""

    def check_file(self, attachment: Json) -> None:
        """Raises GraphError where files cannot be handed over, or for one of no known type."""
        if attachment.get("type") not in {"image", "video", "audio", "file"}:
            raise GraphError(100, "Invalid attachment type")

    def _take_file(self, thread: str, name: str) -> Said:
        self.files_sent.append(name)
        listed = {"data": [{"id": "1", "mime_type": "image/png", "name": name, "size": 1}]}
        more = {"own": True, "fields": {"attachments": listed}}
        return self._said(Author.AGENT, "", self.now(), thread, more)

    def _private(self, comment: str) -> str:
        found = next((c for c in self._comments() if self.comment_id(c) == comment), None)
        if found is None:
            raise GraphError(100, "Unsupported post request. Object does not exist.", subcode=33)
        if comment in self.answered_privately:
            raise GraphError(10900, "Activity already replied to")
        if self.now() - found.at > WEEK:
            raise GraphError(10903, "This user cant reply to this activity")
        self.answered_privately.add(comment)
        return found.thread

    def _standard(self, body: Json) -> str:
        """The thread of a message that may be sent now."""
        person = body.get("recipient", {}).get("id")
        asked = [
            s
            for s in self._direct()
            if self.person_id(s.thread) == person and s.author is Author.CUSTOMER
        ]
        if not asked:
            raise GraphError(100, "No matching user found", subcode=2018001)
        thread, age = asked[-1].thread, self.now() - max(said.at for said in asked)
        if person in self.unreachable:
            raise GraphError(551, "This person isn't available right now.", subcode=1545041)
        kind, tag = body.get("messaging_type"), body.get("tag")
        if kind not in {"RESPONSE", "MESSAGE_TAG"} or (kind == "MESSAGE_TAG") != (tag is not None):
            raise GraphError(100, "Invalid messaging_type")
        if tag is not None and tag != "HUMAN_AGENT":
            raise GraphError(100, "The tag is not supported any more")
        if tag is not None and not self.human_agent:
            raise GraphError(10, "This app does not have the Human Agent feature")
        if thread in self.closed or age > (WEEK if tag else DAY):
            raise GraphError(10, "This message is sent outside of allowed window.", subcode=2018278)
        return thread

    async def answer(self, request: web.Request) -> Json:
        """A public answer below a comment."""
        self._allowed("comments")
        form = await request.post()
        parent = next(
            (c for c in self._comments() if self.comment_id(c) == request.match_info["id"]), None
        )
        if parent is None or parent.more["parent"]:
            raise GraphError(100, "Only comments that stand on their own can be answered")
        more = {"comment": True, "post": parent.more["post"], "parent": self.comment_id(parent)}
        return {"id": self.comment_id(self.take_reply(parent.thread, str(form["message"]), **more))}

    def _head(self, thread: str, updated: datetime) -> Json:
        said = [one for one in self._direct() if one.thread == thread]
        return {
            "id": self.conversation_id(thread),
            **({} if self.timeless else {"updated_time": moment(updated)}),
            "message_count": len(said),
            "participants": {"data": [self.person(thread), self.business()]},
        }

    def _conversation_messages(self, thread: str, asked: Mapping[str, Any]) -> Json:
        self._known(asked, {"id", "messages"})
        limit, inner = asked["messages"]
        said = sorted((s for s in self._direct() if s.thread == thread), key=lambda s: s.at)
        newest = list(reversed(said))[: min(int(limit.get("limit", "25")), NEWEST)]
        shown = [self._shape(one, inner) for one in newest]
        more = (
            {"paging": {"cursors": {"after": "QVFIold"}, "next": self.url}}
            if len(said) > len(newest)
            else {}
        )
        return {"id": self.conversation_id(thread), "messages": {"data": shown, **more}}

    def _shape(self, said: Said, asked: Mapping[str, Any]) -> Json:
        self._known(asked, self.message_fields)
        ours = said.author in BUSINESS
        person, us = self.person(said.thread), self.business()
        whole = {
            "id": self.message_id(said),
            "created_time": moment(said.at),
            "from": us if ours else person,
            "to": {"data": [person if ours else us]},
            "message": said.text,
            **said.more.get("fields", {}),
        }
        return {key: value for key, value in whole.items() if key in asked or key == "id"}

    def _person(self, thread: str, asked: Mapping[str, Any]) -> Json:
        self._known(asked, self.person_fields | {"id"})
        self._allowed("profile")
        told = self.profile(thread)
        return {key: value for key, value in told.items() if key in asked or key == "id"}

    def _post(
        self, post: str, comments: tuple[Mapping[str, str], Mapping[str, Any]] | None
    ) -> Json:
        shown = self.post(post)
        if comments is not None:
            if set(comments[0]) - {"limit"} != set(self.comment_order):
                raise GraphError(100, "Unknown modifier of comments")
            below = self._below(post, "", comments[0].get("limit", "25"))
            shown |= {"comments": below} if below["data"] else {}
        return shown

    def _below(self, post: str, after: str, limit: str) -> Json:
        """A page of a post's comments, newest first."""
        found = [c for c in self._comments() if c.more["post"] == post and self.listed(c)]
        found.sort(key=lambda one: one.at, reverse=True)
        return self._page([self.comment(one) for one in found], after, limit)

    def listed(self, comment: Said) -> bool:
        """Whether a comment stands in the post's own list."""
        return not comment.more["parent"]

    def _page(self, items: Sequence[Json], after: str, limit: str, *, whole: bool = False) -> Json:
        if not limit.isdecimal() or int(limit) > LARGEST_PAGE:
            raise GraphError(100, "Please reduce the amount of data you're asking for")
        if after and not after.startswith("QVFI"):
            raise GraphError(100, "Invalid cursor")
        if whole:
            return {"data": list(items)}
        page, following = self.page_of(items, int(after.removeprefix("QVFI") or "0"))
        cursors = {"before": "QVFI0", "after": f"QVFI{following or len(items)}"}
        more = {"next": f"{self.url}/next"} if following is not None else {}
        return {"data": list(page), "paging": {"cursors": cursors, **more}}

    def _direct(self) -> Sequence[Said]:
        return [said for said in self.messages if not said.more.get("comment")]

    def _comments(self) -> Sequence[Said]:
        found = [said for said in self.messages if said.more.get("comment")]
        for said in found:
            said.more.setdefault("post", POST)
            said.more.setdefault("parent", "")
        return found

    def _known(self, asked: Mapping[str, Any], known: set[str] | frozenset[str]) -> None:
        for name in asked:
            if name not in known:
                raise GraphError(100, f"Tried accessing nonexisting field ({name})")

    def _allowed(self, edge: str) -> None:
        if edge in self.denied:
            raise GraphError(200, "Requires a permission that the token does not have", status=403)

    def _spoken(
        self, handler: Answer, params: set[str] | frozenset[str]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            unknown = set(request.query) - params - {"access_token", "appsecret_proof"}
            try:
                if unknown:
                    raise GraphError(100, f"Unknown parameter {min(unknown)}")  # noqa: TRY301
                return self._json(await handler(request), 200)
            except GraphError as error:
                return self._json(error.body(), error.status)

        return answer

    def _json(self, value: Json, status: int) -> web.Response:
        headers = {"X-Business-Use-Case-Usage": json.dumps(self.usage)} if self.usage else {}
        return web.json_response(value, status=status, headers=headers)


async def _sent(request: web.Request) -> tuple[Json, str]:
    """The body of a message, and the name of the file that came with it."""
    if request.content_type != "multipart/form-data":
        return await request.json(), ""
    form = await request.post()
    file = form.get("filedata")
    if not isinstance(file, web.FileField):
        raise GraphError(100, "Upload attachment failure.")
    plain = {name: str(value) for name, value in form.items() if name != "filedata"}
    typed = {name: json.loads(plain[name]) for name in ("recipient", "message")}
    return {**plain, **typed}, file.filename
