"""Settings of an access to the selling API: one seller's own app, in one region."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.selling_partner.regions import RegionKey, regions

LOGIN_URL = "https://api.amazon.com"
"""Login with Amazon. `region` does not change it."""


_ENCRYPTED_OR_HERE = r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:\d{1,5})?)?$"
"""Amazon wants everything encrypted on its way; a fake on this machine needs no certificate."""


class SellingPartnerConfig(BaseModel):
    """What Amazon's developer page gives a private app, authorised by its own seller.

    `base_url` and `auth_url` are other addresses of the API and of its login, for tests.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr
    refresh_token: SecretStr
    region: RegionKey
    base_url: str = Field(default="", pattern=_ENCRYPTED_OR_HERE)
    auth_url: str = Field(default="", pattern=_ENCRYPTED_OR_HERE)

    @property
    def endpoint(self) -> str:
        """Where the API answers."""
        return self.base_url or regions().regions[self.region].endpoint

    @property
    def login(self) -> str:
        """Where tokens are given."""
        return self.auth_url or LOGIN_URL
