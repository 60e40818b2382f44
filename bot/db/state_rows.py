"""The few facts a desk keeps of itself: one row a name, the newest value only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, select, update

from bot.db import tables
from bot.db.inserts import insert_ignore, upsert

ALIVE: Final = "alive"
"""When a working process last said that it works."""

AWAY: Final = "away"
"""From when to when nobody worked, until the ops channel is told; empty afterwards."""

ALARM: Final = "alarm_mail"
"""Since when managers are mailed because Slack does not hear a missed deadline; empty afterwards."""

RESTORED: Final = "restored_at"
"""When the database was put back from a backup."""

CLEAN_AUDIT: Final = "clean_audit"
"""When an audit last found nothing."""

FINDINGS: Final = "findings"
"""What the newest audit found, by code and subject."""

FOLDED: Final = "outbox_folded"
"""Up to which effect all that is done is folded, and which were still open."""

CLOCK_STEP: Final = "clock_step"
"""By how much the machine's clock was last set, which worker had the rows follow, and when."""

RATE: Final = "rate:"
"""Before the names of gates that all workers pass: until when their tokens are spent."""

NAME_LENGTH: Final = 40

_S = tables.desk_state.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskState:
    """One fact: what is kept, and the instant it is of."""

    value: Any
    at: datetime


def get_state(conn: Connection, name: str) -> DeskState | None:
    """What is kept under `name`; None for nothing yet."""
    row = conn.execute(select(_S.value, _S.at).where(_S.name == name)).one_or_none()
    return None if row is None else DeskState(value=row.value, at=row.at)


def all_states(conn: Connection) -> Mapping[str, DeskState]:
    """Everything that is kept, by name."""
    rows = conn.execute(select(_S.name, _S.value, _S.at))
    return {row.name: DeskState(value=row.value, at=row.at) for row in rows}


def put_state(conn: Connection, name: str, value: Any, at: datetime) -> None:
    """Keep `value` (anything JSON can say) under `name`, instead of what was there."""
    known = {"value": value, "at": at}
    conn.execute(
        upsert(conn.dialect.name, tables.desk_state)
        .values(name=name, **known)
        .on_conflict_do_update(index_elements=["name"], set_=known)
    )


def swap_state(
    conn: Connection, name: str, value: Any, at: datetime, *, seen: datetime | None
) -> bool:
    """Keep `value` only if what is there is still of `seen` (None: nothing is); whether it was.

    Of several processes that saw the same, one succeeds.
    """
    if seen is None:
        added = conn.execute(
            insert_ignore(conn, tables.desk_state).values(name=name, value=value, at=at)
        )
        return added.rowcount == 1
    changed = conn.execute(
        update(tables.desk_state).where(_S.name == name, _S.at == seen).values(value=value, at=at)
    )
    return changed.rowcount == 1


def forget_states(conn: Connection, prefix: str, before: datetime, limit: int) -> int:
    """Forget what was kept under names that begin so, and not since `before`; how many."""
    old = select(_S.name).where(_S.name.startswith(prefix, autoescape=True), _S.at < before)
    names = list(conn.scalars(old.limit(limit)))
    if names:
        conn.execute(delete(tables.desk_state).where(_S.name.in_(names)))
    return len(names)
