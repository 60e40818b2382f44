"""Macros written in Slack may want a second person; where a ticket's former cards were."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what nobody asked for yet; what runs meanwhile does not know either."""
    op.add_column(
        "macro", sa.Column("approval", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("ticket", sa.Column("slack_former", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Forget both: answers made with these macros go out on one person's word again."""
    op.drop_column("ticket", "slack_former")
    op.drop_column("macro", "approval")
