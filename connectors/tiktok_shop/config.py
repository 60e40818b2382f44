"""Settings of a TikTok Shop inbox."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

_ADDRESS = r"^https?://[^\s?#]+$"


class Config(BaseModel):
    """`app_key` and `app_secret` are the app's in Partner Center.

    The shop's consent is either `auth_code`, fresh from the authorisation link, or `refresh_token`,
    once one is known. `stop_roles` are the senders whose words count as a person's answer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app_key: SecretStr
    app_secret: SecretStr
    previous_app_secret: SecretStr | None = None
    auth_code: SecretStr | None = None
    refresh_token: SecretStr | None = None
    shop_id: str = Field(default="", pattern=r"^\d{0,32}$")
    base_url: str = Field(default="https://open-api.tiktokglobalshop.com", pattern=_ADDRESS)
    auth_url: str = Field(default="https://auth.tiktok-shops.com", pattern=_ADDRESS)
    since_days: int = Field(default=7, ge=0, le=90)
    locale: str = Field(default="en", pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    returns: bool = True
    session_labels: bool = True
    send_version: Literal["202606", "202309"] = "202606"
    stop_roles: tuple[Literal["CUSTOMER_SERVICE", "SHOP"], ...] = ("CUSTOMER_SERVICE",)

    @model_validator(mode="after")
    def _one_consent(self) -> Self:
        if (self.auth_code is None) == (self.refresh_token is None):
            raise ValueError("give either auth_code or refresh_token")
        return self
