"""How people want to be called, which channels are in a storm, and which digests were decided."""

from sqlalchemy import Boolean, Column, Date, String, Table

from bot.db.tables.base import metadata
from bot.db.types import UtcDateTime

preference = Table(
    "preference",
    metadata,
    Column("slack_id", String(32), primary_key=True),
    Column("quiet", String(11)),  # "20:00-08:00"; "" is never; None: as the settings file says
    Column("pings", String(8)),  # bot.domain.quiet_hours.PingWay; None: as the settings file says
    Column(
        "language", String(2)
    ),  # bot.language.Language; None: as the settings file, or Slack, says
    Column("changed_at", UtcDateTime, nullable=False),
)

surge = Table(
    "surge",
    metadata,
    Column("channel", String(32), primary_key=True),  # Slack channel id; "*": the whole desk
    Column("mode", String(8)),  # bot.domain.surge.Mode, for the whole desk only
    Column("since", UtcDateTime),  # None: no storm
    Column("calm_since", UtcDateTime),  # little waits since then, while the storm is not over yet
    Column("ts", String(32)),  # the list of what is at risk
)

digest = Table(
    "digest",
    metadata,
    Column("kind", String(12), primary_key=True),  # bot.domain.digests.DigestKind
    Column("place", String(32), primary_key=True),  # Slack channel id; "managers"
    Column("day", Date, primary_key=True),  # in the desk's zone
    Column("decided_at", UtcDateTime, nullable=False),
    Column("sent", Boolean, nullable=False),  # False: there was nothing to say
)
