"""Settings of one business unit at Trustpilot."""

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from connectors.reviews import ReviewConfig

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Config(ReviewConfig):
    """`api_key` and `api_secret` are the application's, made in Trustpilot Business.

    Answers are published by `business_user_id`. With `product_reviews` those are read, too.
    `webhook_secret` stands in the address that Trustpilot is told to call. Reviews of the last
    `revisit_days` are looked at again in every poll: for changes, and for answers given elsewhere.
    """

    api_key: SecretStr
    api_secret: SecretStr
    business_unit_id: Id
    business_user_id: Id
    product_reviews: bool = False
    webhook_secret: SecretStr | None = Field(default=None, min_length=16)
    base_url: str = Field(
        default="https://api.trustpilot.com", pattern=r"^https?://[^\s?#]+[^\s?#/]$"
    )
    since_days: int = Field(default=7, ge=0, le=365)
    revisit_days: int = Field(default=14, ge=1, le=90)
