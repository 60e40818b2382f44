"""One account of one channel, and how that channel words what both have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.manifest import Manifest
from connectors.meta.config import MetaConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """Where Instagram and Facebook differ: names of fields and edges of the Graph API.

    `message_fields` and `comment_fields` are what is asked of a message and a comment,
    `comment_order` makes the newest come first where they would not. `name_fields` are asked of a
    person whose name is looked up, `context_fields` for the card. `scopes` and
    `comment_scopes` are the permissions the token needs.
    """

    title: str
    manifest: Manifest
    platform: str
    webhook_object: str
    message_fields: str
    name_fields: str
    context_fields: str
    posts_edge: str
    post_fields: str
    comment_fields: str
    comment_order: Mapping[str, str] = field(default_factory=dict)
    answers_edge: str
    scopes: tuple[str, ...]
    comment_scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One inbox. `node` has the conversations, `public_node` the posts; `own_ids` are both."""

    dialect: Dialect
    config: MetaConfig
    node: str
    public_node: str

    @property
    def own_ids(self) -> frozenset[str]:
        """Ids under which the account itself writes."""
        return frozenset({self.node, self.public_node})

    @property
    def scopes(self) -> tuple[str, ...]:
        """Permissions the token needs for what is switched on."""
        wanted = self.dialect.scopes
        return wanted + self.dialect.comment_scopes if self.config.comments else wanted
