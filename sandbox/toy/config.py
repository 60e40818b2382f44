"""Settings of a Toybox inbox."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Config(BaseModel):
    """`api_key` and `webhook_secret` stand in Toybox's seller pages, under Developers."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    api_key: SecretStr
    webhook_secret: SecretStr
    base_url: str = Field(default="https://api.toybox.example", pattern=r"^https?://[^\s?#]+$")
    since_days: int = Field(default=7, ge=0, le=365)
