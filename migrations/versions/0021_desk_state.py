"""What a process knows of the desk's own past: when it last ran, when it was restored."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


_UNDER_WAY = sa.text("state IN ('queued', 'sending', 'unsure')")
_WAITING = sa.text("state = 'open' AND waiting_since IS NOT NULL")
_ROOTLESS = sa.text("state = 'open' AND slack_ts IS NULL")


def upgrade() -> None:
    """Add a table and three indexes of few rows; what runs meanwhile does not know them."""
    op.create_table(
        "desk_state",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_desk_state")),
    )
    op.create_index(
        "ix_message_under_way",
        "message",
        ["ticket_id"],
        sqlite_where=_UNDER_WAY,
        postgresql_where=_UNDER_WAY,
    )
    op.create_index(
        "ix_ticket_waiting",
        "ticket",
        ["state", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
    op.create_index(
        "ix_ticket_rootless",
        "ticket",
        ["state", "slack_ts"],
        sqlite_where=_ROOTLESS,
        postgresql_where=_ROOTLESS,
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_ticket_rootless", table_name="ticket")
    op.drop_index("ix_ticket_waiting", table_name="ticket")
    op.drop_index("ix_message_under_way", table_name="message")
    op.drop_table("desk_state")
