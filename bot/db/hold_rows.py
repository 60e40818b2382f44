"""Legal holds, as rows."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, or_, select, update

from bot.db import tables
from bot.db.sealed import seal_text, shown_text
from bot.db.unit import Tx

_T = tables.ticket.c
_C = tables.customer.c
_H = tables.legal_hold.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What may not be deleted: a ticket (`number`) or a customer (`handle`). `by` set it."""

    id: int
    number: int | None
    handle: str | None
    reason: str
    by: str
    at: datetime
    ended_at: datetime | None


def add_hold(
    tx: Tx, *, ticket_id: int | None, customer_id: int | None, reason: str, by: str
) -> int:
    """Hold a ticket, or everything of a customer; the hold's id."""
    hold_id = tx.new_id()
    tx.conn.execute(
        insert(tables.legal_hold).values(
            id=hold_id,
            ticket_id=ticket_id,
            customer_id=customer_id,
            reason=seal_text(tx.conn, reason, place=f"legal_hold.reason:{hold_id}"),
            said_by=by,
            at=tx.now,
        )
    )
    return hold_id


def end_hold(tx: Tx, hold_id: int, by: str) -> bool:
    """Let go; False where there is none of that id, or it ended before."""
    ended = tx.conn.execute(
        update(tables.legal_hold)
        .where(_H.id == hold_id, _H.ended_at.is_(None))
        .values(ended_at=tx.now, ended_by=by)
    )
    return ended.rowcount == 1


def holds(conn: Connection, *, ended: bool = False) -> Sequence[Hold]:
    """Every hold that holds, and with `ended` those of before; the oldest first."""
    return _holds(conn, *(() if ended else (_H.ended_at.is_(None),)))


def holds_on(
    conn: Connection, ticket_ids: Collection[int], customer_ids: Collection[int]
) -> Sequence[Hold]:
    """Those that forbid to delete any of these."""
    concerned = or_(_H.ticket_id.in_(ticket_ids), _H.customer_id.in_(customer_ids))
    return _holds(conn, _H.ended_at.is_(None), concerned)


def _holds(conn: Connection, *which: ColumnElement[bool]) -> Sequence[Hold]:
    rows = conn.execute(
        select(tables.legal_hold, _T.number, _C.handle)
        .join_from(tables.legal_hold, tables.ticket, _T.id == _H.ticket_id, isouter=True)
        .join(tables.customer, _C.id == _H.customer_id, isouter=True)
        .where(*which)
        .order_by(_H.id)
    )
    return [
        Hold(
            id=row.id,
            number=row.number,
            handle=row.handle,
            reason=shown_text(conn, row.reason, place=f"legal_hold.reason:{row.id}"),
            by=row.said_by,
            at=row.at,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
