"""A Slack that takes everything at once, in a process of its own: its work is not counted as ours."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web

_PATIENCE = 60.0


@contextmanager
def slack_that_takes() -> Iterator[str]:
    """Its address, for the length of the block."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        if not ours.poll(_PATIENCE):
            raise TimeoutError("the workspace does not answer")
        yield f"http://127.0.0.1:{ours.recv()}/api/"
    finally:
        ours.send(None)
        process.join(timeout=_PATIENCE)


def _serve(pipe: "Connection[int, None]") -> None:
    asyncio.run(_answer(pipe))


async def _answer(pipe: "Connection[int, None]") -> None:
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
