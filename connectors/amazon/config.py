"""Settings of an Amazon inbox: the mailbox that is an approved sender in Seller Central."""

from pydantic import Field

from connectors.data_rules import DataRules
from connectors.mail.config import MailConfig
from connectors.selling_partner.config import SellingPartnerConfig
from connectors.selling_partner.policy import DATA_RULES


class Config(MailConfig):
    """`from_address` must be approved under Messaging Permissions, or Amazon refuses replies.

    `marketplace_tlds` are further endings of `marketplace.amazon.<ending>`, for a marketplace
    that opened after this version. `sp_api` is an access to Amazon's selling API: without it
    nothing but mail is read.
    """

    marketplace_tlds: tuple[str, ...] = Field(default=())
    sp_api: SellingPartnerConfig | None = None

    @property
    def data_rules(self) -> DataRules | None:
        """Amazon's rules on data hold as soon as its selling API is used."""
        return DATA_RULES if self.sp_api is not None else None

    @property
    def knows_orders(self) -> bool:
        """Whether there is an access to order data."""
        return self.sp_api is not None
