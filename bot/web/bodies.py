"""Reading a request's body, as far as one may be."""

import asyncio
from typing import Final

from starlette.requests import Request

from bot.web.guard import BODY_LIMIT

BODY_SECONDS: Final = 5.0
"""Real seconds a caller may take to send its body."""


class TooSlow(Exception):
    """The body did not come in time."""


async def body_of(
    request: Request, limit: int = BODY_LIMIT, *, seconds: float = BODY_SECONDS
) -> bytes | None:
    """The body, or None as soon as it is longer than the limit, whatever its length header says.

    Raises:
        TooSlow: it did not come within `seconds` real seconds.
    """
    try:
        async with asyncio.timeout(seconds):
            return await _bounded(request, limit)
    except TimeoutError:
        raise TooSlow from None


async def _bounded(request: Request, limit: int) -> bytes | None:
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
