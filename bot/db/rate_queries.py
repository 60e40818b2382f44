"""Promises over a window: how many answers were awaited, and how many of them came in time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    Integer,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from bot.db import tables
from bot.db.ids import first_id
from bot.domain.ticket import EventType
from sla_rules.rates import RatePromise
from sla_rules.vocabulary import ClockState, Kind, Scope

_D = tables.deadline.c
_T = tables.ticket.c
_I = tables.inbox.c
_E = tables.ticket_event.c


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCount:
    """What was counted for the promise asked for as number `asked`, by marketplace."""

    asked: int
    marketplace: str
    awaited: int
    on_time: int


def count_answers(
    conn: Connection, asked: Sequence[tuple[str, RatePromise]], now: datetime
) -> Sequence[RateCount]:
    """Count what each promise of an inbox (its name, the promise) is about, in one statement.

    An answer counts once, from when it was awaited. One not given yet counts as late as soon as its
    time is over, and not at all before. What somebody said needs no answer, and what was resolved
    without one, is left out. Reads the rows that are as young as the longest window, by their ids.
    """
    if not asked:
        return ()
    rows = conn.execute(select_counts(asked, now))
    return [
        RateCount(
            asked=row.asked,
            marketplace=row.marketplace,
            awaited=row.awaited,
            on_time=row.on_time,
        )
        for row in rows
    ]


def select_counts(asked: Sequence[tuple[str, RatePromise]], now: datetime) -> CompoundSelect[Any]:
    """The statement of `count_answers`, for at least one promise."""
    return union_all(*(_counted(index, *each, now) for index, each in enumerate(asked)))


def _counted(index: int, inbox: str, promise: RatePromise, now: datetime) -> Select[Any]:
    waits = _waits(inbox, promise, now).subquery(f"waits_{index}")
    in_time = _Second(waits.c.ended_at) - _Second(waits.c.began_at) <= int(
        promise.within.total_seconds()
    )
    on_time = case((and_(waits.c.ended_at.is_not(None), in_time), 1))
    is_decided = or_(waits.c.ended_at.is_not(None), waits.c.began_at < now - promise.within)
    return select(
        literal(index).label("asked"),
        waits.c.marketplace,
        func.count(case((is_decided, 1))).label("awaited"),
        func.count(on_time).label("on_time"),
    ).group_by(waits.c.marketplace)


def _waits(inbox: str, promise: RatePromise, now: datetime) -> Select[Any]:
    """One row a wait: the platform's clock and ours measure the same one."""
    opens = now - promise.over
    return (
        select(
            _T.marketplace,
            func.min(_D.started_at).label("began_at"),
            func.min(_D.stopped_at).label("ended_at"),
        )
        .join_from(tables.deadline, tables.ticket, _D.ticket_id == _T.id)
        .where(
            # A clock's row is never older than the wait it measures, and ids rise with time.
            _D.id >= first_id(opens),
            # A sum, so that no index leads through all the tickets the inbox ever had.
            _T.inbox_id + 0 == select(_I.id).where(_I.name == inbox).scalar_subquery(),
            _D.started_at > opens,
            _D.started_at <= now,
            _D.metric.in_(promise.metrics),
            _D.scope.in_((Scope.MARKETPLACE, Scope.INTERNAL)),
            _D.state != ClockState.CANCELLED,
            # Platforms rate how messages are answered; cases have clocks of their own.
            _T.kind == Kind.MESSAGE,
            ~_waved_through(),
        )
        .group_by(_T.marketplace, _D.ticket_id, _D.metric, _D.instance)
    )


def _waved_through() -> ColumnElement[bool]:
    """Whether the clock stopped because somebody said that no answer is needed."""
    return exists(
        select(_E.id).where(
            _E.ticket_id == _D.ticket_id,
            _E.type == EventType.NO_ANSWER_NEEDED,
            _Second(_E.at) == _Second(_D.stopped_at),
        )
    )


class _Second(FunctionElement[int]):
    """An instant as whole seconds since 1970; the databases spell it differently."""

    type = Integer()
    inherit_cache = True


@compiles(_Second, "sqlite")
def _second_on_sqlite(element: _Second, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **kw)}) AS INTEGER)"


@compiles(_Second, "postgresql")
def _second_on_postgresql(element: _Second, compiler: SQLCompiler, **kw: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **kw)})) AS BIGINT)"
