"""The deadlines of a ticket, the rules they were worked out by, and their pings."""

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

deadline = Table(
    "deadline",
    metadata,
    own_id(),
    ref("ticket"),
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
    own_id(),
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
    own_id(),
    ref("deadline"),
    ref("ticket"),
    Column("step", String(24), nullable=False),
    Column("audience", String(12), nullable=False),
    Column("severity", Integer, nullable=False),  # higher is graver
    Column("fire_at", UtcDateTime, nullable=False),
    Column("fired_at", UtcDateTime),
    Column("cancelled_at", UtcDateTime),
    Column("outcome", String(24)),  # bot.domain.pings.PingOutcome
    Column("mention", Boolean, nullable=False, server_default=true()),
    Column("until", String(12), nullable=False, server_default="acknowledged"),  # vocabulary.Until
    UniqueConstraint("deadline_id", "step"),
    Index(
        "ix_ping_due",
        "fire_at",
        "id",
        sqlite_where=text("fired_at IS NULL AND cancelled_at IS NULL"),
        postgresql_where=text("fired_at IS NULL AND cancelled_at IS NULL"),
    ),
)

pause_end = Table(
    "pause_end",
    metadata,
    own_id(),
    ref("ticket"),
    Column("kind", String(8), nullable=False),  # bot.db.pause_rows.Pause
    Column(
        "ends_at", UtcDateTime, nullable=False
    ),  # as planned; whether it still holds is looked up
    UniqueConstraint("ticket_id", "kind", "ends_at"),
    Index("ix_pause_end_ends_at", "ends_at"),
)
