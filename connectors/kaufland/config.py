"""Settings of one seller account at Kaufland Global Marketplace."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Storefront = Literal["at", "cz", "de", "es", "fr", "it", "pl", "sk"]


class Config(BaseModel):
    """The two keys stand in the Seller Portal's settings of the API.

    `storefronts` are the countries this inbox is about; left empty, all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_key: SecretStr
    secret_key: SecretStr
    storefronts: tuple[Storefront, ...] = ()
    base_url: str = Field(
        default="https://sellerapi.kaufland.com/v2", pattern=r"^https?://[^\s?#]+[^\s?#/]$"
    )
    since_days: int = Field(default=7, ge=0, le=365)
