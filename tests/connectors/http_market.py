"""A platform with a few odd calls, and a client of it on virtual time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from aiohttp import web

from connectors.contract import InboxContext
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.base import FakeMarket, Route, reads, writes


class OddMarket(FakeMarket):
    """`status` is the answer to everything until `fails_left` is used up (None: always)."""

    status = 200
    fails_left: int | None = None
    headers: Mapping[str, str] = MappingProxyType({})
    body = b'{"ok": true}'
    wanted_token = "token-1"

    def routes(self) -> Sequence[Route]:
        return (
            reads("GET", "/things", self.thing),
            reads("POST", "/search", self.thing),
            reads("GET", "/echo/{rest:.*}", self.echo, open=True),
            reads("POST", "/echo/{rest:.*}", self.echo, open=True),
            reads("GET", "/elsewhere", self.elsewhere, open=True),
            reads("GET", "/slow", self.slow, open=True),
            writes("POST", "/things", self.thing),
        )

    def knows(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "") in {"", f"Bearer {self.wanted_token}"}

    async def thing(self, _request: web.Request) -> web.Response:
        failing = self.fails_left is None or self.fails_left > 0
        if self.fails_left:
            self.fails_left -= 1
        status = self.status if failing else 200
        return web.Response(status=status, body=self.body, headers=self.headers)

    async def echo(self, request: web.Request) -> web.Response:
        """What arrived, byte by byte."""
        body = await request.read()
        return web.json_response(
            {"path": request.raw_path, "body": body.decode(), "headers": dict(request.headers)}
        )

    async def elsewhere(self, request: web.Request) -> web.Response:
        raise web.HTTPFound("/things")

    async def slow(self, _request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()


@asynccontextmanager
async def odd_market() -> AsyncIterator[tuple[OddMarket, VirtualTime]]:
    time = VirtualTime()
    async with OddMarket(time.now) as market:
        yield market, time


@asynccontextmanager
async def client(
    base_url: str,
    time: VirtualTime,
    *,
    patience: float = 20,
    jitter: Callable[[], float] = lambda: 0.5,
    **options: Any,
) -> AsyncIterator[MarketHttp]:
    http = MarketHttp(
        base_url,
        context_on(time, patience=patience),
        jitter=jitter,
        **{"limits": Limits(per_second=1000, burst=1000), **options},
    )
    try:
        yield http
    finally:
        await http.close()


def context_on(time: VirtualTime, *, patience: float = 20, **changes: Any) -> InboxContext:
    return InboxContext(
        inbox="test",
        instance_key=b"k" * 32,
        now=time.now,
        sleep=time.sleep,
        patience=timedelta(seconds=patience),
        **changes,
    )
