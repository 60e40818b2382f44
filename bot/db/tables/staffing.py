"""What is foreseen of deadlines by who is on shift, and the Slack groups that follow the shifts."""

from sqlalchemy import Column, Index, Integer, String, Table, UniqueConstraint

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

forecast = Table(
    "forecast",
    metadata,
    own_id(),
    ref("ticket"),
    ref("deadline"),
    Column("made_at", UtcDateTime, nullable=False),  # the full hour it belongs to
    Column("due_at", UtcDateTime, nullable=False),  # of the deadline, as it was then
    Column("percent", Integer, nullable=False),  # of the simulated days, those that missed it
    Column("expected_at", UtcDateTime),  # of the answer; None: not as far as was looked
    Column("why", JsonText, nullable=False),  # bot.domain.forecast.Cause
    UniqueConstraint("deadline_id", "made_at"),
    Index("ix_forecast_made_at", "made_at"),
)

shift_group = Table(
    "shift_group",
    metadata,
    Column("handle", String(80), primary_key=True),
    Column("people", JsonText),  # Slack ids it was last given; None: none yet
    Column("changed_at", UtcDateTime, nullable=False),
    Column("refused", String(64)),  # what Slack refused it with, told once; None: nothing
)
