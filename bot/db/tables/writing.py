"""What agents write before it is sent: texts for use again, and answers begun."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

_LIVE = text("archived_at IS NULL")

macro = Table(
    "macro",
    metadata,
    own_id(),
    Column("owner", String(32), nullable=False),  # Slack user id; empty: everybody's
    Column("name", String(40), nullable=False),
    Column("name_key", String(80), nullable=False),  # the name without its capitals
    Column("language", String(8), nullable=False),  # empty: for any
    Column("body", Text, nullable=False),
    Column("channels", JsonText),  # where it may be used; none: everywhere
    Column("inboxes", JsonText),
    Column("topics", JsonText),  # what it is offered for first
    Column("version", Integer, nullable=False),
    Column("changed_by", String(32), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("archived_at", UtcDateTime),
    Index(
        "uq_macro_live",
        "owner",
        "language",
        "name_key",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
)

draft = Table(
    "draft",
    metadata,
    own_id(),
    ref("ticket"),
    Column("agent", String(32), nullable=False),  # who wrote it
    Column("body", Text, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Column("machine", String(200)),  # bot.domain.machine.Origin: whose words it began as
    Column("aside", Text),  # what stood there before a machine's words took its place
    UniqueConstraint("ticket_id", "agent"),
    Index("ix_draft_kept_at", "kept_at"),
)
