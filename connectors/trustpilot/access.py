"""Trustpilot's tokens: the application's own right, fetched anew when they end."""

import base64
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from connectors.answer import HttpAnswer, refusal_in_words
from connectors.contract import InboxContext
from connectors.errors import ConnectorError, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.tokens import KeyAuth, Token, TokenSource
from connectors.trustpilot.config import Config

TOKENS: Final = "/v1/oauth/oauth-business-users-for-applications/accesstoken"

LIVES: Final = timedelta(hours=100)
"""An access token's life where the answer does not tell it (Trustpilot, authentication)."""


class Access:
    """Client credentials: there is no refresh token, the same request gives the next one."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        pair = f"{config.api_key.get_secret_value()}:{config.api_secret.get_secret_value()}"
        basic = SecretStr(base64.b64encode(pair.encode()).decode())
        self._http = MarketHttp(
            config.base_url,
            context,
            auth=KeyAuth({"Authorization": basic}, scheme="Basic"),
            judge=refusal,
        )
        self.source = TokenSource(self._grant, context)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _grant(self, _refresh: str | None) -> Token:
        answer = await self._http.query(TOKENS, form={"grant_type": "client_credentials"})
        found = Fields(answer.object())
        access = found.text("access_token", default="")
        if not access:
            raise Unavailable("Trustpilot answered without an access token")
        seconds = found.number("expires_in", default=0)
        return Token(access=access, lives=timedelta(seconds=seconds) if seconds > 0 else LIVES)


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Trustpilot's own words (`message`); the status says who may not, or too often."""
    return refusal_in_words(answer, "Trustpilot", answer.object_or_empty().get("message"))
