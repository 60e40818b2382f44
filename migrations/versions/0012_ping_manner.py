"""How a ping speaks: whether it mentions anybody, and what silences it."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns; every ping planned before mentions and falls silent as it always did."""
    op.add_column(
        "ping", sa.Column("mention", sa.Boolean(), nullable=False, server_default=sa.true())
    )
    op.add_column(
        "ping",
        sa.Column("until", sa.String(12), nullable=False, server_default="acknowledged"),
    )


def downgrade() -> None:
    """Drop them."""
    with op.batch_alter_table("ping") as table:
        table.drop_column("until")
        table.drop_column("mention")
