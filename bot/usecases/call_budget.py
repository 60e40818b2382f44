"""How many calls were made to an inbox's platform today: the memory behind a daily quota."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.unit import Tx
from bot.domain.pacing import Spent

KEPT = timedelta(days=30)
"""How long a day's count is kept, for whoever wonders where the calls went."""

_I = tables.inbox.c
_D = tables.inbox_day.c


def note_calls(tx: Tx, inbox: str, *, reads: int = 0, replies: int = 0) -> None:
    """Add calls that were made. Nothing happens for an inbox without a row."""
    if not reads and not replies:
        return
    inbox_id = tx.conn.scalar(select(_I.id).where(_I.name == inbox))
    if inbox_id is None:
        return
    statement = upsert(tx.conn.dialect.name, tables.inbox_day).values(
        id=tx.new_id(), inbox_id=inbox_id, day=_day(tx.now), reads=reads, replies=replies
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["inbox_id", "day"],
            set_={"reads": _D.reads + reads, "replies": _D.replies + replies},
        )
    )


def spent_today(conn: Connection, now: datetime) -> dict[str, Spent]:
    """Calls of today by inbox; inboxes without any are left out."""
    rows = conn.execute(
        select(_I.name, _D.reads, _D.replies)
        .join_from(tables.inbox_day, tables.inbox)
        .where(_D.day == _day(now))
    )
    return {row.name: Spent(reads=row.reads, replies=row.replies) for row in rows}


def forget_days(tx: Tx, *, limit: int) -> int:
    """Forget counts of long ago; how many."""
    old = select(_D.id).where(_D.day < _day(tx.now - KEPT)).limit(limit)
    ids = list(tx.conn.scalars(old))
    if ids:
        tx.conn.execute(delete(tables.inbox_day).where(_D.id.in_(ids)))
    return len(ids)


def _day(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%d}"
