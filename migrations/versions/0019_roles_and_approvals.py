"""Answers that a second person lets out, and the chain over the history."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a second person decides on; what runs meanwhile does not know it."""
    _add_approvals()


def downgrade() -> None:
    """Forget it."""
    _drop_approvals()


def _add_approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(32), nullable=False),
        sa.Column("client_key", sa.String(120), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("choices", sa.Text(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(32), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_approval_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_approval"),
        sa.UniqueConstraint("ticket_id", "client_key", name="uq_approval_ticket_id_client_key"),
    )
    op.create_index(
        "ix_approval_asked",
        "approval",
        ["ends_at"],
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )
    op.add_column("draft", sa.Column("macros", sa.JSON(none_as_null=True), nullable=True))


def _drop_approvals() -> None:
    op.drop_column("draft", "macros")
    op.drop_index("ix_approval_asked", table_name="approval")
    op.drop_table("approval")
