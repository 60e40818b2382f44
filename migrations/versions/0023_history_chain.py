"""The chain over the history: each event's fingerprint, tied to the one before it."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one table; the events of before are tied in by the first process that works."""
    op.create_table(
        "history_link",
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("seal", sa.LargeBinary(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_history_link"),
        sa.UniqueConstraint("event_id", name="uq_history_link_event_id"),
    )


def downgrade() -> None:
    """The events stay; what proves them goes."""
    op.drop_table("history_link")
