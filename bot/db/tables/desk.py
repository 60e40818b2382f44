"""The people of the desk, who of them is away, whose turn it is, and the counters."""

from sqlalchemy import BigInteger, Boolean, Column, String, Table

from bot.db.tables.base import metadata
from bot.db.types import UtcDateTime

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

absence = Table(
    "absence",
    metadata,
    Column("slack_id", String(32), primary_key=True),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),  # None: until they say that they are back
    Column("said_by", String(32), nullable=False),  # Slack user id
)

route_turn = Table(
    "route_turn",
    metadata,
    Column("route", String(80), primary_key=True),
    Column("slack_id", String(32), primary_key=True),
    Column("turn", BigInteger, nullable=False),  # the last one had is the highest
)
