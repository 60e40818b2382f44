"""A server with some doors on this machine, and what comes back from it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from starlette.routing import Route

from bot.web.app import Probes, build_web
from bot.web.server import listen, serve_web


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """One answer, redirects not followed."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


Get = Callable[..., Awaitable[Got]]


async def _checks() -> Mapping[str, str | None]:
    return {}


async def _numbers() -> bytes:
    return b""


@asynccontextmanager
async def an_address(doors: Sequence[Route], *, port: int = 0) -> AsyncIterator[str]:
    """The address of a server with these doors; port 0 is any free one."""
    listener = listen("127.0.0.1", port)
    probes = Probes(loop_lag=lambda: 0.0, ready=_checks, metrics=_numbers)
    serving = asyncio.create_task(serve_web(build_web(probes, doors=doors), listener))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def a_visitor(doors: Sequence[Route]) -> AsyncIterator[Get]:
    """Somebody who asks such a server, and keeps no cookies unless given."""
    async with (
        an_address(doors) as url,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):

        async def get(path: str, **headers: str) -> Got:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with session.get(url + path, headers=named, allow_redirects=False) as answer:
                text = await answer.text()
                return Got(status=answer.status, headers=answer.headers, text=text)

        yield get
