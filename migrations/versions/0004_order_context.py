"""What platforms tell of the orders behind a ticket."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a table and an index; what runs meanwhile knows neither."""
    op.create_table(
        "ticket_context",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_context"),
        sa.UniqueConstraint("ticket_id", name="uq_ticket_context_ticket_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_context_ticket_id"),
    )
    op.create_index("ix_ticket_customer", "ticket", ["customer_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_ticket_customer", "ticket")
    op.drop_table("ticket_context")
