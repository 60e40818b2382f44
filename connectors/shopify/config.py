"""Settings of a Shopify inbox: the shop's mailbox, and its Admin API where there is access to it."""

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connectors.mail.config import MailConfig

FormSender = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, pattern=r"^[^\s<>@]*@[^\s<>@]+\.[^\s<>@]+$"
    ),
]
"""An address (`mailer@forms.example`), or every address of a domain (`@shopifyemail.com`)."""

Watched = Literal["disputes", "returns"]

_DOMAIN = ".myshopify.com"


class Config(MailConfig):
    """The mailbox alone is enough; `shop` and credentials add what the Admin API knows.

    `shop` is the name before `.myshopify.com`. Access is either `client_id` and `client_secret` of
    an app (tokens of 24 hours), or the permanent `admin_token` of an older custom app.
    `client_secret` also proves webhooks; `old_client_secret` does so while it is exchanged.
    `watch` is what is looked for every `watch_minutes`. A customer is marked `vip` by one of
    `vip_tags`, by `vip_spent` in the shop's currency, or by `vip_orders`.
    `base_url` is another address of the API, for tests.
    """

    form_senders: tuple[FormSender, ...] = ("@shopify.com", "@shopifyemail.com")
    shop: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9-]{0,99}(\.myshopify\.com)?)?$")
    client_id: str = Field(default="", max_length=100)
    client_secret: SecretStr | None = None
    old_client_secret: SecretStr | None = None
    admin_token: SecretStr | None = None
    api_version: str = Field(default="2026-10", pattern=r"^20\d\d-(01|04|07|10)$")
    base_url: str = Field(default="", pattern=r"^(https?://[^\s?#]+)?$")
    watch: tuple[Watched, ...] = ("disputes", "returns")
    watch_minutes: int = Field(default=10, ge=1, le=240)
    vip_tags: tuple[str, ...] = ("VIP",)
    vip_spent: Decimal | None = Field(default=None, gt=0)
    vip_orders: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _access_that_is_whole(self) -> Self:
        if self.client_id and self.client_secret is None:
            raise ValueError("client_id needs client_secret beside it")
        if self.client_id and self.admin_token is not None:
            raise ValueError("client_id and admin_token are two kinds of access; name one of them")
        if self.reaches_api and not self.shop:
            raise ValueError('the Admin API needs shop = "…", the name before .myshopify.com')
        if self.shop and not self.reaches_api:
            raise ValueError(
                "shop is named without access to it: add client_id and client_secret, or "
                "admin_token; without them leave shop out, and only mail is read"
            )
        return self

    @property
    def reaches_api(self) -> bool:
        """Whether there are credentials for the Admin API."""
        return bool(self.client_id) or self.admin_token is not None

    @property
    def shop_name(self) -> str:
        """The shop's name without its domain."""
        return self.shop.removesuffix(_DOMAIN)

    @property
    def shop_domain(self) -> str:
        """The shop's permanent domain, empty without a shop."""
        return f"{self.shop_name}{_DOMAIN}" if self.shop else ""

    @property
    def api_url(self) -> str:
        """Where the Admin API answers."""
        return self.base_url or f"https://{self.shop_domain}"
