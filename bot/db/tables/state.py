"""What a desk knows of its own past."""

from sqlalchemy import Column, String, Table

from bot.db.tables.base import metadata
from bot.db.types import JsonText, UtcDateTime

desk_state = Table(
    "desk_state",
    metadata,
    Column("name", String(40), primary_key=True),  # bot.db.state_rows names them
    Column("value", JsonText),
    Column("at", UtcDateTime, nullable=False),
)
