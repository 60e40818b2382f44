"""What stands around every address: a share for each visitor, an end to waiting, and what pages forbid.

Whatever goes wrong inside ends here as one plain sentence: neither the visitor nor the log is told
the words of an exception, for they may quote a customer or a secret.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.clock import Clock
from bot.outbox.traces import broke
from bot.web.tokens import Budget, source_of

A_MINUTE: Final = 6_000
"""Requests of one address, to all doors together. Each door has a closer limit of its own."""

ANSWER_SECONDS: Final = 30.0
"""Real seconds until an answer has to begin. How long it may last is up to its door."""

TRY_AGAIN_SECONDS: Final = 10

LOCKED: Final = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""For whatever is no page: a browser that shows it all the same does nothing with it."""

_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(slots=True)
class Fence:
    """An ASGI layer. `clock` is asked for real seconds only."""

    app: ASGIApp
    clock: Clock = field(default_factory=Clock)
    a_minute: int = A_MINUTE
    answer_seconds: float = ANSWER_SECONDS
    _budget: Budget = field(init=False)

    def __post_init__(self) -> None:
        self._budget = Budget(self.a_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(send)
        wait = self._budget.wait(source_of(Request(scope)), self.clock.monotonic())
        refusal = _plain("too many requests", 429, wait) if wait else None
        if refusal is None and not scope["query_string"].isascii():
            refusal = _plain("the address is none", 400)  # RFC 3986 knows ASCII only
        if refusal is None:
            refusal = await self._inside(scope, receive, answer)
        if refusal is not None and not answer.begun:
            await refusal(scope, receive, answer.send)

    async def _inside(self, scope: Scope, receive: Receive, answer: "_Answer") -> Response | None:
        """Let the app answer; what is to be said in its place where it did not."""
        try:
            async with asyncio.timeout(self.answer_seconds) as answer.deadline:
                await self.app(scope, receive, answer.send)
        except ClientDisconnect:
            return None
        except TimeoutError as exc:
            if answer.deadline is None or not answer.deadline.expired():
                return _broken(exc)
            return _plain("this takes too long at the moment", 503, TRY_AGAIN_SECONDS)
        except Exception as exc:  # noqa: BLE001 - one broken door must neither close the others nor tell why
            return _broken(exc)
        finally:
            answer.deadline = None
        return None


class _Answer:
    """What goes back to the visitor. Once it has begun, nothing cuts it off."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.deadline: asyncio.Timeout | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            if self.deadline is not None:
                self.deadline.reschedule(None)
            _forbid(MutableHeaders(scope=message))
        await self._send(message)


def _forbid(headers: MutableHeaders) -> None:
    """Add what every answer forbids. What a door says of its own answer stands."""
    for name, value in _ALWAYS.items():
        headers.setdefault(name, value)
    if "content-security-policy" not in headers:
        headers["Content-Security-Policy"] = LOCKED
        headers.setdefault("X-Frame-Options", "DENY")


def _broken(exc: BaseException) -> Response:
    broke("web.broke", exc)
    return _plain("something went wrong here; the log says where", 500)


def _plain(text: str, status: int, wait: int | None = None) -> Response:
    headers = {"Retry-After": str(wait)} if wait else None
    return PlainTextResponse(text, status_code=status, headers=headers)
