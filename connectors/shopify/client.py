"""The calls to Shopify's Admin API, and nothing else."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from pydantic import SecretStr

from connectors.contract import InboxContext, Json
from connectors.errors import AuthExpired
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.pace import Limits
from connectors.request import Authoriser
from connectors.shopify.answers import Problem, judge, pace, problems_of, version_note
from connectors.shopify.config import Config
from connectors.shopify.queries import SCOPES
from connectors.tokens import KeyAuth, Token, TokenAuth, TokenSource

TOKEN_HEADER: Final = "X-Shopify-Access-Token"  # noqa: S105 - a header's name
TOKEN_PATH: Final = "/admin/oauth/access_token"  # noqa: S105 - a path
USUAL_LIFE: Final = timedelta(hours=24)
"""Of a token from the client credentials grant, where the answer does not say."""

_log = logging.getLogger("threadline.connectors.shopify")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The data of one answer, and which parts of it were refused."""

    data: Fields
    problems: tuple[Problem, ...] = ()

    def refused(self, top: str, leaf: str) -> Problem | None:
        """Why `top`, or `leaf` somewhere below it, is not told; None where nothing was refused."""
        whole = self.data.value.get(top) is None
        return next(
            (one for one in self.problems if whole or one.field.split(".")[-1] == leaf), None
        )


@dataclass(slots=True)
class AdminApi:
    """One shop's Admin API. Raises `connectors.errors` classes only.

    `note` is what the newest answer said about the API's version, None where all is well.
    """

    config: Config
    context: InboxContext
    note: str | None = None
    _http: MarketHttp = field(init=False, repr=False)
    _grants: MarketHttp = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._grants = MarketHttp(self.config.api_url, self.context)
        self._http = MarketHttp(
            self.config.api_url,
            self.context,
            auth=self._auth(self.config.admin_token),
            limits=Limits(per_second=4, burst=8),
            judge=judge,
            pace=pace,
        )

    async def ask(self, query: str, variables: Mapping[str, Json] | None = None) -> Told:
        """Put one query. Refused parts are in the answer's problems; the rest raises."""
        version = self.config.api_version
        answer = await self._http.query(
            f"/admin/api/{version}/graphql.json",
            json={"query": query, "variables": dict(variables or {})},
        )
        self._heed(version_note(answer, version))
        told = Fields(answer.object())
        return Told(data=told.inner("data"), problems=problems_of(told))

    async def scopes(self) -> frozenset[str]:
        """What the app may see."""
        told = await self.ask(SCOPES)
        granted = told.data.inner("currentAppInstallation").each("accessScopes")
        return frozenset(one.text("handle", default="") for one in granted)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()
        await self._grants.close()

    def _auth(self, admin_token: SecretStr | None) -> Authoriser:
        if admin_token is not None:
            return KeyAuth({TOKEN_HEADER: admin_token})
        source = TokenSource(self._grant, self.context, name="shopify")
        return TokenAuth(source, header=TOKEN_HEADER, scheme="")

    async def _grant(self, _refresh: str | None) -> Token:
        """A token by the client credentials grant: for the seller's own app in their own shop."""
        secret = self.config.client_secret
        form = {
            "grant_type": "client_credentials",
            "client_id": self.config.client_id,
            "client_secret": secret.get_secret_value() if secret else "",
        }
        told = Fields((await self._grants.query(TOKEN_PATH, form=form)).object())
        access = told.text("access_token", default="")
        if not access:
            raise AuthExpired("Shopify gave no access token for client_id and client_secret")
        lives = told.number("expires_in", default=int(USUAL_LIFE.total_seconds()))
        return Token(access=access, lives=timedelta(seconds=max(lives, 60)))

    def _heed(self, note: str | None) -> None:
        if note is not None and note != self.note:
            _log.warning("shopify: %s", note)
        self.note = note
