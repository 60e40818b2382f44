"""Files fetched from addresses that stand in a platform's messages.

Such an address is somebody else's words: only https, only hosts the channel names, only machines
on the public internet, no redirect, no credentials, and no more bytes than asked for. The inbox's
own `base_url` is trusted as the seller wrote it.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override
from yarl import URL

from connectors.contract import File, InboxContext
from connectors.errors import ConnectorError, Rejected, Unavailable
from connectors.traces import leads_to

MOST_BYTES: Final = 10 * 1024 * 1024
OK: Final = 200
_log = logging.getLogger("threadline.connectors.download")


class PrivateAddress(OSError):
    """A name that leads to a machine of our own network."""


class PublicResolver(AbstractResolver):
    """Names to addresses, refusing every address that is not on the public internet.

    The address that was checked is the one that is connected to, so a name that answers
    differently the second time gains nothing.
    """

    def __init__(self, inner: AbstractResolver) -> None:
        self._inner = inner

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not found or not all(is_public(one["host"]) for one in found):
            raise PrivateAddress("not on the public internet")
        return found

    @override
    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, also when one is wrapped in another (IPv6)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            wrapped = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if wrapped is not None:
            return is_public(str(wrapped))
    special = any(found.version == net.version and found in net for net in _SPECIAL)
    return found.is_global and not found.is_multicast and not special


_SPECIAL: Final = tuple(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "100.64.0.0/10"))
"""RFC 6890 and 6598: not everybody's, whatever the running version of Python says of them."""

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in the last 32 bits."""


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
    ours = bool(base_url) and _origin(url) == _origin(base_url)
    if not ours and not (url.startswith("https://") and leads_to(url, hosts)):
        raise Rejected("the file is not where this channel keeps files")
    names = resolver or aiohttp.ThreadedResolver()
    lost: ConnectorError
    try:
        async with (
            asyncio.timeout(context.patience.total_seconds()),
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=names if ours else PublicResolver(names), force_close=True
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            ) as session,
            session.get(URL(url, encoded=True), allow_redirects=False) as answer,
        ):
            if answer.status == OK:
                content = await _bounded(answer.content, most_bytes)
                return File(
                    name=name or url.rpartition("/")[2].partition("?")[0],
                    media_type=answer.content_type,
                    content=content,
                )
            lost = Unavailable(f"the file could not be fetched (status {answer.status})")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        lost = Unavailable(f"the file could not be fetched ({type(error).__name__})")
    # Outside the handler: an exception of the client carries the address with its query.
    _log.info("a file could not be fetched")
    raise lost


async def _bounded(stream: aiohttp.StreamReader, most: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in stream.iter_any():
        size += len(chunk)
        if size > most:
            raise Rejected(f"the file is larger than {most:,} bytes")
        chunks.append(chunk)
    return b"".join(chunks)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        origin = parts.scheme, parts.hostname, parts.port
    except ValueError:
        return "", None, None
    return origin
