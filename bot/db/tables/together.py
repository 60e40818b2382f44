"""Tickets that belong together, and colleagues who must not get in each other's way."""

from sqlalchemy import Column, Index, String, Table, UniqueConstraint

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import UtcDateTime

ticket_link = Table(
    "ticket_link",
    metadata,
    own_id(),
    ref("ticket"),
    ref("ticket", "other_id"),
    Column("actor", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("ticket_id", "other_id"),
    Index("ix_ticket_link_other_id", "other_id"),
)

claim_watch = Table(
    "claim_watch",
    metadata,
    own_id(),
    ref("ticket"),
    Column("agent", String(32), nullable=False),  # whose claim it is, as long as they do nothing
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # of the warning; once told, `ends_at`
    Column("ends_at", UtcDateTime, nullable=False),
    Column("told_at", UtcDateTime),
    UniqueConstraint("ticket_id"),
    Index("ix_claim_watch_due_at", "due_at"),
)

composing = Table(
    "composing",
    metadata,
    own_id(),
    ref("ticket"),
    Column("agent", String(32), nullable=False),
    Column("at", UtcDateTime, nullable=False),  # when they opened the window to write in
    UniqueConstraint("ticket_id", "agent"),
)
