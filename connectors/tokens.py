"""Access to a platform: fixed keys, and tokens that expire and are fetched anew.

A platform that exchanges refresh tokens gives a new one with every access token and forgets the
old; it is stored (`InboxContext.keep`) before the access token is used, or a restart would lock
the seller out.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from pydantic import SecretStr
from typing_extensions import override

from connectors.contract import InboxContext
from connectors.errors import AuthExpired, Rejected
from connectors.request import Authoriser, HttpRequest

LIFE_USED: Final = 0.8
"""The part of a token's life after which it is fetched anew, so that none expires in flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and how long it lives. `refresh` is None where the old one stays valid."""

    access: str = field(repr=False)
    lives: timedelta
    refresh: str | None = field(default=None, repr=False)


Grant = Callable[[str | None], Awaitable[Token]]
"""Asks the platform for a token, given the newest refresh token (None: the client's own right).
Raises AuthExpired when the platform refuses for good, Unavailable when it cannot be asked."""


class TokenSource:
    """The access token of one inbox; many callers share one exchange.

    `refresh` is the refresh token of the settings. What a platform exchanged it for is kept until
    the settings name another one. `name` tells sources of one inbox apart.
    """

    def __init__(
        self,
        grant: Grant,
        context: InboxContext,
        *,
        refresh: SecretStr | None = None,
        name: str = "token",
    ) -> None:
        self._grant = grant
        self._context = context
        self._first = refresh.get_secret_value() if refresh else None
        self._key = f"{name}:{_fingerprint(self._first or '')}"
        self._lock = asyncio.Lock()
        self._refresh: str | None = None
        self._access: str | None = None
        self._until: datetime | None = None

    async def token(self) -> str:
        """A token that is good for a while yet. Raises AuthExpired or Unavailable."""
        async with self._lock:
            if self._access is None or self._until is None or self._context.now() >= self._until:
                await self._exchange()
            if self._access is None:
                raise AuthExpired("the platform gave no access token")
            return self._access

    def expire(self) -> None:
        """The platform refused the token: the next caller gets another."""
        self._access = None

    async def _exchange(self) -> None:
        if self._refresh is None:
            self._refresh = await self._context.keep.get(self._key) or self._first
        try:
            token = await self._grant(self._refresh)
        except Rejected as error:  # "invalid_grant" is a 400 (RFC 6749, 5.2)
            raise AuthExpired(f"the platform does not renew our access: {error.reason}") from error
        if token.refresh is not None and token.refresh != self._refresh:
            await self._context.keep.put(self._key, token.refresh)
            self._refresh = token.refresh
        self._access = token.access
        self._until = self._context.now() + token.lives * LIFE_USED


class TokenAuth(Authoriser):
    """A token of `source` in a header: `Authorization: Bearer …` unless said otherwise."""

    def __init__(
        self, source: TokenSource, *, header: str = "Authorization", scheme: str = "Bearer"
    ) -> None:
        self._source = source
        self._header = header
        self._scheme = scheme

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        token = await self._source.token()
        return request.with_headers({self._header: f"{self._scheme} {token}".strip()})

    @override
    def refused(self) -> bool:
        self._source.expire()
        return True


class KeyAuth(Authoriser):
    """Fixed secrets in headers, such as an operator's key; `scheme` goes before each value."""

    def __init__(self, headers: Mapping[str, SecretStr], *, scheme: str = "") -> None:
        self._headers = dict(headers)
        self._scheme = scheme

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        return request.with_headers(
            {
                name: f"{self._scheme} {secret.get_secret_value()}".strip()
                for name, secret in self._headers.items()
            }
        )

    @override
    def refused(self) -> bool:
        return False


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:12]
