"""What forecasts are made from, the forecasts that were made, and what became of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, delete, func, or_, select

from bot.db import tables
from bot.db.ids import first_id
from bot.db.inserts import insert_ignore, upsert
from bot.db.queue_rows import urgencies
from bot.db.ticket_rows import select_tickets, ticket_of
from bot.db.types import AnyRow, literally
from bot.db.unit import Tx
from bot.domain.forecast import AHEAD, Cause, Clock, Forecast
from bot.domain.forecast_rate import Missed, Said
from bot.domain.priority import Urgency
from bot.domain.ticket import MessageState, Ticket, TicketState
from sla_rules.vocabulary import RESPONSES, ClockState, Scope

MOST_TICKETS: Final = 1000
"""So many open tickets are played at most, the most urgent ones; the others come after them."""

LONGEST: Final = timedelta(hours=4)
"""An answer that came later than this after the claim: its owner did something else in between."""

MOST_SAMPLES: Final = 2000
WEEKS: Final = 4
_WEEK: Final = timedelta(days=7)
_HOUR: Final = timedelta(hours=1)

KEPT: Final = timedelta(days=35)
"""How long forecasts are kept: longer than their hit rate looks back."""

_LONGEST_WAIT: Final = timedelta(days=14)
"""No platform gives more time for an answer: older deadlines need not be read to find the missed."""

_SINCE: Final = "forecast_since"
_MADE: Final = "forecast_made"

_T = tables.ticket.c
_D = tables.deadline.c
_M = tables.message.c
_I = tables.inbox.c
_F = tables.forecast.c
_N = tables.counter.c


def open_urgencies(conn: Connection) -> list[Urgency]:
    """Every open ticket, as far as its place in the order depends on it."""
    return urgencies(conn, literally(_T.state, TicketState.OPEN))


def tickets_of(conn: Connection, ids: Collection[int]) -> Mapping[int, Ticket]:
    """These tickets."""
    rows = conn.execute(select_tickets().where(_T.id.in_(ids))) if ids else ()
    return {row.id: ticket_of(row) for row in rows}


def running_answers(conn: Connection, until: datetime) -> Mapping[int, list[Clock]]:
    """The running deadlines of answers that end by then, by ticket; the first due in front."""
    rows = conn.execute(
        select(_D.id, _D.ticket_id, _D.scope, _D.due_at)
        .where(
            literally(_D.state, ClockState.RUNNING),
            _D.metric.in_(RESPONSES),
            _D.due_at <= until,
        )
        .order_by(_D.due_at, _D.id)
    )
    found: dict[int, list[Clock]] = {}
    for row in rows:
        found.setdefault(row.ticket_id, []).append(_clock(row))
    return found


def _clock(row: AnyRow) -> Clock:
    return Clock(deadline_id=row.id, scope=Scope(row.scope), due_at=row.due_at)


def handling_times(conn: Connection, now: datetime) -> Mapping[str, list[timedelta]]:
    """How long it took from claim to answer in the last weeks, by inbox; the newest of them."""
    answered = func.min(_M.sent_at)
    rows = conn.execute(
        select(_I.name, _T.claimed_at, answered.label("answered_at"))
        .join_from(tables.message, tables.ticket, _M.ticket_id == _T.id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(
            _M.id >= first_id(now - WEEKS * _WEEK),
            _M.direction == "out",
            literally(_M.state, MessageState.SENT),
            _M.agent == _T.assignee,
            _M.sent_at > _T.claimed_at,
        )
        .group_by(_T.id, _I.name, _T.claimed_at)
        .order_by(answered.desc())
        .limit(MOST_SAMPLES)
    )
    found: dict[str, list[timedelta]] = {}
    for row in rows:
        if row.answered_at - row.claimed_at <= LONGEST:
            found.setdefault(row.name, []).append(row.answered_at - row.claimed_at)
    return found


def arrival_rates(conn: Connection, now: datetime, hours: int) -> Mapping[str, list[float]]:
    """New tickets an hour by inbox, for each of the hours to come: as in the weeks before.

    Weeks before the first ticket of the desk do not count.
    """
    first = conn.scalar(select(_T.opened_at).order_by(_T.id).limit(1))
    weeks = [
        week for week in range(1, WEEKS + 1) if first is not None and now - week * _WEEK > first
    ]
    if not weeks:
        return {}
    spans = [(now - week * _WEEK, now - week * _WEEK + hours * _HOUR) for week in weeks]
    rows = conn.execute(
        select(_I.name, _T.opened_at)
        .join_from(tables.ticket, tables.inbox)
        .where(
            # Ids are ordered by time: only the last weeks are read.
            _T.id >= first_id(spans[-1][0]),
            or_(*(_T.opened_at.between(begins, ends) for begins, ends in spans)),
        )
    )
    found: dict[str, list[float]] = {}
    for row in rows:
        rates = found.setdefault(row.name, [0.0] * hours)
        hour = int((row.opened_at - now) % _WEEK / _HOUR)
        if hour < hours:
            rates[hour] += 1 / len(weeks)
    return found


def hour_of(now: datetime) -> datetime:
    """The full hour that a forecast of `now` belongs to."""
    return now.replace(minute=0, second=0, microsecond=0)


def made_in(conn: Connection) -> datetime | None:
    """The hour of the newest forecast there was."""
    value = conn.scalar(select(_N.value).where(_N.name == _MADE))
    return None if value is None else hour_of(_instant(value))


def _instant(hours: int) -> datetime:
    return datetime.fromtimestamp(hours * 3600, UTC)


def begin_hour(tx: Tx) -> bool:
    """Whether nobody has made the forecast of this hour yet; from now on somebody has."""
    hour = int(tx.now.timestamp()) // 3600
    known = insert_ignore(tx.conn, tables.counter)
    tx.conn.execute(known.values(name=_SINCE, value=hour))
    statement = upsert(tx.conn.dialect.name, tables.counter).values(name=_MADE, value=hour)
    done = tx.conn.execute(
        statement.on_conflict_do_update(
            index_elements=["name"], set_={"value": hour}, where=_N.value < hour
        )
    )
    return done.rowcount == 1


def keep_forecasts(tx: Tx, made: Sequence[Forecast]) -> None:
    """Write down which deadlines are forecast to be missed, once an hour each."""
    if not made:
        return
    tx.conn.execute(
        insert_ignore(tx.conn, tables.forecast),
        [
            {
                "id": tx.new_id(),
                "ticket_id": each.ticket_id,
                "deadline_id": each.clock.deadline_id,
                "made_at": hour_of(tx.now),
                "due_at": each.clock.due_at,
                "percent": each.percent,
                "expected_at": each.expected_at,
                "why": each.cause.dump(),
            }
            for each in made
        ],
    )


def standing(
    conn: Connection, now: datetime, *, ids: Collection[int] | None = None, limit: int = 100
) -> list[Forecast]:
    """The newest forecasts that still stand: the deadline runs as it did. The first due in front."""
    made = made_in(conn)
    if made is None or now - made > 2 * _HOUR:
        return []
    query = (
        select(
            _F.ticket_id,
            _F.percent,
            _F.expected_at,
            _F.why,
            _D.id,
            _D.scope,
            _D.due_at,
        )
        .join_from(tables.forecast, tables.deadline, _D.id == _F.deadline_id)
        .where(
            _F.made_at == made,
            _D.due_at == _F.due_at,
            literally(_D.state, ClockState.RUNNING),
            _D.due_at > now,
        )
        .order_by(_D.due_at, _D.id)
        .limit(limit)
    )
    if ids is not None:
        query = query.where(_F.ticket_id.in_(ids))
    return [
        Forecast(
            ticket_id=row.ticket_id,
            clock=_clock(row),
            percent=row.percent,
            expected_at=row.expected_at,
            cause=Cause.load(row.why),
        )
        for row in conn.execute(query)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What was said since `since`, and what was missed; `since` is None where nothing was said yet."""

    since: datetime | None
    said: Sequence[Said] = ()
    missed: Sequence[Missed] = ()


