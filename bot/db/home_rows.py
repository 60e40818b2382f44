"""What one App Home shows, read in one transaction whose cost does not grow with the desk's load."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, true

from bot.db import tables
from bot.db.forecast_rows import standing
from bot.db.home_numbers import loads, today
from bot.db.ids import first_id
from bot.db.preference_rows import own_choices
from bot.db.queue_rows import queue_rows, urgencies
from bot.db.sight_rows import Sight, in_sight
from bot.db.types import literally
from bot.db.wait_queries import waits_of
from bot.domain.card import QueueRow, WaitView
from bot.domain.desk import Desk
from bot.domain.forecast import Forecast
from bot.domain.home import (
    BREACHES,
    ON_OVERVIEW,
    PAGE,
    HomeChoice,
    HomeQueue,
    HomeView,
    Shelf,
    own_inboxes,
)
from bot.domain.priority import HARD_AHEAD, OURS_AHEAD, by_urgency
from bot.domain.roster import Verb
from bot.domain.ticket import TicketState
from sla_rules.vocabulary import ClockState, Kind, Risk, Scope

EXACT: Final = 200
"""Up to so many tickets are put in order whole; of more, only those that can come first."""

SPARE: Final = 40
"""Read beyond what is shown: what counts more overtakes a slightly earlier deadline."""

WAITS_LOOKED_AT: Final = 200
WAITS_SINCE: Final = timedelta(days=60)
"""Whoever is waited for longer is in `/ticket find`, and nobody's business on a Home."""

_T = tables.ticket.c
_D = tables.deadline.c
_E = tables.ticket_event.c
_I = tables.inbox.c

_Condition = ColumnElement[bool]


def home_of(conn: Connection, desk: Desk, user: str, choice: HomeChoice, now: datetime) -> HomeView:
    """Everything the Home of `user` shows at `now`."""
    mine = own_inboxes(desk, user)
    sight = desk.roster.inboxes(user)
    found = _Found(conn, user, choice, mine=mine, now=now, sight=sight)
    if choice.queue is HomeQueue.OVERVIEW:
        shelves = [_shelf(found, queue, 0, size) for queue, size in ON_OVERVIEW.items()]
        shelves = _without_repeats(shelves)
    else:
        shelves = [_shelf(found, choice.queue, choice.page * PAGE, PAGE)]
    leads = desk.roster.may(user, Verb.REVIEW) and choice.queue is HomeQueue.OVERVIEW
    return HomeView(
        choice=choice,
        shelves=_drawn(conn, shelves),
        today=today(conn, desk, user, choice.inbox, now, leads=leads, sight=sight),
        waits=found.waits,
        team=loads(conn, choice.inbox, now, sight) if leads else None,
        breaches=_breaches(conn, choice.inbox, now, sight) if leads else (),
        scoped=bool(mine),
        own=own_choices(conn, desk, user, now),
    )


def _breaches(
    conn: Connection, inbox: str, now: datetime, sight: Sight
) -> Sequence[tuple[Forecast, QueueRow]]:
    """What the newest forecast says will be missed, a line a ticket."""
    first: dict[int, Forecast] = {}
    for each in standing(conn, now):
        first.setdefault(each.ticket_id, each)
    rows = queue_rows(conn, list(first)) if first else []
    seen = [row for row in rows if sight is None or row.inbox in sight]
    return [(first[row.id], row) for row in seen if inbox in {"", row.inbox}][:BREACHES]


class _Found:
    """One person's view of the tickets: which of them each queue holds, in which order."""

    def __init__(
        self,
        conn: Connection,
        user: str,
        choice: HomeChoice,
        *,
        mine: frozenset[str],
        now: datetime,
        sight: Sight,
    ) -> None:
        self.conn, self.now = conn, now
        self.waits: Mapping[int, WaitView] = {}
        wanted: _Condition = _I.name == choice.inbox if choice.inbox else true()
        chosen = and_(wanted, in_sight(sight))
        self._open = and_(literally(_T.state, TicketState.OPEN), chosen)
        # No column alone, so that SQLite goes by when clocks end, not through every open ticket.
        self._any_open = and_(_T.state.concat("") == TicketState.OPEN, chosen)
        self._chosen = chosen
        self._own = _T.assignee == user
        self._near: _Condition = _I.name.in_(mine) if mine else true()

    def ids(self, queue: HomeQueue, depth: int) -> tuple[list[int], int]:
        """The first `depth` tickets of a queue at least, and how many it has in all."""
        match queue:
            case HomeQueue.RISK:
                return self._risky(depth)
            case HomeQueue.MINE:
                return self._first(self._own, depth, few=True)
            case HomeQueue.UNCLAIMED:
                return self._first(and_(_T.assignee.is_(None), self._near), depth)
            case HomeQueue.WAITING:
                return self._waiting()
            case _:
                return self._first(true(), depth)

    def _first(self, narrow: _Condition, depth: int, *, few: bool = False) -> tuple[list[int], int]:
        condition = and_(self._open, narrow)
        counted = select(func.count()).select_from(tables.ticket).join(tables.inbox)
        total = self.conn.scalar(counted.where(condition)) or 0
        if total > EXACT:
            timed = condition if few else and_(self._any_open, narrow)
            condition = _T.id.in_(_soonest(self.conn, condition, timed, self.now, depth + SPARE))
        ordered = by_urgency(urgencies(self.conn, condition), self.now) if total else []
        return [each.ticket_id for each in ordered], total

    def _risky(self, depth: int) -> tuple[list[int], int]:
        """Those at risk, one's own before those of others."""
        own = self._own.label("own")
        near = or_(self._own, self._near)
        soon, critical = at_risk(self.now, own)
        found: dict[int, tuple[bool, datetime]] = {}
        for query in (soon.where(self._any_open), critical.where(self._open)):
            for row in self.conn.execute(query.where(near)):
                place = (not row.own, row.due_at)
                found[row.id] = min(place, found.get(row.id, place))
        nearest = sorted(found, key=lambda each: _soon(found[each], self.now))[: depth + SPARE]
        ordered = by_urgency(urgencies(self.conn, _T.id.in_(nearest)), self.now) if found else []
        ids = [each.ticket_id for each in ordered]
        return sorted(ids, key=lambda each: found[each][0]), len(found)

    def _waiting(self) -> tuple[list[int], int]:
        owned = or_(self._own, and_(_T.assignee.is_(None), self._near))
        since = first_id(self.now - WAITS_SINCE)
        rows = self.conn.execute(
            select(_T.id, _T.kind)
            .join_from(tables.ticket, tables.inbox)
            .where(
                _T.id.in_(
                    select(_E.ticket_id).where(literally(_E.type, "waiting"), _E.id >= since)
                ),
                _T.state != TicketState.RESOLVED,
                owned,
                self._chosen,
            )
            .order_by(_T.id.desc())
            .limit(WAITS_LOOKED_AT)
        )
        waits = waits_of(self.conn, {row.id: Kind(row.kind) for row in rows})
        self.waits = {
            ticket_id: wait
            for ticket_id, wait in waits.items()
            if wait.until is None or wait.until > self.now
        }
        order = sorted(self.waits, key=lambda each: _next_first(self.waits[each]))
        return order, len(order)


