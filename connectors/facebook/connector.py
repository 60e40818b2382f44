"""The Facebook connector: Meta's core, in a Page's words."""

from typing import Final

from connectors.contract import InboxContext
from connectors.facebook.config import Config
from connectors.manifest import manifest_beside
from connectors.meta.account import Account, Dialect
from connectors.meta.connector import MetaConnector

FACEBOOK: Final = Dialect(
    title="Facebook",
    manifest=manifest_beside(__file__),
    platform="messenger",
    webhook_object="page",
    message_fields="id,created_time,from,to,message,attachments,shares,sticker",
    name_fields="first_name,last_name",
    context_fields="locale",
    posts_edge="feed",
    post_fields="id,message,permalink_url,created_time",
    comment_fields="id,message,from,created_time,parent{id}",
    comment_order={"order": "reverse_chronological", "filter": "stream"},
    answers_edge="comments",
    scopes=("pages_messaging", "pages_manage_metadata", "pages_read_engagement"),
    comment_scopes=("pages_read_user_content", "pages_manage_engagement"),
)


def account_of(config: Config) -> Account:
    """The Page behind the settings."""
    return Account(dialect=FACEBOOK, config=config, node=config.page_id, public_node=config.page_id)


def build(config: Config, context: InboxContext) -> MetaConnector:
    """A connector for one Facebook Page."""
    return MetaConnector(account_of(config), context)
