"""Who is away, and whose turn it is by each route."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables; what runs meanwhile knows neither."""
    op.create_table(
        "absence",
        sa.Column("slack_id", sa.String(32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("said_by", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("slack_id", name=op.f("pk_absence")),
    )
    op.create_table(
        "route_turn",
        sa.Column("route", sa.String(80), nullable=False),
        sa.Column("slack_id", sa.String(32), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("route", "slack_id", name=op.f("pk_route_turn")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("route_turn")
    op.drop_table("absence")
