"""Log-in with tokens instead of passwords (OAuth 2.0), as Google and Microsoft want it for mail.

The refresh token of the settings is exchanged for access tokens; a new refresh token that comes
with one is kept before it is used (RFC 6749, 6).
"""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.answer import HttpAnswer
from connectors.contract import InboxContext
from connectors.errors import AuthExpired, ConnectorError, Malformed, Unavailable
from connectors.fields import Fields
from connectors.http import MarketHttp
from connectors.tokens import Token, TokenSource

TOKEN_URLS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "google": "https://oauth2.googleapis.com/token",
        "microsoft": "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    }
)
"""Where tokens are exchanged: Google's and Microsoft's documentation of OAuth 2.0."""

MICROSOFT_SCOPE: Final = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send"
    " offline_access"
)
MICROSOFT_APP_SCOPE: Final = "https://outlook.office365.com/.default"
"""For an application without a person: Microsoft wants all it was granted, by this one name."""

_USUAL_LIFE: Final = 3600
_FOR_GOOD: Final = frozenset(
    {"invalid_grant", "invalid_client", "unauthorized_client", "access_denied", "invalid_scope"}
)
_REFUSED: Final = (400, 401, 403)


class MailOAuth(BaseModel):
    """How tokens for a mailbox are got.

    Without `refresh_token`, the application asks in its own right (Microsoft only). `tenant` is
    Microsoft's directory; `token_url` and `scope` are for any other provider.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    provider: Literal["google", "microsoft", "other"]
    client_id: str = Field(min_length=1, max_length=400)
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    tenant: str = Field(default="common", pattern=r"^[A-Za-z0-9.-]{1,100}$")
    token_url: str = Field(default="", max_length=400)
    scope: str = Field(default="", max_length=400)

    @model_validator(mode="after")
    def _can_ask_somebody(self) -> Self:
        parts = urlsplit(self.url)
        here = parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
        if not parts.hostname or not (parts.scheme == "https" or here):
            raise ValueError('token_url is missing or no https address (provider "other" needs it)')
        if self.refresh_token is None and (self.provider != "microsoft" or not self.client_secret):
            raise ValueError(
                "refresh_token is missing; only Microsoft gives an application tokens of its own, "
                "by client_secret"
            )
        return self

    @property
    def url(self) -> str:
        """Where tokens are exchanged."""
        return self.token_url or TOKEN_URLS.get(self.provider, "").format(tenant=self.tenant)

    @property
    def asked_scope(self) -> str:
        """What the token shall be good for; empty leaves it to what was granted."""
        if self.scope or self.provider != "microsoft":
            return self.scope
        return MICROSOFT_SCOPE if self.refresh_token else MICROSOFT_APP_SCOPE


class TokenDesk:
    """The token endpoint of one inbox, and the tokens that came from it."""

    def __init__(self, oauth: MailOAuth, context: InboxContext) -> None:
        parts = urlsplit(oauth.url)
        self._oauth = oauth
        self._path = parts.path or "/"
        self._http = MarketHttp(f"{parts.scheme}://{parts.netloc}", context, judge=_refusal)
        self.source = TokenSource(
            self._grant, context, refresh=oauth.refresh_token, name="mail-oauth"
        )

    async def close(self) -> None:
        """Close the connections. Harmless twice."""
        await self._http.close()

    async def _grant(self, refresh: str | None) -> Token:
        oauth = self._oauth
        form = {
            "client_id": oauth.client_id,
            "grant_type": "refresh_token" if refresh else "client_credentials",
        }
        if oauth.client_secret is not None:
            form["client_secret"] = oauth.client_secret.get_secret_value()
        if refresh:
            form["refresh_token"] = refresh
        if oauth.asked_scope:
            form["scope"] = oauth.asked_scope
        answer = await self._http.query(self._path, form=form)
        try:
            fields = Fields(answer.object())
            return Token(
                access=fields.text("access_token"),
                lives=timedelta(seconds=fields.number("expires_in", default=_USUAL_LIFE)),
                refresh=fields.text("refresh_token", default="") or None,
            )
        except Malformed as error:
            raise Unavailable(f"the token endpoint's answer lacks {error.pointer}") from None


def _refusal(answer: HttpAnswer) -> ConnectorError | None:
    """RFC 6749, 5.2: the reason is a word in `error`; what is described beside it is not shown."""
    if answer.status not in _REFUSED:
        return None
    word = Fields(answer.object()).text("error", default="")
    if word in _FOR_GOOD:
        return AuthExpired(f"the mail provider gives no token ({word}); grant access anew")
    return None
