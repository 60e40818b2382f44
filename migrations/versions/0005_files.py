"""Files of answers that are fetched from Slack, files shown in threads, answers in several pieces."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add columns and tables; what runs meanwhile knows none of them."""
    for column in _added():
        op.add_column("message_file", column)
    op.create_table(
        "message_part",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("external_id", sa.String(400), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_part"),
        sa.UniqueConstraint("inbox_id", "external_id", name="uq_message_part_inbox_id_external_id"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_message_part_inbox_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_message_part_message_id"),
    )
    op.create_table(
        "shown_file",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("slack_id", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shown_file"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_shown_file_message_id"),
    )
    op.create_index("ix_shown_file_message_id", "shown_file", ["message_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("shown_file")
    op.drop_table("message_part")
    for column in reversed(_added()):
        op.drop_column("message_file", column.name)


def _added() -> list[sa.Column[Any]]:
    return [
        sa.Column("size", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("slack_id", sa.String(40)),
        sa.Column("fetched_at", sa.DateTime(timezone=True)),
    ]
