"""The Instagram connector: Meta's core, in Instagram's words."""

from typing import Final

from connectors.contract import InboxContext
from connectors.instagram.config import Config
from connectors.manifest import manifest_beside
from connectors.meta.account import Account, Dialect
from connectors.meta.connector import MetaConnector

INSTAGRAM: Final = Dialect(
    title="Instagram",
    manifest=manifest_beside(__file__),
    platform="instagram",
    webhook_object="instagram",
    message_fields="id,created_time,from,to,message,attachments,shares,story,is_unsupported",
    name_fields="name,username",
    context_fields="name,username,follower_count,is_user_follow_business,is_verified_user",
    posts_edge="media",
    post_fields="id,caption,permalink,timestamp,username",
    comment_fields="id,text,timestamp,username,from,parent_id,replies.limit(50){id,text,timestamp,username,from,parent_id}",
    answers_edge="replies",
    scopes=("instagram_basic", "instagram_manage_messages", "pages_manage_metadata"),
    comment_scopes=("instagram_manage_comments", "pages_read_engagement"),
)


def account_of(config: Config) -> Account:
    """The account behind the settings: messages belong to the Page, if there is one."""
    return Account(
        dialect=INSTAGRAM,
        config=config,
        node=config.page_id or config.account_id,
        public_node=config.account_id,
    )


def build(config: Config, context: InboxContext) -> MetaConnector:
    """A connector for one Instagram account."""
    return MetaConnector(account_of(config), context)
