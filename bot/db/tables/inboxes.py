"""What is kept of an inbox and of what its platform handed over, before any of it is understood."""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

inbox = Table(
    "inbox",
    metadata,
    own_id(),
    Column("name", String(80), nullable=False, unique=True),
    Column("connector", String(40), nullable=False),
    Column("cursor", JsonText),
    Column("lease_owner", String(80)),
    Column("lease_until", UtcDateTime),
    Column("last_polled_at", UtcDateTime),
    Column("last_ok_at", UtcDateTime),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    Column("paused_reason", Text),  # e.g. a refused password; cleared by the next good check
    Column("newest_sent_at", UtcDateTime),  # marketplace time of the newest message it brought
    Column("woken_at", UtcDateTime),  # a platform's call asked for a look; cleared by the look
)

inbox_keep = Table(
    "inbox_keep",
    metadata,
    own_id(),
    ref("inbox"),
    Column("name", String(80), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # AES-256-GCM, see bot.runtime.sealing
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "name"),
)

inbox_day = Table(
    "inbox_day",
    metadata,
    own_id(),
    ref("inbox"),
    Column("day", String(10), nullable=False),  # of UTC, as 2026-03-10
    Column("reads", Integer, nullable=False, server_default="0"),
    Column("replies", Integer, nullable=False, server_default="0"),
    UniqueConstraint("inbox_id", "day"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    own_id(),
    ref("inbox"),
    Column("delivery_id", String(400), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "delivery_id"),
    Index("ix_webhook_delivery_seen_at", "seen_at"),
)

raw_inbound = Table(
    "raw_inbound",
    metadata,
    own_id(),
    ref("inbox"),
    Column("source_id", String(400), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    # stored → done | ignored | quarantined; or held → stored, once what it waits for has come.
    # `attempts` counts tries begun, so that an item that kills the process is set aside after
    # the second time.
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("verdict", String(24)),
    Column("detail", Text),
    UniqueConstraint("inbox_id", "source_id"),
    Index(
        "ix_raw_inbound_stored",
        "inbox_id",
        "id",
        sqlite_where=text("state = 'stored'"),
        postgresql_where=text("state = 'stored'"),
    ),
    Index(
        "ix_raw_inbound_held",
        "inbox_id",
        "id",
        sqlite_where=text("state = 'held'"),
        postgresql_where=text("state = 'held'"),
    ),
    Index(
        "ix_raw_inbound_quarantined",
        "inbox_id",
        "id",
        sqlite_where=text("state = 'quarantined'"),
        postgresql_where=text("state = 'quarantined'"),
    ),
)
