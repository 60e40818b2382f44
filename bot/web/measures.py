"""The figures of the desk's own work behind `/metrics`: what waits, what was kept, what came in.

Read apart from the desk's work, with few statements over indexed rows. Labels hold inbox names and
scopes only: nothing of a customer (invariant 11). docs/web.md lists them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from bot.clock import Clock
from bot.db import tables
from bot.db.apart import ReadApart
from bot.db.ids import first_id
from bot.db.kept_rows import Counted, Decided, count_decided
from bot.db.types import literally
from bot.domain.desk import Desk
from bot.domain.home import midnight
from bot.domain.priority import HARD_AHEAD, OURS_AHEAD
from bot.domain.ticket import TicketState
from bot.usecases.promises import PromiseStanding, promises
from sla_rules.vocabulary import ClockState, Scope

log = structlog.get_logger(__name__)

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
SLOW_EVERY: Final = 60.0
"""Real seconds for which shares over days are as good as new, however often one asks."""

_SCOPES: Final = (Scope.MARKETPLACE, Scope.INTERNAL)
_NOTHING: Final = (Decided(count=0, missed=0), Decided(count=0, missed=0))

_T = tables.ticket.c
_D = tables.deadline.c
_I = tables.inbox.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Open tickets of one inbox whose customer waits, and since when the first of them does."""

    count: int = 0
    oldest_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Shares over days: decided clocks of a day and of a week, and the promises."""

    decided: Counted = field(default_factory=dict)
    promises: Sequence[PromiseStanding] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What is measured at one moment, by inbox; `inboxes` are all of the desk's."""

    inboxes: Sequence[str]
    waiting: Mapping[str, Waiting]
    overdue: Mapping[tuple[str, Scope], int]
    at_risk: Mapping[str, int]
    received: Mapping[str, int]
    standings: Standings


class Measuring:
    """Reads and names them; shares over days at most once a minute."""

    def __init__(self, apart: ReadApart, desk: Callable[[], Desk], clock: Clock) -> None:
        self._apart = apart
        self._desk = desk
        self._clock = clock
        self._standings = Standings()
        self._old_at = 0.0

    async def families(self) -> Sequence[Metric]:
        """The families of this moment; none while the database cannot be read."""
        desk, now = self._desk(), self._clock.now()
        is_old = self._clock.monotonic() >= self._old_at

        def look(conn: Connection) -> Measures:
            standings = read_standings(conn, desk, now) if is_old else self._standings
            return read_measures(conn, desk, now, standings)

        try:
            found = await self._apart.read(look)
        except (SQLAlchemyError, OSError, TimeoutError) as exc:
            log.warning("measures.unreadable", error=type(exc).__name__)
            return ()
        if is_old:
            self._standings = found.standings
            self._old_at = self._clock.monotonic() + SLOW_EVERY
        return families_of(found)


def read_standings(conn: Connection, desk: Desk, now: datetime) -> Standings:
    """Two statements over what ended in a week, and in the promises' windows."""
    return Standings(
        decided=count_decided(conn, (now - DAY, now - WEEK), now),
        promises=promises(conn, desk, now),
    )


def read_measures(conn: Connection, desk: Desk, now: datetime, standings: Standings) -> Measures:
    """Four statements over open tickets, running clocks, and the tickets of today."""
    return Measures(
        inboxes=sorted(desk.inboxes),
        waiting=_waiting(conn, now),
        overdue=_overdue(conn, now),
        at_risk=_at_risk(conn, now),
        received=_received(conn, midnight(now, desk)),
        standings=standings,
    )


def _waiting(conn: Connection, now: datetime) -> Mapping[str, Waiting]:
    rows = conn.execute(
        select(_I.name, func.count(), func.min(_T.waiting_since))
        .join_from(tables.ticket, tables.inbox)
        .where(literally(_T.state, TicketState.OPEN), _T.waiting_since.is_not(None))
        .group_by(_I.name)
    )
    return {
        name: Waiting(count=count, oldest_seconds=max(0.0, (now - since).total_seconds()))
        for name, count, since in rows
    }


def _overdue(conn: Connection, now: datetime) -> Mapping[tuple[str, Scope], int]:
    rows = conn.execute(
        select(_I.name, _D.scope, func.count())
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(literally(_D.state, ClockState.RUNNING), _D.due_at <= now)
        .group_by(_I.name, _D.scope)
    )
    return {(name, Scope(scope)): count for name, scope, count in rows}


