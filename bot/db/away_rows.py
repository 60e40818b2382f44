"""What happened while the desk did not run, and what it did about it since it is back.

Ids rise with time: what was written since an instant is found without reading what was before.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, func, or_, select

from bot.db import tables
from bot.db.ids import first_id
from bot.db.types import literally
from bot.domain.effects import EffectKind
from bot.domain.ticket import EventType
from sla_rules.vocabulary import ClockState, Scope

CHUNK: Final = 500
"""Ids named in one statement."""

BEFORE: Final = timedelta(hours=1)
"""Answers queued so long before the desk went away may have been held by it."""

# Ids only narrow a search here: a clock that was set back does not take them back with it.

_M = tables.message.c
_E = tables.ticket_event.c
_D = tables.deadline.c
_P = tables.ping.c
_B = tables.outbox.c
_T = tables.ticket.c
_I = tables.inbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Deadlines of one inbox that passed unheard; `limits` of them are the marketplace's."""

    count: int
    limits: int
    worst: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanwhile:
    """What came of an absence. `pings` came late, the latest of them by `latest`."""

    messages: int = 0
    missed: Mapping[str, Missed] = field(default_factory=dict)
    pings: int = 0
    latest: timedelta = timedelta()
    answers: int = 0
    next_number: int | None = None
    next_due: datetime | None = None


def meanwhile(conn: Connection, *, begin: datetime, back: datetime, now: datetime) -> Meanwhile:
    """Count what came in, passed, was told late and was held between `begin` and `back`."""
    events = _told_since(conn, back)
    pings, latest = _late_pings(conn, [e.data for e in events if e.type == EventType.PING], back)
    following = _next(conn, now)
    return Meanwhile(
        messages=_messages(conn, back),
        missed=_missed(conn, [e for e in events if e.type == EventType.BREACH], back),
        pings=pings,
        latest=latest,
        answers=_answers(conn, begin, back),
        next_number=following[0] if following else None,
        next_due=following[1] if following else None,
    )


def _told_since(conn: Connection, back: datetime) -> Sequence[Any]:
    return conn.execute(
        select(_E.type, _E.at, _E.data, _I.name)
        .join_from(tables.ticket_event, tables.ticket, _T.id == _E.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(
            _E.id >= first_id(back), _E.at >= back, _E.type.in_((EventType.PING, EventType.BREACH))
        )
    ).all()


def _messages(conn: Connection, back: datetime) -> int:
    # Written before the desk was back, and seen only since.
    return (
        conn.scalar(
            select(func.count())
            .select_from(tables.message)
            .where(_M.id >= first_id(back), _M.seen_at >= back)
            .where(_M.direction == "in", _M.sent_at < back)
        )
        or 0
    )


def _missed(conn: Connection, breaches: Sequence[Any], back: datetime) -> Mapping[str, Missed]:
    found: dict[str, list[tuple[bool, timedelta]]] = defaultdict(list)
    scopes = _scopes(conn, [each.data["deadline_id"] for each in breaches])
    for each in breaches:
        if datetime.fromisoformat(each.data["due_at"]) >= back:
            continue
        is_limit = scopes.get(each.data["deadline_id"]) == Scope.MARKETPLACE
        found[each.name].append((is_limit, timedelta(seconds=each.data["late_seconds"])))
    return {
        name: Missed(
            count=len(rows),
            limits=sum(is_limit for is_limit, _ in rows),
            worst=max(late for _, late in rows),
        )
        for name, rows in sorted(found.items())
    }


def _scopes(conn: Connection, ids: Sequence[int]) -> Mapping[int, str]:
    scopes: dict[int, str] = {}
    for part in _chunks(ids):
        rows = conn.execute(select(_D.id, _D.scope).where(_D.id.in_(part)))
        scopes |= {row.id: row.scope for row in rows}
    return scopes


def _late_pings(
    conn: Connection, told: Sequence[Mapping[str, Any]], back: datetime
) -> tuple[int, timedelta]:
    late: list[timedelta] = []
    for part in _chunks([each["ping_id"] for each in told]):
        rows = conn.execute(
            select(_P.fire_at, _P.fired_at).where(
                _P.id.in_(part), _P.fire_at < back, _P.fired_at.is_not(None)
            )
        )
        late += [row.fired_at - row.fire_at for row in rows]
    return len(late), max(late, default=timedelta())


def _answers(conn: Connection, begin: datetime, back: datetime) -> int:
    held = or_(_B.settled_at.is_(None), _B.settled_at >= back)
    return (
        conn.scalar(
            select(func.count())
            .select_from(tables.outbox)
            .where(_B.id >= first_id(begin - BEFORE), _B.created_at < back)
            .where(and_(_B.kind == str(EffectKind.SEND_REPLY), held))
        )
        or 0
    )


def _next(conn: Connection, now: datetime) -> tuple[int, datetime] | None:
    row = conn.execute(
        select(_T.number, _D.due_at)
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .where(literally(_D.state, ClockState.RUNNING), _D.due_at > now)
        .order_by(_D.due_at, _D.ticket_id)
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.number, row.due_at)


def unread_since(conn: Connection, names: Collection[str], back: datetime) -> Sequence[str]:
    """Those of the inboxes that were not looked at, well or in vain, since `back`."""
    looked = or_(_I.last_ok_at >= back, and_(_I.failures > 0, _I.last_polled_at >= back))
    done = set(conn.scalars(select(_I.name).where(_I.name.in_(names), looked)))
    return sorted(set(names) - done)


def pings_overdue(conn: Connection, before: datetime) -> bool:
    """Whether a ping that was due before that instant is still to be fired."""
    query = select(_P.id).where(
        _P.fired_at.is_(None), _P.cancelled_at.is_(None), _P.fire_at < before
    )
    return conn.scalar(query.limit(1)) is not None


def _chunks(ids: Sequence[int]) -> Sequence[Sequence[int]]:
    return [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
