"""Every table of the desk. Unique keys are the idempotency keys; ids are ours, time-ordered.

What must be undone never is: rows are settled, cancelled or superseded, events are appended.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.db.types import JsonText, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger, primary_key=True, autoincrement=False)


def _ref(table: str, name: str | None = None, *, nullable: bool = False) -> Column[int]:
    return Column(name or f"{table}_id", BigInteger, ForeignKey(f"{table}.id"), nullable=nullable)


inbox = Table(
    "inbox",
    metadata,
    _id(),
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
    _id(),
    _ref("inbox"),
    Column("name", String(80), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # AES-256-GCM, see bot.runtime.sealing
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "name"),
)

inbox_day = Table(
    "inbox_day",
    metadata,
    _id(),
    _ref("inbox"),
    Column("day", String(10), nullable=False),  # of UTC, as 2026-03-10
    Column("reads", Integer, nullable=False, server_default="0"),
    Column("replies", Integer, nullable=False, server_default="0"),
    UniqueConstraint("inbox_id", "day"),
)

webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    _id(),
    _ref("inbox"),
    Column("delivery_id", String(400), nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "delivery_id"),
    Index("ix_webhook_delivery_seen_at", "seen_at"),
)

raw_inbound = Table(
    "raw_inbound",
    metadata,
    _id(),
    _ref("inbox"),
    Column("source_id", String(400), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    # stored → done | ignored | quarantined. `attempts` counts tries begun, so that an item
    # that kills the process is set aside after the second time.
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
)

customer = Table(
    "customer",
    metadata,
    _id(),
    _ref("inbox"),
    Column("handle", String(320), nullable=False),
    Column("display_name", String(200), nullable=False, server_default=""),
    Column("language", String(8)),
    Column("vip", Boolean, nullable=False, server_default=text("false")),
    Column("orders", Integer),
    Column("lifetime_value", Float),
    Column("currency", String(3)),
    UniqueConstraint("inbox_id", "handle"),
)

ticket = Table(
    "ticket",
    metadata,
    _id(),
    Column("number", Integer, nullable=False, unique=True),
    _ref("inbox"),
    _ref("customer", nullable=True),
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
    Column("slack_channel", String(32)),
    Column("slack_ts", String(32)),
    Column("slack_permalink", String(400)),
    UniqueConstraint("inbox_id", "external_thread"),
    Index("ix_ticket_slack", "slack_channel", "slack_ts"),
    Index("ix_ticket_customer", "customer_id"),
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
    _id(),
    _ref("ticket"),
    Column("content", JsonText, nullable=False),  # connectors.capabilities.OrderContext
    Column("fetched_at", UtcDateTime, nullable=False),
    UniqueConstraint("ticket_id"),
)

ticket_key = Table(
    "ticket_key",
    metadata,
    _id(),
    _ref("inbox"),
    Column("key", String(400), nullable=False),
    _ref("ticket"),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "key"),
)

message = Table(
    "message",
    metadata,
    _id(),
    _ref("ticket"),
    _ref("inbox"),
    _ref("raw_inbound", nullable=True),
    Column("external_id", String(400), nullable=False),
    Column("client_key", String(120)),  # of the form an agent submitted; the same one sends once
    Column("direction", String(3), nullable=False),  # in | out
    Column("author", String(12), nullable=False),
    Column("agent", String(32)),  # Slack user id of the agent who sent it
    Column("verdict", String(24), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("sent_at", UtcDateTime, nullable=False),  # marketplace time; for ours, hand-over time
    Column("seen_at", UtcDateTime, nullable=False),  # our time
    Column("sender_name", String(200), nullable=False, server_default=""),
    Column("subject", String(400), nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("full_body", Text, nullable=False, server_default=""),
    Column("attachments", JsonText),
    Column("links", JsonText),
    Column("reply_context", JsonText),
    Column("respond_by", UtcDateTime),  # the instant the platform named for an answer to it
    # in: received. out: queued → sending → sent → (bounced); or cancelled, failed, unsure
    Column("state", String(12), nullable=False),
    Column("public", Boolean, nullable=False, server_default=text("false")),  # for all to read
    Column("error", Text),
    UniqueConstraint("inbox_id", "external_id"),
    UniqueConstraint("ticket_id", "client_key"),
    Index("ix_message_ticket", "ticket_id", "sent_at"),
)

message_file = Table(
    "message_file",
    metadata,
    _id(),
    _ref("message"),
    Column("name", String(200), nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Index("ix_message_file_message_id", "message_id"),
)

deadline = Table(
    "deadline",
    metadata,
    _id(),
    _ref("ticket"),
    Column("metric", String(20), nullable=False),
    Column("scope", String(12), nullable=False),
    Column("instance", Integer, nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("target_seconds", Integer, nullable=False),
    Column("state", String(12), nullable=False),  # sla_rules.vocabulary.ClockState
    Column("stopped_at", UtcDateTime),
    Column("breached_at", UtcDateTime),
    Column("policy", String(80), nullable=False),
    Column("policy_version", String(16), nullable=False),
    Column("calendar", String(80), nullable=False),
    Column("calendar_version", String(16), nullable=False),
    Column("clamped", Text),  # why due_at is earlier than the target alone would say
    Column("cause", Text),  # why it is later
    Column("paused_at", UtcDateTime),  # while paused: since when; due_at is then if it went on now
    UniqueConstraint("ticket_id", "metric", "scope", "instance"),
    Index(
        "ix_deadline_running",
        "due_at",
        "ticket_id",
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)

rule_version = Table(
    "rule_version",
    metadata,
    _id(),
    Column("kind", String(12), nullable=False),  # policy | calendar
    Column("name", String(80), nullable=False),
    Column("version", String(16), nullable=False),
    Column("content", JsonText, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    UniqueConstraint("kind", "name", "version"),
)

ping = Table(
    "ping",
    metadata,
    _id(),
    _ref("deadline"),
    _ref("ticket"),
    Column("step", String(24), nullable=False),
    Column("audience", String(12), nullable=False),
    Column("severity", Integer, nullable=False),  # higher is graver
    Column("fire_at", UtcDateTime, nullable=False),
    Column("fired_at", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("outcome", String(24)),  # bot.domain.pings.PingOutcome
    UniqueConstraint("deadline_id", "step"),
    Index(
        "ix_ping_due",
        "fire_at",
        "id",
        sqlite_where=text("fired_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=text("fired_at IS NULL AND cancelled_at IS NULL"),
    ),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
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
        sqlite_where=text("state IN ('ready', 'sending', 'unsure')"),
        postgresql_where=text("state IN ('ready', 'sending', 'unsure')"),
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

ticket_event = Table(
    "ticket_event",
    metadata,
    _id(),
    _ref("ticket", nullable=True),
    Column("type", String(32), nullable=False),
    Column("actor", String(40), nullable=False),  # a Slack user id, "customer", "platform", "desk"
    Column("at", UtcDateTime, nullable=False),
    Column("data", JsonText),
    Index("ix_ticket_event_ticket", "ticket_id", "id"),
)

slack_event = Table(
    "slack_event",
    metadata,
    Column("event_id", String(80), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
    Index("ix_slack_event_seen_at", "seen_at"),
)

agent = Table(
    "agent",
    metadata,
    Column("slack_id", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("role", String(12), nullable=False),
    Column("active", Boolean, nullable=False),
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