def _next_first(wait: WaitView) -> tuple[bool, datetime]:
    """What ends soonest comes first; what has no end comes last, the oldest of it first."""
    return wait.until is None, wait.until or wait.since


def _soon(place: tuple[bool, datetime], now: datetime) -> tuple[bool, bool, datetime]:
    """One's own first, then what can still be met, then what ends first."""
    others, due_at = place
    return others, due_at <= now, due_at


def at_risk(now: datetime, *columns: ColumnElement[Any]) -> tuple[Select[Any], Select[Any]]:
    """Tickets that `priority.band_of` puts before those merely counted: `id`, `due_at`, `columns`.

    Two statements, by when a clock ends and by the risk, with a row for each clock.
    """
    ours = and_(literally(_D.scope, Scope.INTERNAL), _D.due_at <= now + OURS_AHEAD)
    theirs = and_(_D.scope != Scope.INTERNAL, _D.due_at <= now + HARD_AHEAD)
    running = (
        select(_T.id, _D.due_at, *columns)
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(literally(_D.state, ClockState.RUNNING))
    )
    near = and_(_D.due_at <= now + max(HARD_AHEAD, OURS_AHEAD), or_(ours, theirs))
    return running.where(near), running.where(literally(_T.risk, Risk.CRITICAL))


def _soonest(
    conn: Connection, condition: _Condition, same: _Condition, now: datetime, depth: int
) -> set[int]:
    """The tickets that can be among the first `depth`, whatever else there is in the order.

    `same` is the condition in the words that are quicker to go by when clocks end.
    """
    timed = (
        select(_D.ticket_id)
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(literally(_D.state, ClockState.RUNNING))
        .order_by(_D.due_at)
        # Two of its clocks at most run towards different instants: ours and the platform's.
        .limit(depth * 2)
    )
    queries = (
        timed.where(same, _D.due_at > now),
        timed.where(same, _D.due_at <= now),
        timed.where(condition, _T.risk.in_((Risk.CRITICAL, Risk.ELEVATED))),
    )
    found = {ticket_id for query in queries for ticket_id in conn.scalars(query)}
    if len(found) < depth:
        untimed = select(_T.id).join_from(tables.ticket, tables.inbox).where(condition)
        found.update(conn.scalars(untimed.order_by(_T.waiting_since, _T.id).limit(depth)))
    return found


_Ids = tuple[HomeQueue, Sequence[int], int, int]
"""A queue, the tickets to show of it, how many it has, and how many were shown before."""


def _shelf(found: _Found, queue: HomeQueue, start: int, size: int) -> _Ids:
    depth = start + size + sum(ON_OVERVIEW.values())
    ids, total = found.ids(queue, depth)
    return queue, ids[start:] if start else ids, total, start


def _without_repeats(shelves: Sequence[_Ids]) -> list[_Ids]:
    """Each ticket once, in the first section that has it."""
    shown: set[int] = set()
    kept: list[_Ids] = []
    for queue, ids, total, _ in shelves:
        fresh = [each for each in ids if each not in shown][: ON_OVERVIEW[queue]]
        above = sum(1 for each in ids if each in shown)
        shown.update(fresh)
        kept.append((queue, fresh, total, above))
    return kept


def _drawn(conn: Connection, shelves: Sequence[_Ids]) -> list[Shelf]:
    cut = [(queue, ids[:PAGE], total, above) for queue, ids, total, above in shelves]
    wanted = [each for _, ids, _, _ in cut for each in ids]
    rows = {row.id: row for row in queue_rows(conn, wanted)} if wanted else {}
    return [
        Shelf(queue=queue, rows=[rows[i] for i in ids if i in rows], total=total, above=above)
        for queue, ids, total, above in cut
    ]
