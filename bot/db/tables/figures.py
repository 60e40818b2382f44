"""What is measured of each ticket and each wait, ratings of customers, and a platform's own figures.

The first two are worked out from the other rows by `bot.domain.figures` and can be made again at
any time: nothing points to them, and nothing is decided by them. Their instants are whole seconds, which a report reads by the
hundred thousand (`UtcSeconds`).
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.db.tables.base import metadata, own_id, ref
from bot.db.types import UtcDateTime, UtcSeconds

ticket_figure = Table(
    "ticket_figure",
    metadata,
    Column("ticket_id", BigInteger, primary_key=True, autoincrement=False),
    Column("inbox_id", BigInteger, nullable=False),
    Column("number", Integer, nullable=False),
    Column("customer_id", BigInteger),
    Column("marketplace", String(40), nullable=False),
    Column("language", String(8), nullable=False),  # empty: nobody knows
    Column("kind", String(24), nullable=False),
    Column("stage", String(12), nullable=False),
    Column("risk", String(12), nullable=False),
    Column("intent", String(32), nullable=False),  # sla_rules.topics.Topic
    Column("vip", Boolean, nullable=False),
    Column("owner", String(32), nullable=False),  # Slack user id; empty: nobody
    Column("opened_at", UtcSeconds, nullable=False),  # its first message was written
    Column("seen_at", UtcSeconds, nullable=False),  # the desk first knew of it
    Column("state", String(12), nullable=False),
    Column("merged_at", UtcSeconds),
    Column("first_claimed_at", UtcSeconds),
    Column("first_answer_at", UtcSeconds),
    Column("first_answer_by", String(32), nullable=False),  # empty: in the platform's console
    Column("resolved_at", UtcSeconds),  # the resolution that holds
    Column("resolution_worked", Integer),  # seconds of business time from `opened_at` to it
    Column("resolution_due_at", UtcSeconds),
    Column("customer_turns", Integer, nullable=False),
    Column("answer_turns", Integer, nullable=False),
    Column("hand_overs", Integer, nullable=False),
    Column("reopened", Integer, nullable=False),
    Column("handling_seconds", Integer),  # None: nothing to tell it by
    Column("pings", Integer, nullable=False),
    Column("needless_pings", Integer, nullable=False),
    Column("mood_first", Integer),  # -2 (angry) … 2 (glad), of the first message; None: unread
    Column("mood_last", Integer),
    Column("stars", Integer),  # of a review, 1 … 5
    Column("order_value_cents", BigInteger),
    Column("currency", String(3)),
    Column("bought_again_at", UtcSeconds),  # an order of the customer after the first answer
    Column("bought_again_cents", BigInteger),
    Column("version", Integer, nullable=False),  # bot.domain.figures.VERSION it was measured by
    Index("ix_ticket_figure_opened_at", "opened_at"),
    Index("ix_ticket_figure_resolved_at", "resolved_at"),
    Index("ix_ticket_figure_inbox_id", "inbox_id", "opened_at"),
)

wait_figure = Table(
    "wait_figure",
    metadata,
    Column("ticket_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instance", Integer, primary_key=True, autoincrement=False),  # 0 is the first response
    Column("inbox_id", BigInteger, nullable=False),
    Column("began_at", UtcSeconds, nullable=False),
    Column("seen_at", UtcSeconds, nullable=False),
    Column("claimed_at", UtcSeconds),  # since when somebody owned it during the wait
    Column("ended_at", UtcSeconds),
    Column("end", String(12), nullable=False),  # bot.domain.figures.End; empty while it lasts
    Column("answered_by", String(32), nullable=False),  # Slack user id; empty: nobody of the desk
    Column("worked_seconds", Integer),  # business time from `began_at` to `ended_at`
    Column("limit_due_at", UtcSeconds),  # the marketplace's clock; None: it has none
    Column("limit_cause", String(16), nullable=False),  # bot.domain.figures.MissCause; empty: met
    Column("target_due_at", UtcSeconds),  # the shop's own clock
    Column("target_cause", String(16), nullable=False),
    Index("ix_wait_figure_began_at", "began_at"),
    Index("ix_wait_figure_ended_at", "ended_at", "began_at"),
    Index(
        "ix_wait_figure_open",
        "ticket_id",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

feedback = Table(
    "feedback",
    metadata,
    own_id(),
    ref("ticket"),
    ref("message", nullable=True),  # the answer that asked
    Column("kind", String(8), nullable=False),  # csat | nps
    Column("asked_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("score", Integer),  # csat 1 … 5, nps 0 … 10; None: not answered
    Column("comment", Text),
    Column("answered_at", UtcDateTime),
    UniqueConstraint("ticket_id", "kind"),
    Index("ix_feedback_answered_at", "answered_at"),
)

health_reading = Table(
    "health_reading",
    metadata,
    own_id(),
    ref("inbox"),
    Column("marketplace", String(40), nullable=False, server_default=""),
    Column("measure", String(40), nullable=False),  # bot.reports.health.lines.Measure
    Column("value", Float),  # a share of 0 … 1, or a number; None: the platform says there is none
    Column("counted", Integer),  # how many were bad (or, for a share to reach, good)
    Column("out_of", Integer),
    Column("since", Date),
    Column("until", Date, nullable=False),  # the day the figure is of
    Column("source", String(12), nullable=False),  # import | api
    Column("sha256", String(64), nullable=False, server_default=""),  # of the file it is from
    Column("read_at", UtcDateTime, nullable=False),
    UniqueConstraint("inbox_id", "marketplace", "measure", "until"),
    Index("ix_health_reading_until", "until"),
)
