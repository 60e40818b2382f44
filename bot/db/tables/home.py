"""Whose App Home is open, and what it shows."""

from sqlalchemy import Boolean, Column, String, Table, Text, text

from bot.db.tables.base import metadata
from bot.db.types import UtcDateTime

home = Table(
    "home",
    metadata,
    Column("slack_id", String(32), primary_key=True),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),  # what happened before is on it
    Column("choice", Text, nullable=False),  # bot.domain.home.HomeChoice
    Column("sees_all", Boolean, nullable=False, server_default=text("false")),
    Column("digest", String(64)),  # of the view that was drawn; None: nobody knows
)
