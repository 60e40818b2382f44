"""What a language model was asked for each day, and whose question is open."""

from sqlalchemy import Column, Integer, String, Table

from bot.db.tables.base import metadata
from bot.db.types import UtcDateTime

llm_day = Table(
    "llm_day",
    metadata,
    Column("day", String(10), primary_key=True),  # of UTC, as 2026-03-10
    Column("requests", Integer, nullable=False, server_default="0"),
    Column("tokens", Integer, nullable=False, server_default="0"),
)

llm_turn = Table(
    "llm_turn",
    metadata,
    Column("slack_id", String(32), primary_key=True),
    Column("busy_until", UtcDateTime, nullable=False),  # at the latest; earlier once it is answered
)
