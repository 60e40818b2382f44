"""What agents write before it is sent: texts for use again, and answers begun."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import JsonText, UtcDateTime

_LIVE = text("archived_at IS NULL")

macro = Table(
    "macro",
    metadata,
    own_id(),
    Column("owner", String(32), nullable=False),  # Slack user id; empty: everybody's
    Column("name", String(40), nullable=False),
    Column("name_key", String(80), nullable=False),  # the name without its capitals
    Column("language", String(8), nullable=False),  # empty: for any
    Column("body", Text, nullable=False),
    Column("channels", JsonText),  # where it may be used; none: everywhere
    Column("inboxes", JsonText),
    Column("topics", JsonText),  # what it is offered for first
    Column("approval", Boolean, nullable=False, server_default=false()),  # wants a second person
    Column("version", Integer, nullable=False),
    Column("changed_by", String(32), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("archived_at", UtcDateTime),
    Index(
        "uq_macro_live",
        "owner",
        "language",
        "name_key",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
)

draft = Table(
    "draft",
    metadata,
    own_id(),
    ref("ticket"),
    Column("agent", String(32), nullable=False),  # who wrote it
    Column("body", Text, nullable=False),
    Column("kept_at", UtcDateTime, nullable=False),
    Column("machine", String(200)),  # bot.domain.machine.Origin: whose words it began as
    Column("aside", Text),  # what stood there before a machine's words took its place
    Column("macros", JsonText),  # refs of those it began from that want a second person
    UniqueConstraint("ticket_id", "agent"),
    Index("ix_draft_kept_at", "kept_at"),
)

_ASKED = text("state = 'asked'")

approval = Table(
    "approval",
    metadata,
    own_id(),
    ref("ticket"),
    Column("author", String(32), nullable=False),
    Column("client_key", String(120), nullable=False),  # of the form that was submitted
    Column("body", Text, nullable=False),  # sealed, as an answer is
    Column("choices", Text, nullable=False),  # bot.db.approval_rows: what goes with it; sealed
    Column("state", String(12), nullable=False),  # bot.domain.approvals.ApprovalState
    Column("asked_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),  # nobody decided until then: it expires
    Column("decided_by", String(32)),
    Column("decided_at", UtcDateTime),
    Column("message_id", BigInteger),  # the answer that it became
    UniqueConstraint("ticket_id", "client_key"),
    Index("ix_approval_asked", "ends_at", sqlite_where=_ASKED, postgresql_where=_ASKED),
)
