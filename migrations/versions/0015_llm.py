"""What a language model was asked for each day, whose question is open, and whose words a draft has."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables and two columns that may be empty; what runs meanwhile knows none of them."""
    op.create_table(
        "llm_day",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("tokens", sa.Integer(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_llm_day")),
    )
    op.create_table(
        "llm_turn",
        sa.Column("slack_id", sa.String(32), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("slack_id", name=op.f("pk_llm_turn")),
    )
    with op.batch_alter_table("draft") as draft:
        draft.add_column(sa.Column("machine", sa.String(200)))
        draft.add_column(sa.Column("aside", sa.Text()))


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("draft") as draft:
        draft.drop_column("aside")
        draft.drop_column("machine")
    op.drop_table("llm_turn")
    op.drop_table("llm_day")
