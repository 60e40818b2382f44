"""The language a person chose to be spoken to in."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has chosen yet: the settings, or Slack, say it."""
    op.add_column("preference", sa.Column("language", sa.String(2)))


def downgrade() -> None:
    """Drop it."""
    with op.batch_alter_table("preference") as table:
        table.drop_column("language")
