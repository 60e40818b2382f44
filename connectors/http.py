"""Calls to a platform's web interface: paced, bounded, and explained by `connectors.errors`.

Three verbs, by what a lost answer means. `get` and `query` change nothing, so they are tried again
a few times; `send` hands something over and is never tried again: when its answer is lost, the
outcome is unknown. Nothing here shows a query string, a header or a body (invariant 11).
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import aiohttp
from yarl import URL

from connectors.answer import HttpAnswer, refusal_by_status
from connectors.contract import InboxContext, Json
from connectors.errors import (
    AuthExpired,
    ConnectorError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
)
from connectors.pace import Limits, Pacer
from connectors.request import Authoriser, HttpRequest, NoAuth, Pairs

USER_AGENT: Final = "Threadline/1"
MOST_BYTES: Final = 8 * 1024 * 1024
"""Of one answer. Pages of messages are some hundred kilobytes; a file has its own limit."""

RETRIES: Final = 2
"""Further tries of a read, after about half a second and after about one."""

_chance = secrets.SystemRandom().random
_log = logging.getLogger("threadline.connectors.http")


Judge = Callable[[HttpAnswer], ConnectorError | None]
"""How a platform words its refusals, read from any answer. None leaves it to the status."""

Pace = Callable[[HttpAnswer], float]
"""Seconds to hold back after an answer, from what its headers or body say of the budget."""


class MarketHttp:
    """The calls of one inbox to one host.

    `auth` adds what the platform wants to see (see `connectors.tokens`), `judge` reads its
    refusals, `pace` its budget. `most_bytes` bounds one answer. `jitter` gives 0 to 1.
    """

    def __init__(
        self,
        base_url: str,
        context: InboxContext,
        *,
        auth: Authoriser | None = None,
        limits: Limits | None = None,
        judge: Judge | None = None,
        pace: Pace | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = MOST_BYTES,
        jitter: Callable[[], float] = _chance,
    ) -> None:
        self._base = base_url.rstrip("/")
        self._context = context
        self._auth = auth or NoAuth()
        self._pacer = Pacer(limits or Limits(), now=context.now, sleep=context.sleep)
        self._judge = judge
        self._pace = pace
        self._headers = {"User-Agent": USER_AGENT, "Accept": "application/json"} | dict(
            headers or {}
        )
        self._most_bytes = most_bytes
        self._jitter = jitter
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def get(
        self,
        path: str,
        *,
        params: Pairs = (),
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> HttpAnswer:
        """Read. `allow` are statuses the caller understands, such as 404.

        Raises:
            RateLimited, Unavailable, AuthExpired: as everywhere.
            Rejected: any other 4xx.
        """
        return await self._read(self._request("GET", path, params, headers), allow)

    async def query(
        self,
        path: str,
        *,
        json: Json = None,
        form: Pairs = (),
        params: Pairs = (),
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> HttpAnswer:
        """A POST that only reads (a search, GraphQL, a token). Raises as `get` does."""
        request = self._request("POST", path, params, headers)
        filled = request.with_form(form) if form else request.with_json(json)
        return await self._read(filled, allow)

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        form: Pairs = (),
        body: bytes | None = None,
        params: Pairs = (),
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> HttpAnswer:
        """Hand something over, once. `body` goes out as it is, with the Content-Type of `headers`.

        Raises:
            Rejected: the platform refused it.
            RateLimited, Unavailable, AuthExpired: it certainly was not handed over.
            OutcomeUnknown: it may have been.
        """
        request = self._request(method, path, params, headers)
        if body is not None:
            request = replace(request, body=body)
        else:
            request = request.with_form(form) if form else request.with_json(json)
        return await self._answered(request, allow, wrote=True)

    def hold(self, seconds: float) -> None:
        """Make no call for so long: the platform said so, in a way only the connector can read."""
        self._pacer.hold(seconds)

    async def close(self) -> None:
        """Close the connections. Harmless twice."""
        sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            await session.close()

    def _request(
        self, method: str, path: str, params: Pairs, headers: Mapping[str, str] | None
    ) -> HttpRequest:
        return HttpRequest(
            method=method.upper(),
            base=self._base,
            path=path if path.startswith("/") else f"/{path}",
            params=tuple(params.items() if isinstance(params, Mapping) else params),
            headers={**self._headers, **(headers or {})},
        )

    async def _read(self, request: HttpRequest, allow: Collection[int]) -> HttpAnswer:
        for attempt in range(RETRIES):
            try:
                return await self._answered(request, allow, wrote=False)
            except Unavailable:
                await self._context.sleep(2.0**attempt * (0.25 + 0.5 * self._jitter()))
        return await self._answered(request, allow, wrote=False)

    async def _answered(
        self, request: HttpRequest, allow: Collection[int], *, wrote: bool
    ) -> HttpAnswer:
        """One answer that is no refusal; a refused access is renewed once, nothing was taken."""
        answer, refusal = await self._attempt(request, allow, wrote=wrote)
        renewable = isinstance(refusal, AuthExpired) and answer.status != HTTPStatus.FORBIDDEN
        if renewable and self._auth.refused():
            answer, refusal = await self._attempt(request, allow, wrote=wrote)
        if refusal is not None:
            raise refusal
        return answer

    async def _attempt(
        self, request: HttpRequest, allow: Collection[int], *, wrote: bool
    ) -> tuple[HttpAnswer, ConnectorError | None]:
        await self._pacer.turn()
        answer = await self._exchange(await self._auth.authorise(request), wrote=wrote)
        if self._pace is not None:
            self._pacer.hold(self._pace(answer))
        refusal = None if answer.status in allow else self._refusal(answer)
        if isinstance(refusal, RateLimited):
            self._pacer.hold(refusal.retry_after)
        return answer, refusal

    def _refusal(self, answer: HttpAnswer) -> ConnectorError | None:
        judged = self._judge(answer) if self._judge is not None else None
        return judged or refusal_by_status(answer, now=self._context.now())

    async def _exchange(self, request: HttpRequest, *, wrote: bool) -> HttpAnswer:
        lost: ConnectorError
        try:
            async with asyncio.timeout(self._context.patience.total_seconds()):
                return await self._over_the_wire(request, wrote=wrote)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            lost = Unavailable(f"{request.shown}: not reached ({type(error).__name__})")
        except ValueError as error:
            lost = Unavailable(f"{request.shown}: not an address ({type(error).__name__})")
        except (aiohttp.ClientError, TimeoutError, OSError, _TooLarge) as error:
            why = f"{request.shown}: the answer was lost ({type(error).__name__.strip('_')})"
            lost = OutcomeUnknown(why) if wrote else Unavailable(why)
        # Outside the handler: an exception of the client carries the address with its query.
        self._over(request, lost.__class__.__name__)
        raise lost

    async def _over_the_wire(self, request: HttpRequest, *, wrote: bool) -> HttpAnswer:
        async with self._session(fresh=wrote).request(
            request.method,
            URL(request.url, encoded=True),
            headers=dict(request.headers),
            data=request.body or None,
            allow_redirects=False,
        ) as response:
            body = await _bounded(response.content, self._most_bytes)
            self._over(request, str(response.status))
            return HttpAnswer(
                status=response.status,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=body,
                request=request.shown,
                wrote=wrote,
            )

    def _over(self, request: HttpRequest, outcome: str) -> None:
        _log.info("%s %s", request.shown, outcome)
        self._context.called()

    def _session(self, *, fresh: bool) -> aiohttp.ClientSession:
        """Hand-overs use a new connection each: one the platform has just closed loses answers."""
        if fresh not in self._sessions:
            self._sessions[fresh] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=fresh, limit=4),
                timeout=aiohttp.ClientTimeout(
                    total=None, sock_connect=min(10.0, self._context.patience.total_seconds())
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=True,
                trust_env=False,
            )
            # By itself aiohttp sends a PUT or a DELETE again when its answer is lost (invariant 3);
            # its own test client turns that off in the same way.
            self._sessions[fresh]._retry_connection = not fresh  # noqa: SLF001
        return self._sessions[fresh]


class _TooLarge(Exception):
    """An answer beyond what one may be."""


async def _bounded(stream: aiohttp.StreamReader, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_any():
        size += len(chunk)
        if size > most:
            raise _TooLarge
        chunks.append(chunk)
    return b"".join(chunks)
