"""Settings of one shop at Feedaty."""

from pydantic import Field, SecretStr

from connectors.reviews import ReviewConfig


class Config(ReviewConfig):
    """`merchant_code` and `client_secret` stand in Feedaty's reserved area, under the API.

    Reviews of the last `revisit_days` are looked at again in every poll.
    """

    merchant_code: str = Field(pattern=r"^[\w-]{1,60}$")
    client_secret: SecretStr
    base_url: str = Field(default="https://api.feedaty.com", pattern=r"^https?://[^\s?#]+[^\s?#/]$")
    since_days: int = Field(default=7, ge=0, le=365)
    revisit_days: int = Field(default=14, ge=1, le=90)
