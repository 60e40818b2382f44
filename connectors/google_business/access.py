"""Google's tokens: an hour each, renewed from the user's consent (scope business.manage)."""

from datetime import timedelta
from typing import Final

from connectors.answer import HttpAnswer, refusal_in_words
from connectors.contract import InboxContext
from connectors.errors import ConnectorError, Unavailable
from connectors.fields import Fields
from connectors.google_business.config import Config
from connectors.http import MarketHttp
from connectors.tokens import Token, TokenSource

LIVES: Final = timedelta(hours=1)
"""An access token's life where the answer does not tell it (Google, OAuth 2.0)."""


class Access:
    """Google keeps the refresh token as it is; a withdrawn one answers `invalid_grant`."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._http = MarketHttp(config.oauth_url, context, judge=refusal)
        self.source = TokenSource(self._grant, context, refresh=config.refresh_token)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _grant(self, refresh: str | None) -> Token:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": refresh or "",
            "client_id": self._config.client_id,
            "client_secret": self._config.client_secret.get_secret_value(),
        }
        found = Fields((await self._http.query("/token", form=form)).object())
        access = found.text("access_token", default="")
        if not access:
            raise Unavailable("Google answered without an access token")
        seconds = found.number("expires_in", default=0)
        return Token(access=access, lives=timedelta(seconds=seconds) if seconds > 0 else LIVES)


def refusal(answer: HttpAnswer) -> ConnectorError | None:
    """A refusal in Google's own words: `error.message`, or the one word of the token service."""
    error = answer.object_or_empty().get("error")
    words = error.get("message") if isinstance(error, dict) else error
    return refusal_in_words(answer, "Google", words)
