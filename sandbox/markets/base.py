"""What all fake platforms share: a loopback server, messages, faults, and a log of calls.

A channel's fake adds its routes and its shapes. Anything the platform answers in its own words
(refusals, throttling) is a method to override.
"""

import asyncio
import json
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self, TypeVar

from aiohttp import web
from typing_extensions import override

from connectors.capabilities import WebhookRequest
from connectors.testing.market import RETRY_AFTER, THREAD, Fault, Market
from sla_rules.vocabulary import Author

HOST = "127.0.0.1"
FIRST_ID = 2**53 + 1
"""Beyond what a float can tell from its neighbours, so that ids must survive as they are."""

PAGE = "<html><body><h1>502 Bad Gateway</h1></body></html>"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ItemT = TypeVar("ItemT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One call the platform answers. `writes` changes something; `open` needs no credentials.

    A `spare` route is spoken for completeness; no connector has to use it.
    """

    method: str
    path: str
    handler: Handler
    writes: bool = False
    open: bool = False
    spare: bool = False


async def read_json(request: web.Request) -> dict[str, Any]:
    """The object that was sent; an empty one where it is none."""
    try:
        content = json.loads(await request.read())
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def reads(method: str, path: str, handler: Handler, *, open: bool = False) -> Route:  # noqa: A002
    """A call that changes nothing, whatever its method."""
    return Route(method=method, path=path, handler=handler, open=open)


def writes(method: str, path: str, handler: Handler) -> Route:
    """A call that changes something."""
    return Route(method=method, path=path, handler=handler, writes=True)


@dataclass(slots=True, kw_only=True)
class Said:
    """One message in the fake's books. `more` is whatever the channel adds."""

    id: str
    thread: str
    author: Author
    text: str
    at: datetime
    more: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call somebody made, and how it was answered."""

    method: str
    path: str
    query: str
    status: int


class FakeMarket(Market):
    """A fake platform. Subclasses give `routes`, and override how the platform words refusals.

    `token` is what a caller must present (see `knows`). `messages` are all that were said, in the
    order of their arrival.
    """

    faults: frozenset[Fault] = frozenset(Fault)
    authors: frozenset[Author] = frozenset({Author.CUSTOMER, Author.AGENT, Author.PLATFORM})
    page_size: ClassVar[int] = 3

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.url = ""
        self.token = "fake-token-" + "7d1c" * 6
        self.secrets: set[str] = set()
        self.messages: list[Said] = []
        self.texts_sent: list[str] = []
        self.log: list[Call] = []
        self.changes = 0
        self.overlap = False
        self.moderation = "sent"
        self.held: list[tuple[str, str]] = []
        self.closed: set[str] = set()
        self._fault: Fault | None = None
        self._last_id = FIRST_ID - 1
        self._used: set[str] = set()
        self._runner: web.AppRunner | None = None

    @abstractmethod
    def routes(self) -> Sequence[Route]:
        """Everything this platform answers."""

    def knows(self, request: web.Request) -> bool:
        """Whether the caller's credentials are good: `Authorization: Bearer <token>`."""
        return request.headers.get("Authorization") == f"Bearer {self.token}"

    def refused(self) -> web.Response:
        """The platform's words for credentials it does not take."""
        return self.problem(401, "unauthorised")

    def throttled(self, retry_after: int | None) -> web.Response:
        """The platform's words for too many calls."""
        response = self.problem(429, "too many requests")
        if retry_after is not None:
            response.headers["Retry-After"] = str(retry_after)
        return response

    def problem(self, status: int, reason: str) -> web.Response:
        """The platform's words for any other refusal."""
        return web.json_response({"error": reason}, status=status)

    def new_id(self) -> str:
        """The next id of anything, a long number."""
        self._last_id += 1
        return str(self._last_id)

    def page_of(self, items: Sequence[ItemT], start: int) -> tuple[Sequence[ItemT], int | None]:
        """One page and where the next begins; with `overlap`, a page repeats one item."""
        end = start + self.page_size
        first = start - 1 if self.overlap and start > 0 else start
        return items[first:end], end if end < len(items) else None

    def take_reply(self, thread: str, text: str, **more: Any) -> Said:
        """Take an answer over as the platform would: sent to the customer, or held back."""
        said = self._said(Author.AGENT, text, self.now(), thread, more)
        if self.moderation == "sent":
            self.texts_sent.append(text)
        said.more.setdefault("own", True)
        return said

    @override
    async def says(
        self,
        author: Author,
        text: str,
        *,
        at: datetime | None = None,
        thread: str = THREAD,
        **more: Any,
    ) -> str:
        return self._said(author, text, at or self.now(), thread, more).id

    def _said(
        self, author: Author, text: str, at: datetime, thread: str, more: dict[str, Any]
    ) -> Said:
        said = Said(
            id=self.new_id(), thread=thread, author=author, text=text, at=at, more=dict(more)
        )
        self.messages.append(said)
        return said

    @override
    def fail(self, fault: Fault | None) -> None:
        self._fault = fault

    @override
    def close_window(self, thread: str = THREAD) -> None:
        self.closed.add(thread)

    @override
    def webhook(self, message_id: str) -> WebhookRequest:
        raise NotImplementedError("this platform calls nobody")

    @override
    def challenge(self) -> tuple[WebhookRequest, str] | None:
        return None

    @property
    @override
    def calls(self) -> int:
        return len(self.log)

    @override
    def unused_routes(self) -> Sequence[str]:
        named = {f"{r.method} {r.path}" for r in self.routes() if not r.spare}
        return sorted(named - self._used)

    @override
    async def start(self) -> None:
        application = web.Application(client_max_size=32 * 1024 * 1024)
        for route in self.routes():
            application.router.add_route(route.method, route.path, self._answering(route))
        application.router.add_route("*", "/{path:.*}", self._unknown)
        runner = web.AppRunner(
            application, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self._runner = runner
        self.url = f"http://{HOST}:{runner.addresses[0][1]}"

    @override
    async def stop(self) -> None:
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _answering(self, route: Route) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            self._used.add(f"{route.method} {route.path}")
            response = await self._answer(route, request)
            self._logged(request, response.status)
            return response

        return answer

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self._logged(request, 404)
        return self.problem(404, "no such call")

    def _logged(self, request: web.Request, status: int) -> None:
        call = Call(
            method=request.method, path=request.path, query=request.query_string, status=status
        )
        self.log.append(call)

    async def _answer(self, route: Route, request: web.Request) -> web.StreamResponse:
        fault = None if route.open else self._fault
        before = await self._before(fault, request)
        if before is not None:
            return before
        if not route.open and not self.knows(request):
            return self.refused()
        response = await route.handler(request)
        if route.writes and response.status < 400:  # noqa: PLR2004 - RFC 9110: refusals begin there
            self.changes += 1
        return await self._after(fault, request, response)

    async def _before(self, fault: Fault | None, request: web.Request) -> web.Response | None:
        if fault is Fault.SILENT:
            await asyncio.sleep(3600)
        answers: dict[Fault | None, Callable[[], web.Response]] = {
            Fault.THROTTLED: lambda: self.throttled(RETRY_AFTER),
            Fault.THROTTLED_SILENTLY: lambda: self.throttled(None),
            Fault.REFUSED: self.refused,
            Fault.FAILS: lambda: self.problem(500, "internal error"),
            Fault.HTML_PAGE: lambda: web.Response(text=PAGE, content_type="text/html"),
            Fault.CUT: lambda: _cut(request),
        }
        answer = answers.get(fault)
        return answer() if answer is not None else None

    async def _after(
        self, fault: Fault | None, request: web.Request, response: web.StreamResponse
    ) -> web.StreamResponse:
        if fault is Fault.CUT_AFTER:
            return _cut(request)
        if fault is Fault.TRUNCATED and isinstance(response, web.Response):
            body = response.body if isinstance(response.body, bytes) else b""
            return web.Response(
                status=response.status, body=body[: len(body) // 2], content_type="application/json"
            )
        return response


def _cut(request: web.Request) -> web.Response:
    """Break the connection: the caller sees it end, and this answer goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
