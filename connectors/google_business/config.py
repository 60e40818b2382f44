"""Settings of one Google Business Profile account."""

from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints

from connectors.reviews import ReviewConfig

Number = Annotated[str, StringConstraints(pattern=r"^\d{1,30}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://[^\s?#]+[^\s?#/]$")]


class Config(ReviewConfig):
    """An OAuth client, and the consent of a user who manages the locations.

    `account_id` may be left out by who manages a single account, `location_ids` by who wants all.
    With `replace_reply` the answer to a changed review takes the place of the one that stands
    there. Reviews of the last `revisit_days` are looked at again in every poll.
    """

    client_id: str = Field(min_length=1)
    client_secret: SecretStr
    refresh_token: SecretStr
    account_id: Number | None = None
    location_ids: tuple[Number, ...] = ()
    replace_reply: bool = False
    base_url: Address = "https://mybusiness.googleapis.com"
    accounts_url: Address = "https://mybusinessaccountmanagement.googleapis.com"
    locations_url: Address = "https://mybusinessbusinessinformation.googleapis.com"
    oauth_url: Address = "https://oauth2.googleapis.com"
    since_days: int = Field(default=7, ge=0, le=365)
    revisit_days: int = Field(default=14, ge=1, le=90)
