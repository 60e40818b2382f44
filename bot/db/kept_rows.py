"""How many clocks were decided lately and how many of them missed, from what is measured of waits.

A clock is decided when its wait ends or when it is due, whatever is first. A wait that ended in time
without an answer counts for no clock. docs/metrics.md has the definition that reports share.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, union_all

from bot.db import tables
from bot.domain.figures import End
from sla_rules.vocabulary import Scope

_W = tables.wait_figure.c
_I = tables.inbox.c

_SCOPES: Final = (Scope.MARKETPLACE, Scope.INTERNAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """Clocks that were decided in a stretch of time, and those of them that were missed."""

    count: int
    missed: int

    @property
    def kept(self) -> float | None:
        """The share that was met, 0 … 1; None: none was decided."""
        return (self.count - self.missed) / self.count if self.count else None


Counted = Mapping[tuple[str, Scope], Sequence[Decided]]


def count_decided(conn: Connection, since: Sequence[datetime], now: datetime) -> Counted:
    """Clocks decided from each of `since` until `now`, by inbox (its name) and scope.

    One statement, which reads the waits that ended since the earliest of them and those that last.
    An inbox and scope of which nothing was decided at all is left out.
    """
    waits = union_all(
        _waits().where(_W.ended_at >= min(since)), _waits().where(_W.ended_at.is_(None))
    ).subquery("waits")
    columns = [
        func.count(case((counted, 1)))
        for scope in _SCOPES
        for begins in since
        for counted in _conditions(waits.c, scope, begins, now)
    ]
    rows = conn.execute(
        select(_I.name, *columns)
        .join_from(waits, tables.inbox, _I.id == waits.c.inbox_id)
        .group_by(_I.name)
    )
    found: dict[tuple[str, Scope], list[Decided]] = defaultdict(list)
    for row in rows:
        counts = iter(row[1:])
        for scope in _SCOPES:
            for _ in since:
                met, missed = next(counts), next(counts)
                found[row[0], scope].append(Decided(count=met + missed, missed=missed))
    return {key: each for key, each in found.items() if any(one.count for one in each)}


def _waits() -> Select[Any]:
    return select(_W.inbox_id, _W.ended_at, _W.end, _W.limit_due_at, _W.target_due_at)


def _conditions(
    waits: Any, scope: Scope, since: datetime, now: datetime
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a wait's clock was met, and whether it was missed, since then."""
    due_at = waits.limit_due_at if scope is Scope.MARKETPLACE else waits.target_due_at
    met = and_(
        waits.ended_at <= due_at,
        waits.end.in_((End.ANSWERED, End.ELSEWHERE)),
        waits.ended_at >= since,
        waits.ended_at < now,
    )
    late = or_(waits.ended_at.is_(None), waits.ended_at > due_at)
    return met, and_(late, due_at >= since, due_at < now)
