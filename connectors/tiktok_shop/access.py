"""The shop's consent, kept alive: an access token of a week, and a refresh token that changes."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from connectors.answer import HttpAnswer
from connectors.contract import InboxContext
from connectors.errors import AuthExpired, ConnectorError, RateLimited, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.pace import retry_after
from connectors.pages import kept_instant
from connectors.tiktok_shop.config import Config
from connectors.tiktok_shop.refusals import FAILED, TOO_FAST, code_of
from connectors.tokens import Token, TokenSource

WARN_BEFORE: Final = timedelta(days=30)
"""TikTok itself warns from so long before the consent ends (webhook 7)."""

_UNTIL: Final = "consent_until"


class Access:
    """Exchanges the seller's code or refresh token. App and secret are in the query: never shown."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        self._config = config
        self._context = context
        self._http = MarketHttp(config.auth_url, context, judge=self._judge)
        self.source = TokenSource(
            self._grant, context, refresh=config.refresh_token, name=_name(config)
        )

    async def ends_at(self) -> datetime | None:
        """When the shop's consent ends, as far as TikTok has said so."""
        return kept_instant(await self._context.keep.get(_UNTIL))

    async def close(self) -> None:
        """Close the connection."""
        await self._http.close()

    async def _grant(self, refresh: str | None) -> Token:
        code = self._config.auth_code
        if refresh is not None:
            path, secret = "refresh", {"refresh_token": refresh, "grant_type": "refresh_token"}
        elif code is not None:
            path = "get"
            secret = {"auth_code": code.get_secret_value(), "grant_type": "authorized_code"}
        else:
            raise AuthExpired("neither auth_code nor refresh_token is set")
        params = {
            "app_key": self._config.app_key.get_secret_value(),
            "app_secret": self._config.app_secret.get_secret_value(),
            **secret,
        }
        answer = await self._http.get(f"/api/v2/token/{path}", params=params)
        data = Fields(answer.object()).inner("data")
        return await self._kept(data)

    async def _kept(self, data: Fields) -> Token:
        """Both ends are instants, not durations."""
        access, until = data.text("access_token", default=""), "access_token_expire_in"
        ends = data.instant_or_none(until)
        if not access or ends is None:
            raise Unavailable("TikTok's answer holds no access token")
        consent = data.number("refresh_token_expire_in", default=0)
        if consent:
            await self._context.keep.put(_UNTIL, str(consent))
        return Token(
            access=access,
            lives=max(ends - self._context.now(), timedelta()),
            refresh=data.text("refresh_token", default="") or None,
        )

    def _judge(self, answer: HttpAnswer) -> ConnectorError | None:
        code = code_of(answer)
        if code in {None, 0}:
            return None
        said = f"{answer.request}: TikTok says {code}"
        if code == TOO_FAST:
            return RateLimited(retry_after(answer.headers, self._context.now()))
        if code in FAILED:
            return Unavailable(said)
        return AuthExpired(f"{said}: authorise the app again and set auth_code")


def _name(config: Config) -> str:
    """A new code begins a new line of tokens; the settings' refresh token is told apart already."""
    if config.auth_code is None:
        return "token"
    digest = hashlib.sha256(config.auth_code.get_secret_value().encode()).hexdigest()
    return f"code-{digest[:12]}"
