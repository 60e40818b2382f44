"""The numbers of one App Home: what today brought, and what everybody has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, case, func, select, true

from bot.db import tables
from bot.db.ids import first_id
from bot.db.kept_rows import count_decided
from bot.db.queue_rows import queue_rows, urgencies
from bot.db.sight_rows import Sight, in_sight
from bot.db.types import literally
from bot.domain.desk import Desk
from bot.domain.history import AWAITS_ANSWER
from bot.domain.home import BREACHES_WITHIN, Load, Today, midnight
from bot.domain.priority import by_urgency
from bot.domain.ticket import MessageState, TicketState
from sla_rules.vocabulary import RESPONSES, ClockState, Scope

MOST_PEOPLE = 30
"""Of a larger team, those with most to do; a Home is no table."""

MOST_DUE = 300

_T = tables.ticket.c
_D = tables.deadline.c
_E = tables.ticket_event.c
_M = tables.message.c
_I = tables.inbox.c


def today(
    conn: Connection,
    desk: Desk,
    user: str,
    inbox: str,
    now: datetime,
    *,
    leads: bool = False,
    sight: Sight = None,
) -> Today:
    """What today brought. Rows are found by the time in their ids, never by reading all of them."""
    since = midnight(now, desk)
    of = _of(inbox, sight)
    received, own = _messages(conn, user, of, since)
    in_time, late = _answers(conn, of, since)
    kept, decided = _limits(conn, inbox, since, now, sight) if leads else (0, 0)
    return Today(
        received=received,
        in_time=in_time,
        missed=late + _owed(conn, of, since, now),
        own=own,
        kept=kept,
        decided=decided,
    )


def _of(inbox: str, sight: Sight) -> ColumnElement[bool]:
    return and_(_I.name == inbox if inbox else true(), in_sight(sight))


def _messages(
    conn: Connection, user: str, of: ColumnElement[bool], since: datetime
) -> tuple[int, int]:
    written = and_(_M.direction == "in", _M.verdict.in_(AWAITS_ANSWER))
    own = and_(_M.direction == "out", _M.agent == user, _M.state == MessageState.SENT)
    row = conn.execute(
        select(func.count(case((written, 1))), func.count(case((own, 1))))
        .join_from(tables.message, tables.inbox)
        .where(_M.id >= first_id(since), _M.sent_at >= since, of)
    ).one()
    return row[0], row[1]


def _answers(conn: Connection, of: ColumnElement[bool], since: datetime) -> tuple[int, int]:
    """How many waits for an answer ended today: within every deadline, and late for one."""
    touched = select(_E.ticket_id).where(_E.id >= first_id(since), _E.ticket_id.is_not(None))
    late = func.max(case((_D.state == ClockState.LATE, 1), else_=0))
    ended = (
        select(late.label("late"))
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(
            _D.ticket_id.in_(touched),
            _D.stopped_at >= since,
            _D.metric.in_(RESPONSES),
            _D.state.in_((ClockState.MET, ClockState.LATE)),
            of,
        )
        .group_by(_D.ticket_id, _D.instance)
        .subquery("ended")
    )
    row = conn.execute(
        select(func.count(), func.coalesce(func.sum(ended.c.late), 0)).select_from(ended)
    ).one()
    return row[0] - row[1], row[1]


def _owed(conn: Connection, of: ColumnElement[bool], since: datetime, now: datetime) -> int:
    """Tickets whose answer was due today and is still owed."""
    query = (
        select(func.count(_D.ticket_id.distinct()))
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(
            literally(_D.state, ClockState.RUNNING),
            _D.due_at >= since,
            _D.due_at <= now,
            _D.metric.in_(RESPONSES),
            of,
        )
    )
    return conn.scalar(query) or 0


def _limits(
    conn: Connection, inbox: str, since: datetime, now: datetime, sight: Sight
) -> tuple[int, int]:
    """How many of the platforms' limits were kept today, of how many that were decided."""
    found = [
        decided
        for (name, scope), (decided,) in count_decided(conn, [since], now).items()
        if scope is Scope.MARKETPLACE and inbox in {"", name} and (sight is None or name in sight)
    ]
    count = sum(each.count for each in found)
    return count - sum(each.missed for each in found), count


def loads(conn: Connection, inbox: str, now: datetime, sight: Sight = None) -> Sequence[Load]:
    """Who has what, whose deadlines end first in front. Nobody's tickets are the first section's."""
    of = _of(inbox, sight)
    is_open = and_(literally(_T.state, TicketState.OPEN), _T.assignee.is_not(None), of)
    counted = conn.execute(
        select(_T.assignee, func.count())
        .join_from(tables.ticket, tables.inbox)
        .where(is_open)
        .group_by(_T.assignee)
        .order_by(func.count().desc(), _T.assignee)
        .limit(MOST_PEOPLE)
    )
    had: dict[str, int] = dict(counted.all())
    # No column alone, so that SQLite goes by when clocks end, not through every open ticket.
    any_open = and_(_T.state.concat("") == TicketState.OPEN, _T.assignee.is_not(None), of)
    due, firsts = _due_soon(conn, any_open, now)
    rows = {row.assignee: row for row in queue_rows(conn, firsts)} if firsts else {}
    found = [
        Load(agent=agent, open=count, due=due.get(agent, 0), first=rows.get(agent))
        for agent, count in had.items()
    ]
    return sorted(found, key=lambda each: (-each.due, -each.open, each.agent))


def _due_soon(
    conn: Connection, is_open: ColumnElement[bool], now: datetime
) -> tuple[dict[str, int], list[int]]:
    """How many of each person's tickets end soon, and the most urgent of each."""
    soon = and_(literally(_D.state, ClockState.RUNNING), _D.due_at <= now + BREACHES_WITHIN)
    timed = (
        select(_T.assignee, _D.ticket_id, func.min(_D.due_at).label("due_at"))
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(soon, is_open)
        .group_by(_T.assignee, _D.ticket_id)
        .subquery("timed")
    )
    counts = conn.execute(select(timed.c.assignee, func.count()).group_by(timed.c.assignee)).all()
    place = func.row_number().over(
        partition_by=timed.c.assignee, order_by=(timed.c.due_at <= now, timed.c.due_at)
    )
    ranked = select(timed.c.ticket_id, place.label("place")).subquery("ranked")
    nearest = select(ranked.c.ticket_id).where(ranked.c.place <= MOST_DUE // MOST_PEOPLE)
    assignees = dict(
        conn.execute(select(_T.id, _T.assignee).where(_T.id.in_(nearest)).limit(MOST_DUE)).all()
    )
    firsts: dict[str, int] = {}
    for each in by_urgency(urgencies(conn, _T.id.in_(assignees)), now) if assignees else ():
        firsts.setdefault(assignees[each.ticket_id], each.ticket_id)
    return {row[0]: row[1] for row in counts}, list(firsts.values())
