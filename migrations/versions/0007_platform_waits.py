"""Since when a platform counts a customer as waiting, and until when it takes an answer."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns; what runs meanwhile knows neither."""
    for column in _added():
        op.add_column("message", column)


def downgrade() -> None:
    """Drop them."""
    for column in reversed(_added()):
        op.drop_column("message", column.name)


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("waiting_since", sa.DateTime(timezone=True)),
        sa.Column("reply_until", sa.DateTime(timezone=True)),
    ]
