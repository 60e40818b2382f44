"""Tickets merged and linked, claims that expire, and who is composing an answer."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEX = "ix_ticket_merged_into"


def upgrade() -> None:
    """Add columns and tables; what runs meanwhile knows none of them."""
    op.add_column("ticket", sa.Column("merged_into", sa.BigInteger()))
    merged = sa.text("merged_into IS NOT NULL")
    op.create_index(INDEX, "ticket", ["merged_into"], sqlite_where=merged, postgresql_where=merged)
    for column in _of_messages():
        op.add_column("message", column)
    _tables()


def downgrade() -> None:
    """Drop them. What was merged stays where it went."""
    for name in ("composing", "claim_watch", "ticket_link"):
        op.drop_table(name)
    for column in reversed(_of_messages()):
        op.drop_column("message", column.name)
    op.drop_index(INDEX, "ticket")
    op.drop_column("ticket", "merged_into")


def _of_messages() -> list[sa.Column[Any]]:
    return [
        sa.Column("moved_from", sa.BigInteger()),
        sa.Column("moved_at", sa.DateTime(timezone=True)),
    ]


def _tables() -> None:
    op.create_table(
        "ticket_link",
        _id(),
        _ticket("ticket_link", "ticket_id"),
        _ticket("ticket_link", "other_id"),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_link"),
        sa.UniqueConstraint("ticket_id", "other_id", name="uq_ticket_link_ticket_id_other_id"),
    )
    op.create_index("ix_ticket_link_other_id", "ticket_link", ["other_id"])
    op.create_table(
        "claim_watch",
        _id(),
        _ticket("claim_watch", "ticket_id"),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_claim_watch"),
        sa.UniqueConstraint("ticket_id", name="uq_claim_watch_ticket_id"),
    )
    op.create_index("ix_claim_watch_due_at", "claim_watch", ["due_at"])
    op.create_table(
        "composing",
        _id(),
        _ticket("composing", "ticket_id"),
        sa.Column("agent", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_composing"),
        sa.UniqueConstraint("ticket_id", "agent", name="uq_composing_ticket_id_agent"),
    )


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False)


def _ticket(table: str, column: str) -> sa.Column[Any]:
    key = sa.ForeignKey("ticket.id", name=f"fk_{table}_{column}")
    return sa.Column(column, sa.BigInteger(), key, nullable=False)
