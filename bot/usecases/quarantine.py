"""Items nobody could read: what they are, and another try once a newer connector may understand them.

Each became a ticket that says so (invariant 1). One that can be read now joins its real
conversation like any other item; `bot.usecases.ingest` then resolves that ticket.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select, update

from bot.db import tables
from bot.db.inbound_rows import opened_payload
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.usecases.webhooks import WAKES

_R = tables.raw_inbound.c
_I = tables.inbox.c
_M = tables.message.c
_T = tables.ticket.c

_ASIDE = _R.state == "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """One item that was set aside. `reason` is the reader's error; `ticket` the number that stands for it."""

    id: int
    inbox: str
    source_id: str
    received_at: datetime
    size: int
    reason: str
    ticket: int | None

    @property
    def pointer(self) -> str:
        """Which part of the item is at fault, without a word of it."""
        return self.reason.partition(": ")[0][:120]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Items to be read again: by id, of one inbox, or all."""

    ids: Collection[int] = ()
    inbox: str | None = None


def count_quarantined(conn: Connection) -> int:
    """How many items are set aside."""
    return conn.scalar(select(func.count()).select_from(tables.raw_inbound).where(_ASIDE)) or 0


def quarantined(conn: Connection, *, limit: int = 200) -> list[Quarantined]:
    """Items that are set aside, newest first."""
    rows = conn.execute(_wanted(_ASIDE).order_by(_R.id.desc()).limit(limit))
    return [_item(conn, row) for row in rows]


def quarantined_item(conn: Connection, item_id: int) -> tuple[Quarantined, bytes] | None:
    """One of them, with its payload exactly as it came."""
    row = conn.execute(_wanted(and_(_ASIDE, _R.id == item_id))).one_or_none()
    return None if row is None else (_item(conn, row), opened_payload(conn, row))


def retry(tx: Tx, command: Retry) -> int:
    """Have items read again at the next look into their inboxes; how many."""
    chosen = [_ASIDE]
    if command.ids:
        chosen.append(_R.id.in_(command.ids))
    if command.inbox is not None:
        named = select(_I.id).where(_I.name == command.inbox).scalar_subquery()
        chosen.append(_R.inbox_id == named)
    # The reason stays with the item: that is how its reader knows that it was tried before.
    rows = tx.conn.execute(
        update(tables.raw_inbound)
        .where(*chosen)
        .values(state="stored", attempts=0)
        .returning(_R.inbox_id)
    ).all()
    for inbox in _names(tx.conn, {row.inbox_id for row in rows}):
        tx.wakes.add(f"{WAKES}{inbox}")
    return len(rows)


def _names(conn: Connection, ids: Collection[int]) -> list[str]:
    return list(conn.scalars(select(_I.name).where(_I.id.in_(ids)))) if ids else []


def _wanted(condition: ColumnElement[bool]) -> Select[Any]:
    placeholder = and_(
        _M.inbox_id == _R.inbox_id, _M.raw_inbound_id == _R.id, _M.external_id.startswith("raw:")
    )
    return (
        select(tables.raw_inbound, _I.name.label("inbox"), _T.number)
        .join_from(tables.raw_inbound, tables.inbox)
        .join(tables.message, placeholder, isouter=True)
        .join(tables.ticket, _T.id == _M.ticket_id, isouter=True)
        .where(condition)
    )


def _item(conn: Connection, row: AnyRow) -> Quarantined:
    return Quarantined(
        id=row.id,
        inbox=row.inbox,
        source_id=row.source_id,
        received_at=row.received_at,
        size=len(opened_payload(conn, row)),
        reason=row.detail or "",
        ticket=row.number,
    )
