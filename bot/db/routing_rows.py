"""Who is away, how much everybody has to do, whose turn it is, what waits; each in one statement."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, func, null, or_, select, union_all

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.types import literally
from bot.db.views import event_view
from bot.domain.card import EventView
from bot.domain.desk import Desk
from bot.domain.routes import weight_of
from bot.domain.ticket import EventType, TicketState
from sla_rules.vocabulary import ClockState, Risk

_A = tables.absence.c
_P = tables.agent.c
_R = tables.route_turn.c
_T = tables.ticket.c
_D = tables.deadline.c


def away_at(conn: Connection, now: datetime) -> dict[str, datetime | None]:
    """Everybody who is away at `now`, and until when; None: until they say so.

    Whoever Slack said is no full member of the workspace any more is away for good.
    """
    said = select(_A.slack_id, _A.until).where(
        _A.since <= now, or_(_A.until.is_(None), _A.until > now)
    )
    gone = select(_P.slack_id, null()).where(_P.active.is_(False))
    rows = conn.execute(union_all(said, gone))
    return {row.slack_id: row.until for row in rows}


def with_absences(conn: Connection, desk: Desk, now: datetime) -> Desk:
    """The desk as it is staffed at `now`."""
    return replace(desk, roster=desk.roster.without(away_at(conn, now)))


def keep_absence(
    conn: Connection, slack_id: str, *, since: datetime, until: datetime | None, said_by: str
) -> None:
    """Write down that somebody is away, or with `until` at `since` that they are back."""
    statement = upsert(conn.dialect.name, tables.absence).values(
        slack_id=slack_id, since=since, until=until, said_by=said_by
    )
    given = statement.excluded
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["slack_id"],
            set_={"since": given.since, "until": given.until, "said_by": given.said_by},
        )
    )


def open_loads(conn: Connection) -> dict[str, int]:
    """The weighted tickets in which somebody awaits an answer, by their owner."""
    rows = conn.execute(
        select(_T.assignee, _T.risk, func.count().label("tickets"))
        .where(literally(_T.state, TicketState.OPEN), _T.assignee.is_not(None))
        .group_by(_T.assignee, _T.risk)
    )
    loads: dict[str, int] = {}
    for row in rows:
        loads[row.assignee] = loads.get(row.assignee, 0) + weight_of(Risk(row.risk)) * row.tickets
    return loads


def load_turns(conn: Connection) -> dict[tuple[str, str], int]:
    """Whose turn it was when, by route and person."""
    rows = conn.execute(select(_R.route, _R.slack_id, _R.turn))
    return {(row.route, row.slack_id): row.turn for row in rows}


def keep_turns(conn: Connection, turns: Mapping[tuple[str, str], int]) -> None:
    """Write down whose turn it was."""
    if not turns:
        return
    statement = upsert(conn.dialect.name, tables.route_turn)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["route", "slack_id"], set_={"turn": statement.excluded.turn}
        ),
        [
            {"route": route, "slack_id": who, "turn": turn}
            for (route, who), turn in sorted(turns.items())
        ],
    )


def previous_agents(conn: Connection, customer_ids: Collection[int]) -> dict[int, str]:
    """Who has, or had, the newest ticket of each of these customers that anybody owned."""
    if not customer_ids:
        return {}
    rows = conn.execute(
        select(_T.customer_id, _T.assignee)
        .where(_T.customer_id.in_(sorted(customer_ids)), _T.assignee.is_not(None))
        .order_by(_T.opened_at, _T.id)
    )
    return {row.customer_id: row.assignee for row in rows}


def waiting_of(conn: Connection, slack_id: str) -> list[int]:
    """The tickets of somebody in which a customer awaits an answer, the longest wait first."""
    return list(
        conn.scalars(
            select(_T.id)
            .where(_T.assignee == slack_id, literally(_T.state, TicketState.OPEN))
            .order_by(_T.waiting_since, _T.id)
        )
    )


def still_waiting(conn: Connection, ids: Collection[int], *, owner: str | None) -> list[int]:
    """Those of the tickets in which a customer still waits, in their order; of one owner if given."""
    waits = select(_T.id).where(_T.id.in_(ids), literally(_T.state, TicketState.OPEN))
    if owner is not None:
        waits = waits.where(_T.assignee == owner)
    found = set(conn.scalars(waits))
    return [each for each in ids if each in found]


def due_between(conn: Connection, inbox: str, after: datetime, until: datetime) -> list[int]:
    """The open tickets of an inbox with a running deadline in that time, the first due in front."""
    due_at = func.min(_D.due_at)
    return list(
        conn.scalars(
            select(_T.id)
            .join_from(tables.deadline, tables.ticket, _D.ticket_id == _T.id)
            .join(tables.inbox, tables.inbox.c.id == _T.inbox_id)
            .where(
                tables.inbox.c.name == inbox,
                literally(_T.state, TicketState.OPEN),
                literally(_D.state, ClockState.RUNNING),
                _D.due_at > after,
                _D.due_at <= until,
            )
            .group_by(_T.id)
            .order_by(due_at, _T.id)
        )
    )


def last_routed(conn: Connection, ticket_id: int) -> EventView | None:
    """The newest routing of a ticket."""
    event = tables.ticket_event.c
    row = conn.execute(
        select(tables.ticket_event)
        .where(event.ticket_id == ticket_id, event.type == EventType.ROUTED)
        .order_by(event.id.desc())
        .limit(1)
    ).one_or_none()
    return event_view(conn, row) if row is not None else None
