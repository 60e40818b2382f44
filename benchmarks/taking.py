"""A Slack that takes everything at once."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from aiohttp import web

from benchmarks.apart import Pipe, answer, apart


@contextmanager
def slack_that_takes() -> Iterator[str]:
    """Its address, for the length of the block."""
    with apart(_take_all) as pipe:
        yield f"http://127.0.0.1:{answer(pipe)}/api/"


async def _take_all(pipe: Pipe) -> None:
    posts = count(1)

    async def take(request: web.Request) -> web.Response:
        ts = f"1773133200.{next(posts):06d}"
        channel = "C0AMAZON"
        said: dict[str, Any] = {"ok": True, "ts": ts, "channel": channel}
        if request.match_info["method"] == "chat.getPermalink":
            said["permalink"] = f"https://bench.slack.example/archives/{channel}/p{next(posts)}"
        return web.json_response(said)

    application = web.Application()
    application.router.add_route("*", "/api/{method}", take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    pipe.send(runner.addresses[0][1])
    await asyncio.to_thread(pipe.recv)
    await runner.cleanup()
