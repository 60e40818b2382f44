"""What was set aside is found without reading all that was ever received."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one small index: of the items set aside, which are few."""
    aside = sa.text("state = 'quarantined'")
    op.create_index(
        "ix_raw_inbound_quarantined",
        "raw_inbound",
        ["inbox_id", "id"],
        sqlite_where=aside,
        postgresql_where=aside,
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_raw_inbound_quarantined", table_name="raw_inbound")
