"""What is kept how long, what may not be deleted, and who asked to be forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two tables and three empty columns; what runs meanwhile does not know them."""
    op.add_column("ticket", sa.Column("purge_after", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket", sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("customer", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_ticket_kept",
        "ticket",
        ["inbox_id", "id"],
        sqlite_where=sa.text("purged_at IS NULL"),
        postgresql_where=sa.text("purged_at IS NULL"),
    )
    _add_holds()
    op.create_table(
        "forgotten",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_forgotten_inbox_id"),
        sa.PrimaryKeyConstraint("id", name="pk_forgotten"),
        sa.UniqueConstraint("inbox_id", "digest", name="uq_forgotten_inbox_id_digest"),
    )


def _add_holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("said_by", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(80), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_legal_hold_ticket_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_legal_hold_customer_id"),
        sa.PrimaryKeyConstraint("id", name="pk_legal_hold"),
    )
    op.create_index("ix_legal_hold_ticket_id", "legal_hold", ["ticket_id"])
    op.create_index("ix_legal_hold_customer_id", "legal_hold", ["customer_id"])


def downgrade() -> None:
    """What was emptied stays empty; what says so goes."""
    op.drop_table("forgotten")
    op.drop_index("ix_legal_hold_customer_id", table_name="legal_hold")
    op.drop_index("ix_legal_hold_ticket_id", table_name="legal_hold")
    op.drop_table("legal_hold")
    op.drop_index("ix_ticket_kept", table_name="ticket")
    op.drop_column("customer", "forgotten_at")
    op.drop_column("ticket", "purged_at")
    op.drop_column("ticket", "purge_after")
