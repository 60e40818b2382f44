"""Settings of one seller account at Octopia."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

ADDRESS = r"^https?://[^\s?#]+[^\s?#/]$"


class Config(BaseModel):
    """`client_id`, `client_secret` and `seller_id` stand in the seller area's API credentials.

    `subscription_key` is for accounts that Octopia gave one. `sales_channels` are the codes of the
    channels this inbox is about, such as CDISFR; left empty, all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    seller_id: str = Field(pattern=r"^\w{1,40}$")
    subscription_key: SecretStr | None = None
    sales_channels: tuple[str, ...] = ()
    base_url: str = Field(default="https://api.octopia-io.net/seller/v2", pattern=ADDRESS)
    auth_url: str = Field(default="https://auth.octopia-io.net", pattern=ADDRESS)
    since_days: int = Field(default=7, ge=0, le=180)
