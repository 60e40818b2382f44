"""The outbox table as the dispatcher sees it: heads of lanes, leases and fences.

    ready → sending → sent | superseded | dead | unsure
              ↓  ↑
             ready (certainly not handed over: later again)

A row is `sending`, with its lease and one attempt more, before anybody outside hears of it. A row
still `sending` when its lease is over is in doubt, whether its process died or its answer was
lost: it is looked up, never simply sent again. While a row is open, `result` keeps the counts
that `OutboxRow` explains.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    tuple_,
    update,
)

from bot.db import tables
from bot.domain.effects import EffectKind, Priority
from bot.outbox.executor import OutboxRow

_NOTES = ("failed", "absent", "looks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A lane's next effect, not leased yet."""

    id: int
    kind: str
    lane: str
    lane_group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What cannot go out now, so that it is not read again and again."""

    lanes: Collection[str] = ()
    streams: Collection[tuple[str, str]] = ()  # (lane group, kind)


def heads(
    conn: Connection, *, now: datetime, kinds: Collection[str], held: Held, limit: int
) -> list[Head]:
    """The due heads of lanes, most urgent first, then oldest first.

    The head is the oldest open row of its lane; a root card comes before everything else even
    when the clock was set back between the two. A lane is as urgent as its most urgent row only
    for breach pings: the root they ride on overtakes with them. What else waits in their lane they
    pass, so that such a lane has two heads until one of them is leased.
    """
    past = {"lanes": bool(held.lanes), "streams": bool(held.streams)}
    given = {"now": now, "kinds": list(kinds), "most": limit}
    given |= {"lanes": list(held.lanes)} if held.lanes else {}
    given |= {"streams": list(held.streams)} if held.streams else {}
    found: dict[int, Head] = {}
    for urgent in (True, False):
        for row in conn.execute(_heads(urgent=urgent, **past), given):
            found.setdefault(row.id, _head(row))
    return list(found.values())[:limit]


def lease(
    conn: Connection, ids: Sequence[int], *, now: datetime, until: datetime
) -> list[OutboxRow]:
    """Lease those of `ids` that are still ready, for sending. The commit is the intent."""
    box = tables.outbox
    wanted: ColumnElement[bool] = and_(box.c.id.in_(ids), box.c.state == "ready")
    if conn.dialect.name == "postgresql":
        free = select(box.c.id).where(wanted).with_for_update(skip_locked=True)
        wanted = box.c.id.in_(free)
    taken = conn.execute(
        update(box)
        .where(wanted, box.c.not_before <= now)
        .values(
            state="sending",
            lease_until=until,
            fence=box.c.fence + 1,
            attempts=box.c.attempts + 1,
        )
        .returning(box)
    )
    return _in_order(ids, taken.mappings().all())


def doubtful(conn: Connection, *, now: datetime, kinds: Collection[str], limit: int) -> list[Head]:
    """Rows whose lease ran out in flight, most urgent first."""
    rows = conn.execute(_doubtful(), {"now": now, "kinds": list(kinds), "most": limit})
    return [_head(row) for row in rows]


def lease_doubtful(
    conn: Connection, ids: Sequence[int], *, now: datetime, until: datetime
) -> list[OutboxRow]:
    """Lease those of `ids` that are still in doubt, for a look-up. No attempt is counted."""
    box = tables.outbox
    taken = conn.execute(
        update(box)
        .where(box.c.id.in_(ids), box.c.state == "sending", box.c.lease_until <= now)
        .values(lease_until=until, fence=box.c.fence + 1)
        .returning(box)
    )
    return _in_order(ids, taken.mappings().all())


def settle(conn: Connection, row: OutboxRow, values: Mapping[str, Any]) -> bool:
    """Write the end of a lease. False when the lease is no longer ours: then nothing is written."""
    box = tables.outbox
    done = conn.execute(
        update(box)
        .where(box.c.id == row.id, box.c.state == "sending", box.c.fence == row.fence)
        .values(**values)
    )
    return done.rowcount == 1


def notes(row: OutboxRow, **changed: int) -> dict[str, int]:
    """The counts of an open row, with `changed` ones, as kept in its `result`."""
    kept = {name: getattr(row, name) for name in _NOTES} | changed
    return {name: count for name, count in kept.items() if count}


def end_leases(conn: Connection, *, now: datetime) -> int:
    """End every lease. For the only process of a database, when it starts: nobody else sends."""
    box = tables.outbox
    ended = conn.execute(
        update(box).where(_open(box), box.c.state == "sending").values(lease_until=now)
    )
    return ended.rowcount


def next_change(conn: Connection, *, now: datetime) -> datetime | None:
    """When the next waiting row becomes due or the next lease runs out; None when nothing waits.

    What is due already and was left where it is waits for a gate, which says itself when it opens.
    """
    both = [conn.scalar(first, {"now": now}) for first in _first_changes()]
    return min((at for at in both if at is not None), default=None)


def is_idle(conn: Connection, *, now: datetime, kinds: Collection[str]) -> bool:
    """Whether there is nothing of `kinds` to send or to look up before time passes."""
    box = tables.outbox
    busy = or_(
        and_(box.c.state == "sending", box.c.lease_until <= now),
        and_(box.c.state == "ready", box.c.not_before <= now, not_(_has_earlier())),
    )
    mine = box.c.kind.in_(kinds)
    return conn.scalar(select(box.c.id).where(_open(box), mine, busy).limit(1)) is None


# These are asked at every step and always the same: to build them costs more than to answer them.


@cache
def _heads(*, urgent: bool, lanes: bool, streams: bool) -> Select[Any]:
    """The question for heads: only boosted ones, past held lanes, past held streams."""
    box = tables.outbox
    query = (
        select(box.c.id, box.c.kind, box.c.lane, box.c.lane_group)
        .where(_ready(box), box.c.not_before <= bindparam("now"), _of_kinds(box))
        .where(not_(_has_earlier()))
        .order_by(box.c.priority, box.c.not_before, box.c.id)
        .limit(bindparam("most", type_=Integer))
    )
    if lanes:
        query = query.where(box.c.lane.not_in(bindparam("lanes", expanding=True)))
    if streams:
        stream = tuple_(box.c.lane_group, box.c.kind)
        query = query.where(stream.not_in(bindparam("streams", expanding=True)))
    if urgent:
        # The open ones: so the boosted lanes are found by the lane's own index.
        query = query.where(_open(box), _breach_waits_behind())
    return query


@cache
def _doubtful() -> Select[Any]:
    box = tables.outbox
    return (
        select(box.c.id, box.c.kind, box.c.lane, box.c.lane_group)
        .where(_open(box), box.c.state == "sending", box.c.lease_until <= bindparam("now"))
        .where(_of_kinds(box))
        .order_by(box.c.priority, box.c.id)
        .limit(bindparam("most", type_=Integer))
    )


@cache
def _first_changes() -> tuple[Select[Any], Select[Any]]:
    box = tables.outbox
    now: BindParameter[datetime] = bindparam("now")
    waiting = select(func.min(box.c.not_before)).where(_ready(box), box.c.not_before > now)
    leased = select(func.min(box.c.lease_until)).where(
        _open(box), box.c.state == "sending", box.c.lease_until > now
    )
    return waiting, leased


def _of_kinds(box: Any) -> ColumnElement[bool]:
    return cast("ColumnElement[bool]", box.c.kind.in_(bindparam("kinds", expanding=True)))


@cache
def _has_earlier() -> ColumnElement[bool]:
    """Whether another row of the same lane has to go before this one, or is under way.

    Nobody reads a thread's lines for their order beside a missed deadline: a breach ping goes past
    those that wait, but not past another one.
    """
    box, other = tables.outbox, tables.outbox.alias("other")
    root_rank = case((other.c.kind == EffectKind.POST_ROOT, 0), else_=1)
    own_rank = case((box.c.kind == EffectKind.POST_ROOT, 0), else_=1)
    breach: ColumnElement[int] = literal_column(str(int(Priority.BREACH)))
    older = and_(other.c.id < box.c.id, or_(box.c.priority > breach, other.c.priority <= breach))
    earlier = or_(other.c.state == "sending", older)
    return (
        select(literal_column("1"))
        .select_from(other)
        .where(_open(other), other.c.state != "unsure", other.c.lane == box.c.lane)
        .where(other.c.id != box.c.id)
        .where(or_(root_rank < own_rank, and_(root_rank == own_rank, earlier)))
        .exists()
    )


@cache
def _breach_waits_behind() -> ColumnElement[bool]:
    breach = tables.outbox.alias("breach")
    return tables.outbox.c.lane.in_(
        select(breach.c.lane).where(
            literal_column("breach.state = 'ready'"),
            breach.c.priority <= literal_column(str(int(Priority.BREACH))),
        )
    )


def _open(box: Any) -> ColumnElement[bool]:
    # Spelt out, because a partial index is used only where the query repeats its condition.
    return literal_column(f"{_name(box)}.state IN ('ready', 'sending', 'unsure')")


def _ready(box: Any) -> ColumnElement[bool]:
    return literal_column(f"{_name(box)}.state = 'ready'")


def _name(box: Any) -> str:
    return str(box.name)


def _head(row: Any) -> Head:
    return Head(id=row.id, kind=row.kind, lane=row.lane, lane_group=row.lane_group)


def _in_order(ids: Sequence[int], rows: Sequence[RowMapping]) -> list[OutboxRow]:
    known = {row["id"]: _outbox_row(row) for row in rows}
    return [known[i] for i in ids if i in known]


def _outbox_row(row: RowMapping) -> OutboxRow:
    counts = row["result"] or {}
    return OutboxRow(
        id=row["id"],
        kind=row["kind"],
        lane=row["lane"],
        lane_group=row["lane_group"],
        dedupe_key=row["dedupe_key"],
        payload=row["payload"],
        priority=row["priority"],
        fence=row["fence"],
        attempts=row["attempts"],
        created_at=row["created_at"],
        **{name: int(counts.get(name, 0)) for name in _NOTES},
    )


SHORT_WAIT = timedelta(minutes=5)
"""An undo window and a back-off last as long at most, a lease of an effect less."""


def follow_clock(conn: Connection, *, seen: datetime, moved: timedelta) -> int:
    """The clock was set while effects waited: let each wait as long as it was meant to.

    `seen` is what the clock said last before it was set, `moved` by how much it was set. Without
    this a clock set back an hour holds every queued answer for an hour. Returns how many moved.
    """
    box = tables.outbox
    changed = 0
    # What was decided by the new clock already has the right times.
    by_the_old_clock = box.c.created_at <= seen + abs(moved) / 2
    for column, state in ((box.c.not_before, "ready"), (box.c.lease_until, "sending")):
        if moved < timedelta(0):  # first, for what waits is among it once it was moved
            changed += _stay_due(conn, column, state, seen=seen, now=seen + moved)
        waiting = conn.execute(
            select(box.c.id, column.label("until")).where(
                _open(box),
                by_the_old_clock,
                box.c.state == state,
                column > seen,
                not_(_by_the_new_clock(column, seen=seen, moved=moved)),
            )
        ).all()
        if waiting:
            conn.execute(
                update(box)
                .where(box.c.id == bindparam("row"), box.c.state == state)
                .values({column: bindparam("moved_to")}),
                [{"row": row.id, "moved_to": row.until + moved} for row in waiting],
            )
        changed += len(waiting)
    return changed


def _by_the_new_clock(
    column: Column[Any], *, seen: datetime, moved: timedelta
) -> ColumnElement[bool]:
    """Set forward, what waits shortly beyond the new time was told to since, by the new clock.

    The few that were to wait just so long go early.
    """
    if moved < timedelta(0):
        return false()
    return column.between(seen + moved, seen + moved + SHORT_WAIT)


def _stay_due(
    conn: Connection, column: Column[Any], state: str, *, seen: datetime, now: datetime
) -> int:
    """Set back, what was due already would be to come once more. How many that was.

    What lies `SHORT_WAIT` ahead or less may have been decided by the new clock, and is let wait.
    """
    box = tables.outbox
    over = (column > now + SHORT_WAIT) & (column <= seen)
    return conn.execute(
        update(box).where(_open(box), box.c.state == state, over).values({column: now})
    ).rowcount
