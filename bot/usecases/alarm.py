"""Is a missed deadline unheard because Slack takes no messages? Then somebody is told by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select, text

from bot.db import tables
from bot.db.state_rows import ALARM, get_state, put_state, swap_state
from bot.db.unit import Tx
from bot.domain.effects import Priority

SHOWN: Final = 10
"""Ticket numbers named in one mail."""

_B = tables.outbox.c
_P = tables.ping.c
_T = tables.ticket.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Pings of missed deadlines that did not reach Slack, the oldest of `since`."""

    count: int
    since: datetime
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """What to mail now. No `unheard`: the incident that began at `since` is over."""

    unheard: Unheard | None
    since: datetime


def unheard_breaches(conn: Connection, now: datetime, patience: timedelta) -> Unheard | None:
    """Breach pings that wait longer than `patience`, planned or on their way; None for none."""
    before = now - patience
    count, oldest = conn.execute(
        select(func.count(), func.min(_B.created_at)).where(
            tables.open_effects,
            _B.state != "unsure",
            _B.priority <= int(Priority.BREACH),
            _B.created_at < before,
        )
    ).one()
    due, first = conn.execute(
        select(func.count(), func.min(_P.fire_at)).where(
            _P.fired_at.is_(None),
            _P.cancelled_at.is_(None),
            _P.fire_at < before,
            _P.step.startswith("breach"),
        )
    ).one()
    if not count and not due:
        return None
    return Unheard(
        count=count + due,
        since=min(at for at in (oldest, first) if at is not None),
        numbers=_numbers(conn, before),
    )


def _numbers(conn: Connection, before: datetime) -> Sequence[int]:
    """Tickets whose running deadline is over, the latest missed first."""
    line = tables.deadline.c
    rows = conn.scalars(
        select(_T.number)
        .join_from(tables.deadline, tables.ticket, _T.id == line.ticket_id)
        .where(text("deadline.state = 'running'"), line.due_at <= before)
        .order_by(line.due_at.desc())
        .limit(SHOWN)
    )
    return sorted(set(rows))


def take_alarm(
    tx: Tx, *, patience: timedelta, begun: datetime, again_after: timedelta
) -> Alarm | None:
    """What this process is to mail now; None: nothing, or another process has just done it.

    `begun` is when this process began: what came due before it gets `patience` from then. Taking it
    counts as mailing it; `give_back` is for whoever could not.
    """
    known = get_state(tx.conn, ALARM)
    unheard = unheard_breaches(tx.conn, tx.now, patience)
    if unheard is None:
        return _over(tx) if known is not None and known.value else None
    if tx.now - begun < patience:
        return None
    since = known.value["since"] if known is not None and known.value else tx.now.isoformat()
    if known is not None and known.value and tx.now - known.at < again_after:
        return None
    if not swap_state(tx.conn, ALARM, {"since": since}, tx.now, seen=known.at if known else None):
        return None
    return Alarm(unheard=unheard, since=datetime.fromisoformat(since))


def _over(tx: Tx) -> Alarm | None:
    known = get_state(tx.conn, ALARM)
    if known is None or not known.value:
        return None
    if not swap_state(tx.conn, ALARM, None, tx.now, seen=known.at):
        return None
    return Alarm(unheard=None, since=datetime.fromisoformat(known.value["since"]))


def give_back(tx: Tx, alarm: Alarm, *, again_after: timedelta, soon: timedelta) -> None:
    """The mail of an alarm did not go out: somebody tries again after `soon`."""
    if alarm.unheard is not None:
        earlier = tx.now - again_after + soon
        put_state(tx.conn, ALARM, {"since": alarm.since.isoformat()}, earlier)
