"""Doors that open to a token: compared in constant time, and with only so many tries a minute."""

import hashlib
import hmac
import ipaddress
from collections import Counter
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr
from starlette.requests import Request

MINUTE: Final = 60.0

SOURCES: Final = 10_000
"""Addresses that are counted apart in one minute; whoever comes after them shares one budget."""

_BEARER: Final = "bearer "
_LONGEST_ADDRESS: Final = 64


@dataclass(frozen=True, slots=True, repr=False)
class AccessToken:
    """A secret of the environment that opens one door. Never shows it."""

    secret: SecretStr

    def opens_with(self, given: str) -> bool:
        """Whether `given` is the token."""
        return _same(given, self.secret.get_secret_value())

    def mark(self, purpose: str) -> str:
        """What a cookie holds instead of the token: good for one purpose, and until it changes."""
        key = self.secret.get_secret_value().encode()
        return hmac.new(key, f"threadline {purpose} v1".encode(), hashlib.sha256).hexdigest()

    def marked_with(self, given: str, purpose: str) -> bool:
        """Whether `given` is that mark."""
        return _same(given, self.mark(purpose))


def access_token(secret: SecretStr | None) -> AccessToken | None:
    """The token of a door, None where there is none: an empty variable opens nothing."""
    return AccessToken(secret) if secret is not None and secret.get_secret_value() else None


def bearer_of(request: Request) -> str | None:
    """What stands in `Authorization: Bearer …`, None where that is missing."""
    header = request.headers.get("authorization", "")
    if header[: len(_BEARER)].casefold() != _BEARER:
        return None
    return header[len(_BEARER) :].strip()


class Budget:
    """So many requests a minute for each source. `now` is real seconds of `Clock.monotonic`."""

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._minute = 0.0
        self._spent: Counter[str] = Counter()

    def wait(self, source: str, now: float) -> int:
        """Count one request; whole seconds it has to wait instead, 0 where it may pass."""
        if now - self._minute >= MINUTE:
            self._minute = now
            self._spent.clear()
        if source not in self._spent and len(self._spent) >= SOURCES:
            source = ""
        self._spent[source] += 1
        if self._spent[source] <= self._a_minute:
            return 0
        return max(1, round(self._minute + MINUTE - now))

    def is_spent(self, source: str, now: float) -> bool:
        """Whether the next request has to wait. Counts nothing."""
        return now - self._minute < MINUTE and self._spent[source] >= self._a_minute


def source_of(request: Request) -> str:
    """Where a request comes from: an address, or the network of an IPv6 one.

    Behind a proxy that is not trusted it is the proxy's own. Whoever has one IPv6 address has a
    whole /64 of them (RFC 6177), so these count as one.
    """
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host[:_LONGEST_ADDRESS])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(address) >> 64 << 64, 64)))


def _same(given: str, kept: str) -> bool:
    return hmac.compare_digest(
        given.encode("utf-8", "surrogatepass"), kept.encode("utf-8", "surrogatepass")
    )
