"""Whose App Home is open, and where somebody is waited for, to be found without reading all history."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_WAITING = sa.text("type = 'waiting'")


def upgrade() -> None:
    """Add a table and an index; what runs meanwhile knows neither."""
    op.create_table(
        "home",
        sa.Column("slack_id", sa.String(32), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("sees_all", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("digest", sa.String(64)),
        sa.PrimaryKeyConstraint("slack_id", name=op.f("pk_home")),
    )
    op.create_index(
        "ix_ticket_event_waiting",
        "ticket_event",
        ["id", "ticket_id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_ticket_event_waiting", table_name="ticket_event")
    op.drop_table("home")
