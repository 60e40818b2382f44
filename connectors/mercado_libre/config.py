"""Settings of one seller account on one of Mercado Libre's sites."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from connectors.mercado_libre.sites import SITE, Site, site_of

_NUMBER = r"^\d{1,20}$"


class Config(BaseModel):
    """`app_id`, `app_secret`: the seller's own application; `refresh_token`: its newest one.

    `seller_id` is the account's number, `site` where it sells (`MLA`, `MLB`, …). `webhook_key`,
    where set, has to stand in the address that Mercado Libre calls (`?key=…`).
    `automatic_clients` are applications whose messages no person wrote.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    app_id: str = Field(pattern=_NUMBER)
    app_secret: SecretStr
    refresh_token: SecretStr
    seller_id: str = Field(pattern=_NUMBER)
    site: str = Field(pattern=SITE)
    global_selling: bool = False
    questions: bool = True
    claims: bool = True
    since_days: int = Field(default=7, ge=0, le=30)
    webhook_key: SecretStr | None = None
    automatic_clients: tuple[str, ...] = ()
    base_url: str = Field(default="https://api.mercadolibre.com", pattern=r"^https?://[^\s?#]+$")

    @model_validator(mode="after")
    def _one_kind_of_account(self) -> Self:
        if self.site == "CBT" and not self.global_selling:
            raise ValueError("site CBT is an account of Global Selling: set global_selling = true")
        return self

    @property
    def home(self) -> Site:
        """The site the account is registered on."""
        return site_of(self.site)

    def marketplace_of(self, site: str) -> str:
        """What rules call the marketplace of something on `site` ("" where it does not say)."""
        return "global" if self.global_selling else (site_of(site) or self.home).country
