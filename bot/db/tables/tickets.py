"""A conversation, whose it is and what happened to it."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

customer = Table(
    "customer",
    metadata,
    own_id(),
    ref("inbox"),
    Column("handle", String(320), nullable=False),
    Column("display_name", String(200), nullable=False, server_default=""),
    Column("language", String(8)),
    Column("vip", Boolean, nullable=False, server_default=text("false")),
    Column("orders", Integer),
    Column("lifetime_value", Float),
    Column("currency", String(3)),
    Column("tags", JsonText),  # what agents say of the customer; None: nothing
    Column("forgotten_at", UtcDateTime),  # nothing names the person since
    UniqueConstraint("inbox_id", "handle"),
    Index("ix_customer_name", "inbox_id", "display_name"),
)

ticket = Table(
    "ticket",
    metadata,
    own_id(),
    Column("number", Integer, nullable=False, unique=True),
    ref("inbox"),
    ref("customer", nullable=True),
    Column("external_thread", String(400), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("stage", String(12), nullable=False),
    Column("risk", String(12), nullable=False),
    Column("vip", Boolean, nullable=False, server_default=text("false")),
    Column("language", String(8)),
    Column("order_id", String(80)),
    Column("topic", String(32), nullable=False, server_default="other"),
    Column("marketplace", String(40), nullable=False, server_default=""),
    Column("tags", JsonText),
    Column("order_value_cents", BigInteger),
    Column("currency", String(3)),
    Column("platform_limit_seconds", Integer),
    Column("platform_due_at", UtcDateTime),  # the newest "respond by" the platform itself named
    # open (somebody awaits an answer) | answered | resolved
    Column("state", String(12), nullable=False),
    # calm | soon | critical | missed | answered | resolved: what the card shows
    Column("card_stage", String(12), nullable=False),
    Column("assignee", String(32)),  # Slack user id
    Column("claimed_at", UtcDateTime),
    Column("snoozed_until", UtcDateTime),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", String(32)),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("waiting_since", UtcDateTime),  # oldest customer message nobody has answered
    Column("policy", String(80)),
    # The rules its clocks go by for as long as anybody waits, whatever the file says since.
    Column("policy_version", String(16)),
    Column("calendar_versions", JsonText),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("merged_into", BigInteger),  # the ticket that goes on with its conversation
    Column("slack_channel", String(32)),
    Column("slack_ts", String(32)),
    Column("slack_permalink", String(400)),
    Column("slack_former", JsonText),  # [channel, ts] of cards that were deleted and posted again
    Column("purge_after", UtcDateTime),  # as the platform's rules reckon from a delivery
    Column("purged_at", UtcDateTime),  # since when no words of it are kept
    UniqueConstraint("inbox_id", "external_thread"),
    Index("ix_ticket_slack", "slack_channel", "slack_ts"),
    Index("ix_ticket_customer", "customer_id"),
    Index(
        "ix_ticket_kept",
        "inbox_id",
        "id",
        sqlite_where=text("purged_at IS NULL"),
        postgresql_where=text("purged_at IS NULL"),
    ),
    Index(
        "ix_ticket_merged_into",
        "merged_into",
        sqlite_where=text("merged_into IS NOT NULL"),
        postgresql_where=text("merged_into IS NOT NULL"),
    ),
    Index(
        "ix_ticket_waiting",
        "state",
        "id",
        sqlite_where=text("state = 'open' AND waiting_since IS NOT NULL"),
        postgresql_where=text("state = 'open' AND waiting_since IS NOT NULL"),
    ),
    Index(
        "ix_ticket_rootless",
        "state",
        "slack_ts",
        sqlite_where=text("state = 'open' AND slack_ts IS NULL"),
        postgresql_where=text("state = 'open' AND slack_ts IS NULL"),
    ),
    Index(
        "ix_ticket_open",
        "state",
        "assignee",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

ticket_context = Table(
    "ticket_context",
    metadata,
    own_id(),
    ref("ticket"),
    Column("content", JsonText, nullable=False),  # connectors.capabilities.OrderContext
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("sealed", LargeBinary),  # where rules on data hold: the content, which is then empty
    Column("origin", String(40), nullable=False, server_default=""),
    Column("purge_after", UtcDateTime),  # may not be kept longer; None: no such rule holds
    UniqueConstraint("ticket_id"),
    Index("ix_ticket_context_purge_after", "purge_after"),
)

ticket_key = Table(
    "ticket_key",
    metadata,
    own_id(),
    ref("inbox"),
    Column("key", String(400), nullable=False),
    ref("ticket"),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "key"),
)

ticket_event = Table(
    "ticket_event",
    metadata,
    own_id(),
    ref("ticket", nullable=True),
    Column("type", String(32), nullable=False),
    Column("actor", String(40), nullable=False),  # a Slack user id, "customer", "platform", "desk"
    Column("at", UtcDateTime, nullable=False),
    Column("data", JsonText),
    Index("ix_ticket_event_ticket", "ticket_id", "id"),
    Index(
        "ix_ticket_event_waiting",
        "id",
        "ticket_id",
        sqlite_where=text("type = 'waiting'"),
        postgresql_where=text("type = 'waiting'"),
    ),
)
