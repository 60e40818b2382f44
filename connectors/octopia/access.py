"""Octopia's tokens: the client's own, for two hours each, and who the seller is."""

from datetime import timedelta
from typing import Final

from typing_extensions import override

from connectors.contract import InboxContext
from connectors.errors import Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.octopia.config import Config
from connectors.octopia.refusal import refusal
from connectors.request import Authoriser, HttpRequest
from connectors.tokens import Token, TokenAuth, TokenSource

TOKENS: Final = "/auth/realms/maas/protocol/openid-connect/token"
LIVES: Final = 7200
"""Seconds a token lives where Octopia does not say (technical documentation: 2 h)."""


class Access(Authoriser):
    """A token, the seller's id and, where there is one, the subscription key, on every call."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._http = MarketHttp(config.auth_url, context, judge=refusal)
        self._token = TokenAuth(TokenSource(self._grant, context))

    @override
    async def authorise(self, request: HttpRequest) -> HttpRequest:
        headers = {"SellerId": self._config.seller_id}
        if self._config.subscription_key is not None:
            headers["Ocp-Apim-Subscription-Key"] = self._config.subscription_key.get_secret_value()
        return await self._token.authorise(request.with_headers(headers))

    @override
    def refused(self) -> bool:
        return self._token.refused()

    async def close(self) -> None:
        """Close the connection to the token service."""
        await self._http.close()

    async def _grant(self, _refresh: str | None) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret.get_secret_value(),
        }
        found = Fields((await self._http.query(TOKENS, form=form)).object())
        access = found.text("access_token", default="")
        if not access:
            raise Unavailable("Octopia's token service answered without a token")
        lives = timedelta(seconds=max(found.number("expires_in", default=LIVES), 1))
        return Token(access=access, lives=lives)
