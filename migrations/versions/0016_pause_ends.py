"""When waits and snoozes end, so that their end can be told without reading any history."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table; what runs meanwhile does not know it."""
    op.create_table(
        "pause_end",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_pause_end_ticket_id_ticket"),
        sa.PrimaryKeyConstraint("id", name="pk_pause_end"),
        sa.UniqueConstraint(
            "ticket_id", "kind", "ends_at", name="uq_pause_end_ticket_id_kind_ends_at"
        ),
    )
    op.create_index("ix_pause_end_ends_at", "pause_end", ["ends_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("pause_end")