def _at_risk(conn: Connection, now: datetime) -> Mapping[str, int]:
    """Tickets with a limit or a target that is near and can still be kept (`domain.priority`)."""
    near = or_(
        and_(_D.scope != Scope.INTERNAL, _D.due_at <= now + HARD_AHEAD),
        and_(_D.scope == Scope.INTERNAL, _D.due_at <= now + OURS_AHEAD),
    )
    rows = conn.execute(
        select(_I.name, func.count(_D.ticket_id.distinct()))
        .join_from(tables.deadline, tables.ticket, _T.id == _D.ticket_id)
        .join(tables.inbox, _I.id == _T.inbox_id)
        .where(literally(_D.state, ClockState.RUNNING), _D.due_at > now, near)
        .where(_D.due_at <= now + HARD_AHEAD)
        .group_by(_I.name)
    )
    return {row[0]: row[1] for row in rows}


def _received(conn: Connection, since: datetime) -> Mapping[str, int]:
    # Ids rise with time: today's tickets are found without reading those of before.
    rows = conn.execute(
        select(_I.name, func.count())
        .join_from(tables.ticket, tables.inbox)
        .where(_T.id >= first_id(since), _T.opened_at >= since)
        .group_by(_I.name)
    )
    return {row[0]: row[1] for row in rows}


def families_of(found: Measures) -> Sequence[Metric]:
    """The families, with a value for every inbox of the desk, so that none ever goes missing."""
    return [*_now(found), *_lately(found), *_promises(found.standings.promises)]


def _now(found: Measures) -> Sequence[Metric]:
    waiting = {name: found.waiting.get(name, Waiting()) for name in found.inboxes}
    return [
        _by_inbox(
            "threadline_waits_open",
            "Open tickets whose customer waits for an answer.",
            {name: each.count for name, each in waiting.items()},
        ),
        _by_inbox(
            "threadline_wait_oldest_age_seconds",
            "Since the customer who waits longest began to; 0 for none.",
            {name: each.oldest_seconds for name, each in waiting.items()},
        ),
        _by_inbox(
            "threadline_tickets_at_risk",
            "Tickets with a marketplace limit within two hours or an own target within one.",
            {name: found.at_risk.get(name, 0) for name in found.inboxes},
        ),
        _by_inbox(
            "threadline_tickets_received_today",
            "Tickets opened since midnight where the desk is.",
            {name: found.received.get(name, 0) for name in found.inboxes},
        ),
        _by_scope(
            "threadline_clocks_overdue",
            "Clocks that run although their time is over.",
            {
                (name, scope): found.overdue.get((name, scope), 0)
                for name in found.inboxes
                for scope in _SCOPES
            },
        ),
    ]


def _lately(found: Measures) -> Sequence[Metric]:
    lately = {
        (name, scope): found.standings.decided.get((name, scope), _NOTHING)
        for name in found.inboxes
        for scope in _SCOPES
    }
    kept = {key: week.kept for key, (_, week) in lately.items()}
    return [
        _by_scope(
            "threadline_sla_decided_24h",
            "Clocks decided in the last 24 hours: met, or missed.",
            {key: day.count for key, (day, _) in lately.items()},
        ),
        _by_scope(
            "threadline_sla_missed_24h",
            "Those of them that were missed.",
            {key: day.missed for key, (day, _) in lately.items()},
        ),
        _by_scope(
            "threadline_sla_kept_ratio_7d",
            "Share of the clocks decided in 7 days that was met; absent where none was decided.",
            {key: share for key, share in kept.items() if share is not None},
        ),
    ]


def _promises(standings: Sequence[PromiseStanding]) -> Sequence[Metric]:
    labels = ("inbox", "within", "window")
    kept = GaugeMetricFamily(
        "threadline_promise_kept_ratio",
        "Share of answers in time, as the platform's promise counts it.",
        labels=labels,
    )
    asked = GaugeMetricFamily(
        "threadline_promise_asked_ratio", "The share that the promise asks for.", labels=labels
    )
    room = GaugeMetricFamily(
        "threadline_promise_room",
        "Late answers a promise still allows; below 0: answers in time that regain it.",
        labels=labels,
    )
    for each in standings:
        values, standing = _labels(each), each.standing
        if standing.awaited:
            kept.add_metric(values, standing.on_time / standing.awaited)
        asked.add_metric(values, each.promise.share / 100)
        room.add_metric(values, standing.may_miss - standing.to_regain)
    return [kept, asked, room]


def _labels(each: PromiseStanding) -> list[str]:
    minutes = int(each.promise.within.total_seconds()) // 60
    return [each.inbox, f"{minutes}m", f"{each.promise.over.days}d"]


def _by_inbox(name: str, text: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["inbox"])
    for inbox, value in values.items():
        family.add_metric([inbox], value)
    return family


def _by_scope(name: str, text: str, values: Mapping[tuple[str, Scope], float]) -> Metric:
    family = GaugeMetricFamily(name, text, labels=["inbox", "scope"])
    for (inbox, scope), value in values.items():
        family.add_metric([inbox, scope], value)
    return family
