"""Where a fetch may go whose address is somebody else's words. Decides; fetches nothing.

The deny-list is our own: what `ipaddress` calls global differs between Python versions and takes
addresses that wrap another one (NAT64, 6to4, Teredo) at their face.
"""

import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from typing_extensions import override
from yarl import URL

from connectors.errors import Rejected

LONGEST: Final = 4_000
"""Characters of an address. Signed ones are long; longer than this none of them is."""

HTTPS_PORT: Final = 443

_NETS: Final = (
    # RFC 6890 and its updates (the IANA special-purpose registries), and multicast.
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
    "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4",
    "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
    "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
)  # fmt: skip

_DENIED: Final = tuple(map(ipaddress.ip_network, _NETS))
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
"""RFC 6052: an IPv4 address in the last 32 bits. The one wrapping that the internet itself uses."""

_HOST: Final = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?\.){1,9}[a-z]{2,63}"
)
_PLAIN: Final = re.compile(r"[!-~]+")
_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "::1")


class PrivateAddress(OSError):
    """A name that leads to a machine of our own network."""


def is_public(address: str) -> bool:
    """Whether an address is one of the internet's, also when one is wrapped in another (IPv6).

    Addresses of 6to4 (2002::/16) and Teredo are refused whole: nobody serves files from them.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return is_public(str(found.ipv4_mapped))
        if found in _NAT64:
            return is_public(str(ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)))
        if found.sixtofour is not None or found.teredo is not None:
            return False
    denied = any(found.version == net.version and found in net for net in _DENIED)
    return found.is_global and not denied


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


def destination(url: str, hosts: Sequence[str]) -> URL:
    """`url`, if it is plain https to one of `hosts` or below, on the usual port, and hides nothing.

    What two readers of addresses could understand in two ways is refused: other letters than
    ASCII's, blanks, backslashes, a name and password, a numeric host, a closing dot.

    Raises:
        Rejected: it is not.
    """
    if len(url) <= LONGEST and _PLAIN.fullmatch(url) and "\\" not in url:
        read = _read(url)
        if read is not None and any(_is_below(read.host or "", one) for one in hosts):
            return read
    raise Rejected("the file is not where this channel keeps files")


def _read(url: str) -> URL | None:
    try:
        parts, read = urlsplit(url), URL(url, encoded=True)
        same = (parts.hostname, parts.port or HTTPS_PORT) == (read.host, read.port)
        named = _HOST.fullmatch(parts.hostname or "") is not None
    except ValueError:
        return None
    bare = "@" not in parts.netloc and parts.scheme == read.scheme == "https"
    return read if same and named and bare and read.port == HTTPS_PORT else None


def _is_below(host: str, allowed: str) -> bool:
    return host == allowed or host.endswith(f".{allowed}")


def is_of(url: str, base_url: str) -> bool:
    """Whether `url` is on the very machine, scheme and port of an inbox's own `base_url`."""
    return bool(base_url) and _origin(url) is not None and _origin(url) == _origin(base_url)


def is_loopback(url: str) -> bool:
    """Whether the host is written as this very machine: the seller's own word for a test."""
    try:
        return (urlsplit(url).hostname or "") in _LOOPBACK_NAMES
    except ValueError:
        return False


def _origin(url: str) -> tuple[str, str | None, int | None] | None:
    if not _PLAIN.fullmatch(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        origin = parts.scheme, parts.hostname, parts.port
    except ValueError:
        return None
    return origin if "@" not in parts.netloc else None
