"""What has to reach Slack or a marketplace, and what of Slack was seen."""

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from bot.db.tables.base import metadata, own_id
from bot.db.types import JsonText, UtcDateTime

_OPEN = "state IN ('ready', 'sending', 'unsure')"

outbox = Table(
    "outbox",
    metadata,
    own_id(),
    Column("dedupe_key", String(200), nullable=False, unique=True),
    Column("lane", String(80), nullable=False),
    Column("lane_group", String(80), nullable=False),
    Column("coalesce_key", String(120)),
    Column("kind", String(24), nullable=False),
    Column("payload", JsonText, nullable=False),
    Column("priority", Integer, nullable=False),  # lower goes first
    Column("not_before", UtcDateTime, nullable=False),
    # ready → sending → sent | unsure | superseded | dead; unsure is resolved by look-up or a person
    Column("state", String(12), nullable=False),
    Column("lease_until", UtcDateTime),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("result", JsonText),
    Column("created_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime),
    Index(
        "ix_outbox_open",
        "lane",
        "id",
        sqlite_where=text(_OPEN),
        postgresql_where=text(_OPEN),
    ),
    Index(
        "ix_outbox_coalesce",
        "coalesce_key",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
    Index(
        "ix_outbox_ready",
        "priority",
        "not_before",
        "id",
        sqlite_where=text("state = 'ready'"),
        postgresql_where=text("state = 'ready'"),
    ),
)

open_effects = text(f"outbox.{_OPEN}")
"""Effects that are not over; word for word the index's condition, without which it is not used."""

slack_event = Table(
    "slack_event",
    metadata,
    Column("event_id", String(80), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("ix_slack_event_seen_at", "seen_at"),
)
