"""Allegro's tokens: a device code once, and from then on refresh tokens that are good once."""

import base64
import hashlib
from datetime import timedelta
from http import HTTPStatus
from typing import Final

from pydantic import SecretStr

from connectors.allegro.config import Config
from connectors.answer import HttpAnswer
from connectors.contract import InboxContext
from connectors.errors import AuthExpired, ConnectorError, RateLimited, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.tokens import KeyAuth, Token, TokenSource

TOKENS: Final = "/auth/oauth/token"
DEVICE_GRANT: Final = "urn:ietf:params:oauth:grant-type:device_code"
"""RFC 8628, 3.4."""

ASK_AGAIN: Final = 5.0
"""Seconds between two questions about a device code (RFC 8628, 3.2; Allegro names the same)."""

_LIVES: Final = 12 * 3600
"""Seconds an access token lives where the answer does not say (Allegro, authorisation guide)."""

_AWAITED: Final = frozenset({"authorization_pending", "slow_down"})


class ConsentAwaited(RateLimited):
    """The seller has not yet confirmed the device code."""

    def __init__(self) -> None:
        super().__init__(ASK_AGAIN)
        self.args = ("the device code is not confirmed yet: open the address that came with it",)


class Access:
    """The seller's token source. `seller` renews it and keeps what the renewal gave."""

    def __init__(self, config: Config, context: InboxContext) -> None:
        pair = f"{config.client_id}:{config.client_secret.get_secret_value()}"
        basic = SecretStr(base64.b64encode(pair.encode()).decode())
        self._http = MarketHttp(
            config.auth_url,
            context,
            auth=KeyAuth({"Authorization": basic}, scheme="Basic"),
            judge=refused_consent,
        )
        self._device_code = config.device_code
        self.seller = TokenSource(
            self._grant, context, refresh=config.refresh_token, name=_name(config)
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _grant(self, refresh: str | None) -> Token:
        # A lost answer is asked for again: for 60 seconds after its first use a refresh token
        # still gives tokens (Allegro, news of 2 February 2021).
        form = {"grant_type": "refresh_token", "refresh_token": refresh or ""}
        if refresh is None and self._device_code is not None:
            code = self._device_code.get_secret_value()
            form = {"grant_type": DEVICE_GRANT, "device_code": code}
        return token_of(await self._http.query(TOKENS, form=form))


def token_of(answer: HttpAnswer) -> Token:
    """The tokens a consent or a renewal gave. Raises Unavailable where there is none."""
    found = Fields(answer.object())
    access = found.text("access_token", default="")
    if not access:
        raise Unavailable("Allegro's token service answered without a token")
    return Token(
        access=access,
        lives=timedelta(seconds=max(found.number("expires_in", default=_LIVES), 1)),
        refresh=found.text("refresh_token", default="") or None,
    )


def refused_consent(answer: HttpAnswer) -> ConnectorError | None:
    """What the token service's word means. Its description repeats the token: it is not shown."""
    if answer.status not in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED}:
        return None
    word = answer.object_or_empty().get("error")
    if word in _AWAITED:
        return ConsentAwaited()
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return AuthExpired("Allegro does not know this client_id with this client_secret")
    return AuthExpired("Allegro takes the consent no more: the seller has to give a new one")


def _name(config: Config) -> str:
    """Another device code is another consent, with tokens of its own."""
    if config.device_code is None:
        return "token"
    digest = hashlib.sha256(config.device_code.get_secret_value().encode()).hexdigest()
    return f"device-{digest[:12]}"
