"""What may not be deleted although its time is up, and who asked to be forgotten."""

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import UtcDateTime

legal_hold = Table(
    "legal_hold",
    metadata,
    own_id(),
    ref("ticket", nullable=True),  # this ticket, or
    ref("customer", nullable=True),  # everything of this customer
    Column("reason", Text, nullable=False),  # sealed
    Column("said_by", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(80)),
    Index("ix_legal_hold_ticket_id", "ticket_id"),
    Index("ix_legal_hold_customer_id", "customer_id"),
)

forgotten = Table(
    "forgotten",
    metadata,
    own_id(),
    ref("inbox"),
    Column("digest", String(64), nullable=False),  # of the handle, keyed: bot.domain.retention
    Column("at", UtcDateTime, nullable=False),  # of the wish; later tickets are not meant
    Column("applied_at", UtcDateTime),  # None: not done yet, or a backup brought them back
    UniqueConstraint("inbox_id", "digest"),
)
