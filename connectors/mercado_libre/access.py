"""Access for one account: an access token of six hours, and a refresh token that is good once."""

from datetime import timedelta
from typing import Final

from connectors.answer import HttpAnswer
from connectors.contract import InboxContext
from connectors.errors import AuthExpired, ConnectorError, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.mercado_libre.config import Config
from connectors.tokens import Token, TokenSource

SHORTEST: Final = 600
"""Seconds a token is taken to live where the answer does not say; it is six hours."""

_WORDS: Final = {
    "invalid_client": "app_id or app_secret is wrong",
    "invalid_grant": "the refresh token was used, revoked or is too old: authorise the application again",
    "unauthorized_client": "the application may not refresh: give it the offline access scope",
}


class Access:
    """Exchanges refresh tokens. The form holds the secrets: neither it nor an answer is shown."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._http = MarketHttp(config.base_url, context, judge=_refusal)
        self.source = TokenSource(self._grant, context, refresh=config.refresh_token)

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    async def _grant(self, refresh: str | None) -> Token:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._config.app_id,
            "client_secret": self._config.app_secret.get_secret_value(),
            "refresh_token": refresh or "",
        }
        raw = Fields((await self._http.query("/oauth/token", form=form)).object())
        access = raw.text("access_token", default="")
        if not access:
            raise Unavailable("Mercado Libre's answer holds no access token")
        if raw.id("user_id", default=self._config.seller_id) != self._config.seller_id:
            raise AuthExpired("the refresh token belongs to another account than seller_id")
        seconds = max(raw.number("expires_in", default=SHORTEST), 0)
        return Token(
            access=access,
            lives=timedelta(seconds=seconds),
            refresh=raw.text("refresh_token", default="") or None,
        )


def _refusal(answer: HttpAnswer) -> ConnectorError | None:
    word = answer.object_or_empty().get("error")
    if isinstance(word, str) and word in _WORDS:
        return AuthExpired(f"Mercado Libre does not renew our access: {_WORDS[word]}")
    return None
