"""Feedaty's tokens: one for the asking, exchanged for another that the secret vouches for."""

import base64
import hashlib
from datetime import timedelta
from typing import Final

from connectors.contract import InboxContext
from connectors.errors import AuthExpired, Unavailable
from connectors.feedaty.config import Config
from connectors.feedaty.refusal import refusal
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.tokens import Token, TokenSource

LIVES: Final = timedelta(minutes=30)
"""How long a token is used; how long it lives is not documented, and a refused one is renewed."""


class Access:
    """`tokens` are those of one merchant."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._http = MarketHttp(config.base_url, context, judge=refusal)
        self.tokens = TokenSource(self._grant, context)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _grant(self, _refresh: str | None) -> Token:
        asked = Fields((await self._http.get("/OAuth/RequestToken")).object())
        request_token = asked.text("RequestToken", default="")
        if not request_token:
            raise Unavailable("Feedaty answered without a request token")
        secret = self._config.client_secret.get_secret_value()
        answer = await self._http.query(
            "/OAuth/AccessToken",
            form={"oauth_token": request_token, "grant_type": "authorization"},
            headers={
                "Authorization": f"Basic {proof(self._config.merchant_code, request_token, secret)}"
            },
        )
        access = Fields(answer.object()).text("AccessToken", default="")
        if not access:
            raise AuthExpired("Feedaty gave no token: are code and secret right, and the API on?")
        return Token(access=access, lives=LIVES)


def proof(merchant_code: str, request_token: str, secret: str) -> str:
    """The merchant's code, and the SHA-1 of request token and secret, as Feedaty's modules send."""
    digest = hashlib.sha1(f"{request_token}{secret}".encode(), usedforsecurity=False).hexdigest()
    return base64.b64encode(f"{merchant_code}:{digest}".encode()).decode()
