"""What a language model was asked today, and who is being answered: so that a restart forgets neither."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, select, update

from bot.assist.llm.budget import Spent
from bot.db import tables
from bot.db.inserts import upsert
from bot.db.unit import Tx

KEPT: Final = timedelta(days=90)
"""How long a day's count is kept, for whoever wonders what was paid for."""

_D = tables.llm_day.c
_T = tables.llm_turn.c


def spent_on(conn: Connection, now: datetime) -> Spent:
    """What was asked today (UTC)."""
    row = conn.execute(select(_D.requests, _D.tokens).where(_D.day == _day(now))).one_or_none()
    return Spent(requests=row.requests, tokens=row.tokens) if row else Spent()


def note_spent(tx: Tx, *, requests: int = 0, tokens: int = 0) -> None:
    """Add to today's count."""
    statement = upsert(tx.conn.dialect.name, tables.llm_day).values(
        day=_day(tx.now), requests=requests, tokens=tokens
    )
    tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["day"],
            set_={"requests": _D.requests + requests, "tokens": _D.tokens + tokens},
        )
    )


def take_turn(tx: Tx, slack_id: str, until: datetime) -> bool:
    """Whether the person has no other question open; if so, this one is theirs until then."""
    statement = upsert(tx.conn.dialect.name, tables.llm_turn).values(
        slack_id=slack_id, busy_until=until
    )
    taken = tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["slack_id"], set_={"busy_until": until}, where=_T.busy_until <= tx.now
        )
    )
    return taken.rowcount == 1


def end_turn(tx: Tx, slack_id: str) -> None:
    """The question was answered, or given up."""
    tx.conn.execute(
        update(tables.llm_turn).where(_T.slack_id == slack_id).values(busy_until=tx.now)
    )


def forget_old_days(tx: Tx, limit: int) -> int:
    """Forget counts of long ago; how many."""
    old = select(_D.day).where(_D.day < _day(tx.now - KEPT)).limit(limit)
    days = list(tx.conn.scalars(old))
    if days:
        tx.conn.execute(delete(tables.llm_day).where(_D.day.in_(days)))
    return len(days)


def _day(now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y-%m-%d}"
