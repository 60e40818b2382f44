"""What rules may look at, and the versions of them that a ticket goes by."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns, all with defaults: the processes of before go on meanwhile."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "rule_version",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_version"),
        sa.UniqueConstraint("kind", "name", "version", name="uq_rule_version_kind_name_version"),
    )


def downgrade() -> None:
    """Drop them, in the opposite order."""
    op.drop_table("rule_version")
    for table, columns in reversed(_added().items()):
        for column in reversed(columns):
            op.drop_column(table, column.name)


def _added() -> dict[str, list[sa.Column[Any]]]:
    """New columns, each made anew: one that was given to a table cannot be given to another."""
    return {
        "ticket": [
            sa.Column("topic", sa.String(32), nullable=False, server_default="other"),
            sa.Column("marketplace", sa.String(40), nullable=False, server_default=""),
            sa.Column("tags", sa.JSON()),
            sa.Column("order_value_cents", sa.BigInteger()),
            sa.Column("currency", sa.String(3)),
            sa.Column("platform_due_at", sa.DateTime(timezone=True)),
            sa.Column("policy_version", sa.String(16)),
            sa.Column("calendar_versions", sa.JSON()),
        ],
        "deadline": [
            sa.Column("cause", sa.Text()),
            sa.Column("paused_at", sa.DateTime(timezone=True)),
        ],
        "message": [sa.Column("respond_by", sa.DateTime(timezone=True))],
    }
