"""Copies of answers that wait for their question, and customers found by the name a copy gives."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two indexes; what runs meanwhile needs neither."""
    held = sa.text("state = 'held'")
    op.create_index(
        "ix_raw_inbound_held",
        "raw_inbound",
        ["inbox_id", "id"],
        sqlite_where=held,
        postgresql_where=held,
    )
    op.create_index("ix_customer_name", "customer", ["inbox_id", "display_name"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_customer_name", "customer")
    op.drop_index("ix_raw_inbound_held", "raw_inbound")
