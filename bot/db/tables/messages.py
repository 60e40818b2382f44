"""What was said in a conversation, by either side."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

message = Table(
    "message",
    metadata,
    own_id(),
    ref("ticket"),
    ref("inbox"),
    ref("raw_inbound", nullable=True),
    Column("external_id", String(400), nullable=False),
    Column("client_key", String(120)),  # of the form an agent submitted; the same one sends once
    Column("direction", String(3), nullable=False),  # in | out
    Column("author", String(12), nullable=False),
    Column("agent", String(32)),  # Slack user id of the agent who sent it
    Column("verdict", String(24), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("sent_at", UtcDateTime, nullable=False),  # marketplace time; for ours, hand-over time
    Column("seen_at", UtcDateTime, nullable=False),  # our time
    Column("sender_name", String(200), nullable=False, server_default=""),
    Column("subject", String(400), nullable=False, server_default=""),
    Column("body", Text, nullable=False),
    Column("full_body", Text, nullable=False, server_default=""),
    Column("attachments", JsonText),
    Column("links", JsonText),
    Column("reply_context", JsonText),
    Column("respond_by", UtcDateTime),  # the instant the platform named for an answer to it
    Column("waiting_since", UtcDateTime),  # since when the platform counts its author as waiting
    Column("reply_until", UtcDateTime),  # after which the platform takes no answer to it
    Column("moved_from", BigInteger),  # the ticket it was written into, where it was merged
    Column("moved_at", UtcDateTime),  # since when it belongs to this one
    # in: received. out: queued → sending → sent → (bounced); or cancelled, failed, unsure
    Column("state", String(12), nullable=False),
    Column("public", Boolean, nullable=False, server_default=text("false")),  # for all to read
    Column("error", Text),
    UniqueConstraint("inbox_id", "external_id"),
    UniqueConstraint("ticket_id", "client_key"),
    Index("ix_message_ticket", "ticket_id", "sent_at"),
    Index(
        "ix_message_under_way",
        "ticket_id",
        sqlite_where=text("state IN ('queued', 'sending', 'unsure')"),
        postgresql_where=text("state IN ('queued', 'sending', 'unsure')"),
    ),
)

message_part = Table(
    "message_part",
    metadata,
    own_id(),
    ref("inbox"),
    Column("external_id", String(400), nullable=False),  # of one of the pieces it went out in
    ref("message"),
    UniqueConstraint("inbox_id", "external_id"),
)

message_file = Table(
    "message_file",
    metadata,
    own_id(),
    ref("message"),
    Column("name", String(200), nullable=False),
    Column("media_type", String(120), nullable=False),
    Column("size", BigInteger, nullable=False, server_default="0"),  # bytes, as Slack told it
    Column("slack_id", String(40)),  # where its bytes are fetched from
    Column("content", LargeBinary, nullable=False),  # empty until `fetched_at`
    Column("fetched_at", UtcDateTime),
    Index("ix_message_file_message_id", "message_id"),
)

shown_file = Table(
    "shown_file",
    metadata,
    own_id(),
    ref("message"),
    Column("slack_id", String(40), nullable=False),  # of the copy in the ticket's thread
    Column("at", UtcDateTime, nullable=False),
    Index("ix_shown_file_message_id", "message_id"),
)
