"""Queues: which open tickets there are, and in which order they are worked on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from bot.db import tables, views
from bot.db.sight_rows import Sight, in_sight
from bot.db.types import literally
from bot.db.wait_queries import paused_since
from bot.domain.card import QueueRow
from bot.domain.priority import Band, Urgency, band_of, by_urgency
from bot.domain.ticket import TicketState
from sla_rules.vocabulary import ClockState, Risk, Scope

_T = tables.ticket.c
_D = tables.deadline.c
_C = tables.customer.c
_I = tables.inbox.c

Which = Literal["mine", "unclaimed", "all"]


def queue(
    conn: Connection,
    which: Which,
    user: str,
    now: datetime,
    *,
    limit: int = 20,
    inbox: str | None = None,
    sight: Sight = None,
) -> list[QueueRow]:
    """Open tickets, most urgent first as `domain.priority` says; those of inboxes in `sight`."""
    condition = and_(_wanted(which, user), in_sight(sight))
    if inbox is not None:
        condition = and_(condition, _I.name == inbox)
    first = by_urgency(urgencies(conn, condition), now)[:limit]
    return queue_rows(conn, [each.ticket_id for each in first])


def _wanted(which: Which, user: str) -> ColumnElement[bool]:
    condition = literally(_T.state, TicketState.OPEN)
    if which == "mine":
        return and_(condition, _T.assignee == user)
    return and_(condition, _T.assignee.is_(None)) if which == "unclaimed" else condition


def urgencies(conn: Connection, condition: ColumnElement[bool]) -> list[Urgency]:
    """What the order of the tickets depends on that fulfil a condition on ticket and inbox."""
    ours = literally(_D.scope, Scope.INTERNAL)
    running = and_(_D.ticket_id == _T.id, literally(_D.state, ClockState.RUNNING))
    rows = conn.execute(
        select(
            _T.id,
            _T.risk,
            _T.vip,
            _T.waiting_since,
            func.coalesce(_C.lifetime_value, 0.0).label("worth"),
            func.min(case((ours, None), else_=_D.due_at)).label("limit_at"),
            func.min(case((ours, _D.due_at))).label("target_at"),
        )
        .join_from(tables.ticket, tables.inbox)
        .join(tables.customer, _C.id == _T.customer_id, isouter=True)
        .join(tables.deadline, running, isouter=True)
        .where(condition)
        .group_by(_T.id, _C.lifetime_value)
    )
    return [
        Urgency(
            ticket_id=row.id,
            limit_at=row.limit_at,
            target_at=row.target_at,
            risk=Risk(row.risk),
            vip=row.vip,
            worth=row.worth,
            waiting_since=row.waiting_since,
        )
        for row in rows
    ]


def at_risk(
    conn: Connection, inboxes: Sequence[str], now: datetime, *, limit: int = 15
) -> tuple[list[QueueRow], int]:
    """The open tickets of some inboxes that may be missed soon or were; and how many more."""
    condition = and_(literally(_T.state, TicketState.OPEN), _I.name.in_(inboxes))
    order = by_urgency(urgencies(conn, condition), now)
    found = [each.ticket_id for each in order if band_of(each, now) < Band.COUNTED]
    return queue_rows(conn, found[:limit]), max(0, len(found) - limit)


def queue_rows(conn: Connection, ids: Sequence[int]) -> list[QueueRow]:
    """A line's worth of each of these tickets, in this order."""
    due = _next_due(ids)
    rows = conn.execute(
        select(
            _T.id,
            _T.number,
            _I.name.label("inbox"),
            _T.subject,
            _C.display_name.label("customer_name"),
            _T.card_stage,
            _T.assignee,
            _T.waiting_since,
            _T.slack_permalink,
            due.c.due_at.label("next_due_at"),
            due.c.scope.label("next_scope"),
        )
        .join_from(tables.ticket, tables.inbox)
        .join(tables.customer, _C.id == _T.customer_id, isouter=True)
        .join(due, and_(due.c.ticket_id == _T.id, due.c.place == 1), isouter=True)
        .where(_T.id.in_(ids))
    )
    found = {row.id: views.queue_row(row) for row in rows}
    paused = paused_since(conn, [each.id for each in found.values() if each.next_due_at is None])
    return [replace(found[each], paused_at=paused.get(each)) for each in ids if each in found]


def _next_due(ids: Sequence[int]) -> Any:
    place = func.row_number().over(partition_by=_D.ticket_id, order_by=(_D.due_at, _D.id))
    return (
        select(_D.ticket_id, _D.due_at, _D.scope, place.label("place"))
        .where(literally(_D.state, ClockState.RUNNING), _D.ticket_id.in_(ids))
        .subquery("next_due")
    )
