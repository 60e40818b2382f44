"""What channels need: secrets they keep, calls they may make, calls they get, files that go out."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add tables and columns, all with defaults: the processes of before go on meanwhile."""
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)
    _inbox_table(
        "inbox_keep",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        key="name",
    )
    _inbox_table(
        "inbox_day",
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("reads", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("replies", sa.Integer(), nullable=False, server_default="0"),
        key="day",
    )
    _inbox_table(
        "webhook_delivery",
        sa.Column("delivery_id", sa.String(400), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        key="delivery_id",
    )
    op.create_index("ix_webhook_delivery_seen_at", "webhook_delivery", ["seen_at"])
    op.create_table(
        "message_file",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("media_type", sa.String(120), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_file"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_message_file_message_id"),
    )
    op.create_index("ix_message_file_message_id", "message_file", ["message_id"])


def downgrade() -> None:
    """Drop them, in the opposite order."""
    for table in ("message_file", "webhook_delivery", "inbox_day", "inbox_keep"):
        op.drop_table(table)
    for table, columns in reversed(_added().items()):
        for column in reversed(columns):
            op.drop_column(table, column.name)


def _added() -> dict[str, list[sa.Column[Any]]]:
    """New columns, each made anew: one that was given to a table cannot be given to another."""
    return {
        "inbox": [
            sa.Column("newest_sent_at", sa.DateTime(timezone=True)),
            sa.Column("woken_at", sa.DateTime(timezone=True)),
        ],
        "message": [
            sa.Column("public", sa.Boolean(), nullable=False, server_default=sa.text("false"))
        ],
    }


def _inbox_table(name: str, *columns: sa.Column[Any], key: str) -> None:
    """A table with rows of an inbox, each known by `key`."""
    op.create_table(
        name,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sa.UniqueConstraint("inbox_id", key, name=f"uq_{name}_inbox_id_{key}"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=f"fk_{name}_inbox_id"),
    )
