"""The keys that words are sealed with, themselves sealed."""

from sqlalchemy import Column, LargeBinary, String, Table

from bot.db.tables.base import metadata, own_id
from bot.db.types import UtcDateTime

data_key = Table(
    "data_key",
    metadata,
    own_id(),
    Column("kid", String(8), nullable=False, unique=True),  # stands in every value it sealed
    Column("purpose", String(20), nullable=False),  # words
    Column("wrapped", LargeBinary, nullable=False),  # AES-256-GCM under the instance key's own
    Column("wrapped_by", String(16), nullable=False),  # which one: a hash of it
    Column("created_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime),  # it still opens, and seals nothing any more
    Column("moved_at", UtcDateTime),  # since when nothing is under an older key
)
