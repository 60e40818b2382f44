"""eBay's tokens: the seller's, renewed from the consent, and the application's own."""

import base64
from datetime import date, datetime, timedelta
from typing import Final

from pydantic import SecretStr

from connectors.contract import InboxContext
from connectors.ebay.config import Config
from connectors.ebay.refusal import refusal
from connectors.errors import Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.tokens import KeyAuth, Token, TokenSource

CONSENT_LIVES: Final = timedelta(days=540)
"""A refresh token lives eighteen months (eBay, OAuth guide); counted short, in thirty days each."""

CONSENT_ENDS_SOON: Final = timedelta(days=14)
CONSENT_ENDS: Final = timedelta(days=60)

_TOKENS: Final = "/identity/v1/oauth2/token"
_LIVES: Final = 7200
"""Seconds an access token lives where eBay does not say (eBay, OAuth guide)."""

_PUBLIC: Final = "https://api.ebay.com/oauth/api_scope"


class Access:
    """`seller` acts for the seller, `application` for nobody: it may fetch public keys."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        pair = f"{config.client_id}:{config.client_secret.get_secret_value()}"
        basic = SecretStr(base64.b64encode(pair.encode()).decode())
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=KeyAuth({"Authorization": basic}, scheme="Basic"),
            judge=refusal,
        )
        self.seller = TokenSource(self._renewed, context, refresh=config.refresh_token)
        self.application = TokenSource(self._own, context, name="application")

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _renewed(self, refresh: str | None) -> Token:
        return await self._grant({"grant_type": "refresh_token", "refresh_token": refresh or ""})

    async def _own(self, _refresh: str | None) -> Token:
        return await self._grant({"grant_type": "client_credentials", "scope": _PUBLIC})

    async def _grant(self, form: dict[str, str]) -> Token:
        found = Fields((await self._http.query(_TOKENS, form=form)).object())
        access = found.text("access_token", default="")
        if not access:
            raise Unavailable("eBay's token service answered without a token")
        lives = timedelta(seconds=max(found.number("expires_in", default=_LIVES), 1))
        return Token(access=access, lives=lives)


def consent_left(consented_on: date | None, now: datetime) -> timedelta | None:
    """How long the seller's consent still lives; None where its day is not told."""
    if consented_on is None:
        return None
    began = datetime(consented_on.year, consented_on.month, consented_on.day, tzinfo=now.tzinfo)
    return began + CONSENT_LIVES - now
