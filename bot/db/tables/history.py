"""What proves that the history was not changed since it was written."""

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from bot.db.tables.base import metadata
from bot.db.types import UtcDateTime

history_link = Table(
    "history_link",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 … without a gap
    # No foreign key: a link stays to say which event was deleted.
    Column("event_id", BigInteger, nullable=False, unique=True),
    Column("key_id", String(16), nullable=False),  # which key made both of the next
    Column("fingerprint", LargeBinary, nullable=False),  # of the event
    Column("seal", LargeBinary, nullable=False),  # of this link and all before it
    Column("linked_at", UtcDateTime, nullable=False),
    Column("erased_at", UtcDateTime),  # a person's words were taken out of the event, on purpose
)
