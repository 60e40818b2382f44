"""Settings of an Amazon inbox: the mailbox that is an approved sender in Seller Central."""

from pydantic import Field

from connectors.mail.config import MailConfig


class Config(MailConfig):
    """`from_address` must be approved under Messaging Permissions, or Amazon refuses replies.

    `marketplace_tlds` are further endings of `marketplace.amazon.<ending>`, for a marketplace
    that opened after this version.
    """

    marketplace_tlds: tuple[str, ...] = Field(default=())
