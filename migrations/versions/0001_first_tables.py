"""The first tables of the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, those that others refer to first."""
    _create_agent()
    _create_counter()
    _create_inbox()
    _create_outbox()
    _index_outbox()
    _create_slack_event()
    _index_slack_event()
    _create_customer()
    _create_raw_inbound()
    _index_raw_inbound()
    _create_ticket()
    _index_ticket()
    _create_deadline()
    _index_deadline()
    _create_message()
    _index_message()
    _create_ticket_event()
    _index_ticket_event()
    _create_ticket_key()
    _create_ping()
    _index_ping()


def downgrade() -> None:
    """Drop every table, in the opposite order."""
    for table in (
        "ping",
        "ticket_key",
        "ticket_event",
        "message",
        "deadline",
        "ticket",
        "raw_inbound",
        "customer",
        "slack_event",
        "outbox",
        "inbox",
        "counter",
        "agent",
    ):
        op.drop_table(table)


def _create_agent() -> None:
    op.create_table(
        "agent",
        sa.Column("slack_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("slack_id", name="pk_agent"),
    )


def _create_counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("connector", sa.String(40), nullable=False),
        sa.Column("cursor", sa.JSON()),
        sa.Column("lease_owner", sa.String(80)),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("last_polled_at", sa.DateTime(timezone=True)),
        sa.Column("last_ok_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("paused_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("name", name="uq_inbox_name"),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("dedupe_key", sa.String(200), nullable=False),
        sa.Column("lane", sa.String(80), nullable=False),
        sa.Column("lane_group", sa.String(80), nullable=False),
        sa.Column("coalesce_key", sa.String(120)),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("result", sa.JSON()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_dedupe_key"),
    )


def _index_outbox() -> None:
    where = sa.text("state = 'ready'")
    op.create_index(
        "ix_outbox_coalesce", "outbox", ["coalesce_key"], sqlite_where=where, postgresql_where=where
    )
    where = sa.text("state IN ('ready', 'sending', 'unsure')")
    op.create_index(
        "ix_outbox_open", "outbox", ["lane", "id"], sqlite_where=where, postgresql_where=where
    )
    where = sa.text("state = 'ready'")
    op.create_index(
        "ix_outbox_ready",
        "outbox",
        ["priority", "not_before", "id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _create_slack_event() -> None:
    op.create_table(
        "slack_event",
        sa.Column("event_id", sa.String(80), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_slack_event"),
    )


def _index_slack_event() -> None:
    op.create_index("ix_slack_event_seen_at", "slack_event", ["seen_at"])


def _create_customer() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.String(320), nullable=False),
        sa.Column("display_name", sa.String(200), server_default="", nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("vip", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("orders", sa.Integer()),
        sa.Column("lifetime_value", sa.Float()),
        sa.Column("currency", sa.String(3)),
        sa.PrimaryKeyConstraint("id", name="pk_customer"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_customer_inbox_id"),
        sa.UniqueConstraint("inbox_id", "handle", name="uq_customer_inbox_id_handle"),
    )


def _create_raw_inbound() -> None:
    op.create_table(
        "raw_inbound",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.String(400), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("verdict", sa.String(24)),
        sa.Column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_raw_inbound"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_raw_inbound_inbox_id"),
        sa.UniqueConstraint("inbox_id", "source_id", name="uq_raw_inbound_inbox_id_source_id"),
    )


def _index_raw_inbound() -> None:
    where = sa.text("state = 'stored'")
    op.create_index(
        "ix_raw_inbound_stored",
        "raw_inbound",
        ["inbox_id", "id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _create_ticket() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("external_thread", sa.String(400), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("risk", sa.String(12), nullable=False),
        sa.Column("vip", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("order_id", sa.String(80)),
        sa.Column("platform_limit_seconds", sa.Integer()),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("card_stage", sa.String(12), nullable=False),
        sa.Column("assignee", sa.String(32)),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("snoozed_until", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.String(32)),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("waiting_since", sa.DateTime(timezone=True)),
        sa.Column("policy", sa.String(80)),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("slack_channel", sa.String(32)),
        sa.Column("slack_ts", sa.String(32)),
        sa.Column("slack_permalink", sa.String(400)),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name="fk_ticket_customer_id"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_ticket_inbox_id"),
        sa.UniqueConstraint(
            "inbox_id", "external_thread", name="uq_ticket_inbox_id_external_thread"
        ),
        sa.UniqueConstraint("number", name="uq_ticket_number"),
    )


def _index_ticket() -> None:
    where = sa.text("state = 'open'")
    op.create_index(
        "ix_ticket_open",
        "ticket",
        ["state", "assignee"],
        sqlite_where=where,
        postgresql_where=where,
    )
    op.create_index("ix_ticket_slack", "ticket", ["slack_channel", "slack_ts"])


def _create_deadline() -> None:
    op.create_table(
        "deadline",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(20), nullable=False),
        sa.Column("scope", sa.String(12), nullable=False),
        sa.Column("instance", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True)),
        sa.Column("breached_at", sa.DateTime(timezone=True)),
        sa.Column("policy", sa.String(80), nullable=False),
        sa.Column("policy_version", sa.String(16), nullable=False),
        sa.Column("calendar", sa.String(80), nullable=False),
        sa.Column("calendar_version", sa.String(16), nullable=False),
        sa.Column("clamped", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_deadline"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_deadline_ticket_id"),
        sa.UniqueConstraint(
            "ticket_id",
            "metric",
            "scope",
            "instance",
            name="uq_deadline_ticket_id_metric_scope_instance",
        ),
    )


def _index_deadline() -> None:
    where = sa.text("state = 'running'")
    op.create_index(
        "ix_deadline_running",
        "deadline",
        ["due_at", "ticket_id"],
        sqlite_where=where,
        postgresql_where=where,
    )


def _create_message() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("raw_inbound_id", sa.BigInteger()),
        sa.Column("external_id", sa.String(400), nullable=False),
        sa.Column("client_key", sa.String(120)),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("author", sa.String(12), nullable=False),
        sa.Column("agent", sa.String(32)),
        sa.Column("verdict", sa.String(24), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sender_name", sa.String(200), server_default="", nullable=False),
        sa.Column("subject", sa.String(400), server_default="", nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("full_body", sa.Text(), server_default="", nullable=False),
        sa.Column("attachments", sa.JSON()),
        sa.Column("links", sa.JSON()),
        sa.Column("reply_context", sa.JSON()),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("error", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_message_inbox_id"),
        sa.ForeignKeyConstraint(
            ["raw_inbound_id"], ["raw_inbound.id"], name="fk_message_raw_inbound_id"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_message_ticket_id"),
        sa.UniqueConstraint("inbox_id", "external_id", name="uq_message_inbox_id_external_id"),
        sa.UniqueConstraint("ticket_id", "client_key", name="uq_message_ticket_id_client_key"),
    )


def _index_message() -> None:
    op.create_index("ix_message_ticket", "message", ["ticket_id", "sent_at"])


def _create_ticket_event() -> None:
    op.create_table(
        "ticket_event",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger()),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("actor", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_event"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_event_ticket_id"),
    )


def _index_ticket_event() -> None:
    op.create_index("ix_ticket_event_ticket", "ticket_event", ["ticket_id", "id"])


def _create_ticket_key() -> None:
    op.create_table(
        "ticket_key",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("inbox_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ticket_key"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_ticket_key_inbox_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ticket_key_ticket_id"),
        sa.UniqueConstraint("inbox_id", "key", name="uq_ticket_key_inbox_id_key"),
    )


def _create_ping() -> None:
    op.create_table(
        "ping",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("deadline_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.String(24), nullable=False),
        sa.Column("audience", sa.String(12), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.String(24)),
        sa.PrimaryKeyConstraint("id", name="pk_ping"),
        sa.ForeignKeyConstraint(["deadline_id"], ["deadline.id"], name="fk_ping_deadline_id"),
        sa.ForeignKeyConstraint(["ticket_id"], ["ticket.id"], name="fk_ping_ticket_id"),
        sa.UniqueConstraint("deadline_id", "step", name="uq_ping_deadline_id_step"),
    )


def _index_ping() -> None:
    where = sa.text("fired_at IS NULL AND cancelled_at IS NULL")
    op.create_index(
        "ix_ping_due", "ping", ["fire_at", "id"], sqlite_where=where, postgresql_where=where
    )
