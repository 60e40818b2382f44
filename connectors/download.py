"""Files fetched from addresses that stand in a platform's messages.

Such an address is somebody else's words: only https, only hosts the channel names, only machines
on the public internet, no redirect, no credentials, nothing unpacked, and no more bytes than asked
for. The inbox's own `base_url` is trusted as the seller wrote it, and leads to this machine only
where it says so itself.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from connectors.contract import File, InboxContext
from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.outbound import PublicResolver, destination, is_loopback, is_of

MOST_BYTES: Final = 10 * 1024 * 1024
OK: Final = 200
_AS_IT_IS: Final = {"Accept-Encoding": "identity"}
"""Without it a few bytes could be told to become very many."""

_log = logging.getLogger("threadline.connectors.download")


async def download(
    url: str,
    context: InboxContext,
    *,
    hosts: Sequence[str],
    base_url: str = "",
    name: str = "",
    most_bytes: int = MOST_BYTES,
    resolver: AbstractResolver | None = None,
) -> File:
    """The file at `url`, which must be on one of `hosts` (or below), or at `base_url`.

    Raises:
        Rejected: the address is not one of those, or the file is too large.
        Unavailable: it could not be fetched.
    """
    place = URL(url, encoded=True) if is_of(url, base_url) else destination(url, hosts)
    names = resolver or aiohttp.ThreadedResolver()
    if not (is_of(url, base_url) and is_loopback(base_url)):
        names = PublicResolver(names)
    lost: ConnectorError
    try:
        async with (
            asyncio.timeout(context.patience.total_seconds()),
            _session(names) as session,
            session.get(place, allow_redirects=False, headers=_AS_IT_IS) as answer,
        ):
            if answer.headers.get("Content-Encoding", "identity").lower() != "identity":
                lost = Unavailable("the file came packed, which was not asked for")
            elif answer.status == OK:
                content = await _bounded(answer.content, most_bytes)
                return File(
                    name=name or url.rpartition("/")[2].partition("?")[0],
                    media_type=answer.content_type,
                    content=content,
                )
            else:
                lost = Unavailable(f"the file could not be fetched (status {answer.status})")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        lost = Unavailable(f"the file could not be fetched ({type(error).__name__})")
    # Outside the handler: an exception of the client carries the address with its query.
    _log.info("a file could not be fetched")
    raise lost


def _session(resolver: AbstractResolver) -> aiohttp.ClientSession:
    """Remembers nothing, unpacks nothing, goes through no proxy that the environment names."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=resolver, force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )


async def _bounded(stream: aiohttp.StreamReader, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_any():
        size += len(chunk)
        if size > most:
            raise Rejected(f"the file is larger than {most:,} bytes")
        chunks.append(chunk)
    return b"".join(chunks)
