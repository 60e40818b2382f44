"""Forecasts of missed deadlines, the tags of customers, and the Slack groups that follow shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables and a column that may be empty; what runs meanwhile does not know them."""
    op.create_table(
        "forecast",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("expected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_forecast_ticket_id_ticket"),
        sa.ForeignKeyConstraint(
            ["deadline_id"], ["deadline.id"], name="fk_forecast_deadline_id_deadline"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_forecast"),
        sa.UniqueConstraint("deadline_id", "made_at", name="uq_forecast_deadline_id_made_at"),
    )
    op.create_index("ix_forecast_made_at", "forecast", ["made_at"])
    op.create_table(
        "shift_group",
        sa.Column("handle", sa.String(80), nullable=False),
        sa.Column("people", sa.JSON(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("handle", name="pk_shift_group"),
    )
    op.add_column("customer", sa.Column("tags", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("customer") as table:
        table.drop_column("tags")
    op.drop_table("shift_group")
    op.drop_index("ix_forecast_made_at", "forecast")
    op.drop_table("forecast")