def past_forecasts(conn: Connection, after: datetime, now: datetime) -> Past:
    """The forecasts of after that, each with what became of its deadline."""
    value = conn.scalar(select(_N.value).where(_N.name == _SINCE))
    if value is None:
        return Past(since=None)
    since = max(after, _instant(value))
    return Past(
        since=since,
        said=tuple(_said(conn, since, now)),
        missed=tuple(_missed(conn, since, now)),
    )


def _said(conn: Connection, since: datetime, now: datetime) -> Iterator[Said]:
    rows = conn.execute(
        select(
            _F.deadline_id,
            _F.made_at,
            _F.due_at.label("said_due_at"),
            _D.due_at,
            _D.state,
            _D.breached_at,
        )
        .join_from(tables.forecast, tables.deadline, _D.id == _F.deadline_id)
        .where(_F.made_at >= since)
    )
    for row in rows:
        if row.said_due_at - row.made_at > AHEAD + _HOUR:
            continue
        yield Said(
            deadline_id=row.deadline_id,
            made_at=row.made_at,
            is_over=row.state != ClockState.RUNNING or row.due_at <= now,
            was_missed=_was_missed(row, now),
        )


def _was_missed(row: Any, now: datetime) -> bool:
    late = row.state == ClockState.LATE or row.breached_at is not None
    return late or (row.state == ClockState.RUNNING and row.due_at <= now)


def _missed(conn: Connection, since: datetime, now: datetime) -> Iterator[Missed]:
    late = _D.state.in_((ClockState.LATE, ClockState.RUNNING))
    rows = conn.execute(
        select(_D.id, _D.due_at).where(
            _D.id >= first_id(since - _LONGEST_WAIT),
            late,
            _D.metric.in_(RESPONSES),
            _D.due_at > since + _HOUR,
            _D.due_at <= now,
        )
    )
    for row in rows:
        yield Missed(deadline_id=row.id, due_at=row.due_at)


def forget_forecasts(tx: Tx, limit: int) -> int:
    """Delete a batch of forecasts that nobody looks back at; how many."""
    old = select(_F.id).where(_F.made_at < tx.now - KEPT).limit(limit)
    return tx.conn.execute(delete(tables.forecast).where(_F.id.in_(old))).rowcount
