"""Settings of an Instagram inbox."""

from pydantic import Field

from connectors.meta.config import ID_PATTERN, MetaConfig


class Config(MetaConfig):
    """`account_id` is the professional account's id, `page_id` that of the Page it is linked to.

    Without a Page, the account signs in with Instagram Login: `base_url` is then
    https://graph.instagram.com, and `page_token` the account's own token.
    """

    account_id: str = Field(pattern=ID_PATTERN)
    page_id: str = Field(default="", pattern=rf"^$|{ID_PATTERN}")
