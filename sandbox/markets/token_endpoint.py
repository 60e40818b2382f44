"""A mail provider's token endpoint (RFC 6749, 6): refresh tokens are good once."""

from collections.abc import Callable
from datetime import datetime

from aiohttp import web
from typing_extensions import override

from sandbox.mail.xoauth2 import Tokens
from sandbox.markets.base import FakeMarket, Route

LIFE = 3600
CLIENT = ("client-1", "client-secret-" + "9b2f" * 5)


class TokenEndpoint(FakeMarket):
    """Gives access tokens for `account`, and with each a new refresh token in place of the old."""

    def __init__(self, now: Callable[[], datetime], *, tokens: Tokens, account: str) -> None:
        super().__init__(now)
        self._tokens = tokens
        self._account = account
        self.refresh = "refresh-0"
        self.given = 0
        self.rotates = True
        self.revoked = False
        self.forms: list[dict[str, str]] = []

    @override
    def routes(self) -> tuple[Route, ...]:
        return (Route(method="POST", path="/token", handler=self.grant, open=True),)

    async def grant(self, request: web.Request) -> web.Response:
        """RFC 6749, 6: form in, token out; refusals are a word in `error`."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        if (form.get("client_id"), form.get("client_secret")) != CLIENT:
            return web.json_response({"error": "invalid_client"}, status=401)
        if form.get("grant_type") == "client_credentials":
            return web.json_response(self._token())
        if form.get("grant_type") != "refresh_token":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if self.revoked or form.get("refresh_token") != self.refresh:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if not self.rotates:
            return web.json_response(self._token())
        self.refresh = f"refresh-{self.given + 1}"
        return web.json_response({**self._token(), "refresh_token": self.refresh})

    def _token(self) -> dict[str, object]:
        self.given += 1
        token = f"access-{self.given}"
        self._tokens.good[self._account] = token
        return {"access_token": token, "expires_in": LIFE, "token_type": "Bearer"}
