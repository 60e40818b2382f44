"""Settings of an Allegro inbox: one seller account."""

from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_ADDRESS: Final = r"^https?://[^\s?#]+[^\s?#/]$"


class Config(BaseModel):
    """An application of the seller's own at Allegro, and the seller's consent for it.

    The consent is a `device_code`, which the first call turns into tokens, or a `refresh_token`
    of a consent given otherwise. `marketplace` is where the account was opened; `seller_id` makes
    links into the Sales Center open the right account.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    device_code: SecretStr | None = None
    refresh_token: SecretStr | None = None
    marketplace: Literal["pl", "cz", "sk", "hu"] = "pl"
    seller_id: str = Field(default="", pattern=r"^\d{0,20}$")
    issues: bool = True
    problems: bool = True
    since_days: int = Field(default=7, ge=0, le=90)
    base_url: str = Field(default="https://api.allegro.pl", pattern=_ADDRESS)
    auth_url: str = Field(default="https://allegro.pl", pattern=_ADDRESS)

    @model_validator(mode="after")
    def _one_consent(self) -> Self:
        if (self.device_code is None) == (self.refresh_token is None):
            raise ValueError("give device_code or refresh_token, one of the two")
        return self
