"""Until when order data may be kept, where it is from, and its sealed form."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INDEX = "ix_ticket_context_purge_after"


def upgrade() -> None:
    """Add columns and an index; what runs meanwhile knows none of them."""
    for column in _added():
        op.add_column("ticket_context", column)
    op.create_index(INDEX, "ticket_context", ["purge_after"])


def downgrade() -> None:
    """Drop them. What was sealed is forgotten: it is looked up again with the next message."""
    op.execute(sa.text("DELETE FROM ticket_context WHERE sealed IS NOT NULL"))
    op.drop_index(INDEX, "ticket_context")
    for column in reversed(_added()):
        op.drop_column("ticket_context", column.name)


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("origin", sa.String(40), nullable=False, server_default=""),
        sa.Column("purge_after", sa.DateTime(timezone=True)),
    ]
