"""What is measured of tickets and waits, ratings of customers, and platforms' own figures."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add four tables; what runs meanwhile does not know them."""
    op.create_table(
        "ticket_figure",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("marketplace", sa.String(40), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("risk", sa.String(12), nullable=False),
        sa.Column("intent", sa.String(32), nullable=False),
        sa.Column("vip", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("merged_at", sa.BigInteger(), nullable=True),
        sa.Column("first_claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("first_answer_at", sa.BigInteger(), nullable=True),
        sa.Column("first_answer_by", sa.String(32), nullable=False),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("resolution_worked", sa.Integer(), nullable=True),
        sa.Column("resolution_due_at", sa.BigInteger(), nullable=True),
        sa.Column("customer_turns", sa.Integer(), nullable=False),
        sa.Column("answer_turns", sa.Integer(), nullable=False),
        sa.Column("hand_overs", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("handling_seconds", sa.Integer(), nullable=True),
        sa.Column("pings", sa.Integer(), nullable=False),
        sa.Column("needless_pings", sa.Integer(), nullable=False),
        sa.Column("mood_first", sa.Integer(), nullable=True),
        sa.Column("mood_last", sa.Integer(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("order_value_cents", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        sa.Column("bought_again_at", sa.BigInteger(), nullable=True),
        sa.Column("bought_again_cents", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_ticket_figure"),
    )
    op.create_index("ix_ticket_figure_inbox_id", "ticket_figure", ["inbox_id", "opened_at"])
    op.create_index("ix_ticket_figure_opened_at", "ticket_figure", ["opened_at"])
    op.create_index("ix_ticket_figure_resolved_at", "ticket_figure", ["resolved_at"])
    op.create_table(
        "wait_figure",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("instance", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("end", sa.String(12), nullable=False),
        sa.Column("answered_by", sa.String(32), nullable=False),
        sa.Column("worked_seconds", sa.Integer(), nullable=True),
        sa.Column("limit_due_at", sa.BigInteger(), nullable=True),
        sa.Column("limit_cause", sa.String(16), nullable=False),
        sa.Column("target_due_at", sa.BigInteger(), nullable=True),
        sa.Column("target_cause", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("ticket_id", "instance", name="pk_wait_figure"),
    )
    op.create_index("ix_wait_figure_began_at", "wait_figure", ["began_at"])
    op.create_index("ix_wait_figure_ended_at", "wait_figure", ["ended_at", "began_at"])
    op.create_index(
        "ix_wait_figure_open",
        "wait_figure",
        ["ticket_id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_feedback_ticket_id_ticket"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name="fk_feedback_message_id_message"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.UniqueConstraint("ticket_id", "kind", name="uq_feedback_ticket_id_kind"),
    )
    op.create_index("ix_feedback_answered_at", "feedback", ["answered_at"])
    op.create_table(
        "health_reading",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("marketplace", sa.String(40), nullable=False, server_default=""),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("out_of", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, server_default=""),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["inbox_id"], ["inbox.id"], name="fk_health_reading_inbox_id_inbox"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_health_reading"),
        sa.UniqueConstraint(
            "inbox_id",
            "marketplace",
            "measure",
            "until",
            name="uq_health_reading_inbox_id_marketplace_measure_until",
        ),
    )
    op.create_index("ix_health_reading_until", "health_reading", ["until"])


def downgrade() -> None:
    """Drop them; the first two can be made again from the other rows."""
    for table in ("health_reading", "feedback", "wait_figure", "ticket_figure"):
        op.drop_table(table)
