"""For whom the desk waits in a ticket, as people are shown it."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func, select

from bot.db import tables
from bot.db.sealed import open_data
from bot.domain.card import WaitView
from bot.domain.history import AWAITS_ANSWER, WAITS, current_hold
from bot.domain.holds import Mark
from bot.domain.ticket import EventType
from sla_rules.vocabulary import ClockState, Kind

_E = tables.ticket_event.c
_M = tables.message.c
_D = tables.deadline.c


def ever_waited() -> ColumnElement[bool]:
    """Whether somebody was ever waited for in the ticket of the row; of most, nobody was."""
    return exists().where(_E.ticket_id == tables.ticket.c.id, _E.type == EventType.WAITING)


def wait_of(conn: Connection, ticket_id: int, kind: Kind) -> WaitView | None:
    """The wait that goes on; one whose `until` has passed since is returned as well."""
    return waits_of(conn, {ticket_id: kind}).get(ticket_id)


def waits_of(conn: Connection, kinds: Mapping[int, Kind]) -> Mapping[int, WaitView]:
    """`wait_of` of several tickets, whose kinds are given by id, for those that wait."""
    if not kinds:
        return {}
    marks: dict[int, list[Mark]] = defaultdict(list)
    for row in conn.execute(
        select(_E.ticket_id, _E.id, _E.type, _E.actor, _E.at, _E.data)
        .where(_E.ticket_id.in_(kinds), _E.type.in_(WAITS))
        .order_by(_E.id)
    ):
        mark = Mark(
            id=row.id,
            type=row.type,
            actor=row.actor,
            at=row.at,
            data=open_data(conn, row.id, row.data),
        )
        marks[row.ticket_id].append(mark)
    wrote = conn.execute(
        select(_M.ticket_id, func.max(_M.sent_at))
        .where(_M.ticket_id.in_(kinds), _M.direction == "in", _M.verdict.in_(AWAITS_ANSWER))
        .group_by(_M.ticket_id)
    )
    wrote_at: dict[int, datetime] = dict(wrote.all())
    found: dict[int, WaitView] = {}
    for ticket_id, kind in kinds.items():
        hold = current_hold(kind, marks[ticket_id], wrote_at.get(ticket_id))
        if hold is not None:
            found[ticket_id] = WaitView(on=hold.on, since=hold.since, until=hold.until)
    return found


def paused_since(conn: Connection, ticket_ids: Collection[int]) -> Mapping[int, datetime]:
    """Since when the clocks of these tickets stand still, for those where one does."""
    if not ticket_ids:
        return {}
    rows = conn.execute(
        select(_D.ticket_id, func.min(_D.paused_at))
        .where(_D.ticket_id.in_(ticket_ids), _D.state == ClockState.PAUSED)
        .group_by(_D.ticket_id)
    )
    return dict(rows.all())
