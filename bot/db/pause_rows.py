"""When waits and snoozes end, one row an end, found by when it comes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Integer, and_, bindparam, delete, func, or_, select

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.ticket_rows import TICKET_COLUMNS, ticket_of
from bot.db.unit import Tx
from bot.domain.pings import PingOutcome
from bot.domain.ticket import Ticket
from sla_rules.vocabulary import ClockState

_W = tables.pause_end.c
_P = tables.ping.c
_D = tables.deadline.c


# Asked at every tick: to build them costs more than to answer them.
_DUE: Final = (
    select(*TICKET_COLUMNS, _W.id.label("end_id"), _W.kind.label("pause"), _W.ends_at)
    .select_from(tables.pause_end)
    .join(tables.ticket, _W.ticket_id == tables.ticket.c.id)
    .join(tables.inbox, tables.ticket.c.inbox_id == tables.inbox.c.id)
    .where(_W.ends_at <= bindparam("now"))
    .order_by(_W.ends_at, _W.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(of=tables.ticket, skip_locked=True)
)


class Pause(StrEnum):
    """What ends by itself."""

    WAIT = "wait"
    SNOOZE = "snooze"


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseEnd:
    """An end as it was planned, now due."""

    id: int
    kind: Pause
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockThen:
    """A clock that runs.

    `warned_at` is the latest of its warnings' times that has come, `called_at` when one was posted.
    """

    scope: str
    due_at: datetime
    warned_at: datetime | None
    called_at: datetime | None


def keep_end(tx: Tx, ticket_id: int, kind: Pause, ends_at: datetime) -> None:
    """Look at the ticket again then. An end that is planned twice is one."""
    statement = upsert(tx.conn.dialect.name, tables.pause_end).values(
        id=tx.new_id(), ticket_id=ticket_id, kind=kind, ends_at=ends_at
    )
    tx.conn.execute(
        statement.on_conflict_do_nothing(index_elements=["ticket_id", "kind", "ends_at"])
    )


def due_ends(conn: Connection, now: datetime, limit: int) -> list[tuple[Ticket, PauseEnd]]:
    """Ends that have come, longest due first, their tickets locked against other workers."""
    rows = conn.execute(_DUE, {"now": now, "most": limit})
    return [
        (ticket_of(row), PauseEnd(id=row.end_id, kind=Pause(row.pause), ends_at=row.ends_at))
        for row in rows
    ]


def forget_ends(conn: Connection, ids: Collection[int]) -> None:
    """These were looked at."""
    if ids:
        conn.execute(delete(tables.pause_end).where(_W.id.in_(ids)))


def running_clocks(conn: Connection, ticket_id: int, now: datetime) -> list[ClockThen]:
    """The clocks of a ticket that run, with how far their warnings have come."""
    spoken = (PingOutcome.SENT, PingOutcome.MERGED)
    rows = conn.execute(
        select(
            _D.scope,
            _D.due_at,
            func.max(_P.fire_at).label("warned_at"),
            func.max(_P.fired_at).filter(_P.outcome.in_(spoken)).label("called_at"),
        )
        .select_from(tables.deadline)
        .outerjoin(
            tables.ping,
            and_(
                _P.deadline_id == _D.id,
                _P.fire_at <= now,
                or_(_P.cancelled_at.is_(None), _P.outcome == PingOutcome.SNOOZED),
            ),
        )
        .where(_D.ticket_id == ticket_id, _D.state == ClockState.RUNNING)
        .group_by(_D.id, _D.scope, _D.due_at)
        .order_by(_D.due_at)
    )
    return [
        ClockThen(
            scope=row.scope, due_at=row.due_at, warned_at=row.warned_at, called_at=row.called_at
        )
        for row in rows
    ]
