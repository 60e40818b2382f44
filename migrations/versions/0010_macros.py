"""Texts that agents keep for use again, and answers begun and not sent."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

LIVE = sa.text("archived_at IS NULL")


def upgrade() -> None:
    """Add two tables; what runs meanwhile knows neither."""
    op.create_table(
        "macro",
        _id(),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("name_key", sa.String(80), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("channels", sa.JSON()),
        sa.Column("inboxes", sa.JSON()),
        sa.Column("topics", sa.JSON()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.String(32), nullable=False),
        _instant("changed_at", nullable=False),
        _instant("archived_at"),
        sa.PrimaryKeyConstraint("id", name="pk_macro"),
    )
    op.create_index(
        "uq_macro_live",
        "macro",
        ["owner", "language", "name_key"],
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    )
    op.create_table(
        "draft",
        _id(),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        _instant("kept_at", nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_draft_ticket_id_ticket"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("ticket_id", "agent", name="uq_draft_ticket_id_agent"),
    )
    op.create_index("ix_draft_kept_at", "draft", ["kept_at"])


def downgrade() -> None:
    """Drop them; macros in files stay."""
    op.drop_table("draft")
    op.drop_table("macro")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False)


def _instant(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
