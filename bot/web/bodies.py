"""Reading a request's body, as far as one may be."""

from starlette.requests import Request

from bot.web.guard import BODY_LIMIT


async def body_of(request: Request, limit: int = BODY_LIMIT) -> bytes | None:
    """The body, or None as soon as it is longer than the limit, whatever its length header says."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
    return b"".join(chunks)
