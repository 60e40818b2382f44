"""How the desk stands, counted in two statements."""

from datetime import datetime

from sqlalchemy import Connection, and_, case, func, select

from bot.db import tables
from bot.db.sight_rows import Sight, in_sight
from bot.db.types import AnyRow, literally
from bot.domain.status import DUE_SOON, InboxStatus, SlaStatus
from bot.domain.ticket import TicketState
from sla_rules.vocabulary import ClockState

_T = tables.ticket.c
_D = tables.deadline.c
_I = tables.inbox.c
_R = tables.raw_inbound.c


def sla_status(conn: Connection, now: datetime, sight: Sight = None) -> SlaStatus:
    """Every inbox in `sight`: what waits, what is late, and whether it is still being read."""
    stored = conn.execute(
        select(_R.inbox_id, func.count()).where(literally(_R.state, "stored")).group_by(_R.inbox_id)
    )
    unread: dict[int, int] = dict(stored.all())
    due = (
        select(_D.ticket_id, func.min(_D.due_at).label("due_at"))
        .where(literally(_D.state, ClockState.RUNNING))
        .group_by(_D.ticket_id)
        .subquery("due")
    )
    late = due.c.due_at <= now
    soon = and_(due.c.due_at > now, due.c.due_at <= now + DUE_SOON)
    rows = conn.execute(
        select(
            tables.inbox,
            func.count(_T.id).label("open"),
            func.count(case((and_(_T.id.is_not(None), _T.assignee.is_(None)), 1))).label(
                "unclaimed"
            ),
            func.count(case((late, 1))).label("missed"),
            func.count(case((soon, 1))).label("due_soon"),
            func.min(_T.waiting_since).label("oldest_waiting"),
            func.min(due.c.due_at).label("next_due_at"),
        )
        .join_from(
            tables.inbox,
            tables.ticket,
            and_(_T.inbox_id == _I.id, literally(_T.state, TicketState.OPEN)),
            isouter=True,
        )
        .join(due, due.c.ticket_id == _T.id, isouter=True)
        .where(in_sight(sight))
        .group_by(_I.id)
        .order_by(_I.name)
    )
    return SlaStatus(inboxes=tuple(_inbox(row, unread.get(row.id, 0)) for row in rows))


def _inbox(row: AnyRow, unread: int) -> InboxStatus:
    return InboxStatus(
        name=row.name,
        connector=row.connector,
        open=row.open,
        unclaimed=row.unclaimed,
        due_soon=row.due_soon,
        missed=row.missed,
        oldest_waiting=row.oldest_waiting,
        next_due_at=row.next_due_at,
        last_ok_at=row.last_ok_at,
        failures=row.failures,
        last_error=row.last_error,
        paused_reason=row.paused_reason,
        unread=unread,
    )
