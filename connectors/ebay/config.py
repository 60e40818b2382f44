"""Settings of an eBay inbox: one seller account."""

from datetime import date
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.ebay.sites import Site

_ADDRESS: Final = r"^https?://[^\s?#]+$"
_TOKEN_LENGTH: Final = range(32, 81)
"""Characters of a verification token (eBay, Marketplace account deletion guide)."""


class Config(BaseModel):
    """A keyset of a developer account, and the seller's consent for it.

    `client_id` and `client_secret` are the keyset; `refresh_token` is what the seller's consent
    gave, on the day `consented_on`.
    `automatic_texts` are the beginnings of messages that eBay sends in the seller's name.
    `push_endpoint` is our public address exactly as it was registered with eBay.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    refresh_token: SecretStr
    consented_on: date | None = None
    marketplace: Site = "it"
    since_days: int = Field(default=7, ge=0, le=60)
    disputes: bool = True
    payment_disputes: bool = False
    feedback: bool = True
    system_messages: bool = False
    automatic_texts: tuple[str, ...] = ()
    verification_token: SecretStr | None = None
    push_endpoint: str = Field(default="", pattern=r"^(https://[^\s#]+)?$")
    base_url: str = Field(default="https://api.ebay.com", pattern=_ADDRESS)
    identity_url: str = Field(default="https://apiz.ebay.com", pattern=_ADDRESS)

    @model_validator(mode="after")
    def _push_is_set_up_whole_or_not_at_all(self) -> Self:
        if bool(self.push_endpoint) != (self.verification_token is not None):
            raise ValueError("push_endpoint and verification_token go together")
        token = self.verification_token
        if token is not None and len(token.get_secret_value()) not in _TOKEN_LENGTH:
            raise ValueError("verification_token has 32 to 80 characters")
        return self
