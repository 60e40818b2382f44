"""A platform's own figures as rows, and the waits of which a desk counts the same itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.types import AnyRow
from bot.db.unit import Tx
from bot.domain.figures import End
from connectors.report_files.reading import Measure, Reading
from sla_rules.vocabulary import Kind

_H = tables.health_reading.c
_I = tables.inbox.c
_W = tables.wait_figure.c
_F = tables.ticket_figure.c
_T = tables.ticket.c

_DAY = 86_400
_MEASURES = frozenset(str(one) for one in Measure)
_ANSWERED = (End.ANSWERED, End.ELSEWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """A reading of an inbox (its name). `source` is import or api."""

    inbox: str
    source: str
    reading: Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitDay:
    """Waits that began between `age` and `age` + 1 days ago: answered in time, and not."""

    inbox: str
    marketplace: str
    age: int
    kept: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What became of readings that were to be stored; `replaced` are those of before."""

    new: int
    same: int
    replaced: Sequence[Reading]


def readings_since(
    conn: Connection, inboxes: Collection[str], since: date
) -> Sequence[StoredReading]:
    """Every reading of the inboxes (their names) of `since` or later, the newest first."""
    rows = conn.execute(
        select(tables.health_reading, _I.name)
        .join_from(tables.health_reading, tables.inbox, _H.inbox_id == _I.id)
        .where(_I.name.in_(list(inboxes)), _H.until >= since)
        .order_by(_H.until.desc(), _H.id)
    )
    return [
        StoredReading(inbox=row.name, source=row.source, reading=_reading(row))
        for row in rows
        if row.measure in _MEASURES
    ]


def knows_file(conn: Connection, inbox_id: int, sha256: str) -> bool:
    """Whether readings of exactly this file are stored."""
    found = conn.scalar(select(_H.id).where(_H.inbox_id == inbox_id, _H.sha256 == sha256).limit(1))
    return found is not None


def inbox_id_of(conn: Connection, name: str) -> int | None:
    """The id of an inbox; None where it has no row."""
    return conn.scalar(select(_I.id).where(_I.name == name))


def marketplaces_of(conn: Connection, inbox_id: int) -> frozenset[str]:
    """The marketplaces that customers of the inbox wrote from, in small letters."""
    found = conn.scalars(select(_T.marketplace).where(_T.inbox_id == inbox_id).distinct())
    return frozenset(each.casefold() for each in found if each)


def keep(
    tx: Tx, inbox_id: int, readings: Sequence[Reading], *, source: str, sha256: str = ""
) -> Kept:
    """Store readings; one of the same day, marketplace and measure is replaced."""
    before = _known(tx.conn, inbox_id, readings)
    changed = [one for one in readings if before.get(_key(one)) != one]
    if changed:
        insert = upsert(tx.conn.dialect.name, tables.health_reading)
        told = ("value", "counted", "out_of", "since", "source", "sha256", "read_at")
        tx.conn.execute(
            insert.on_conflict_do_update(
                index_elements=[_H.inbox_id, _H.marketplace, _H.measure, _H.until],
                set_={name: insert.excluded[name] for name in told},
            ),
            [_row(tx, inbox_id, one, source, sha256) for one in changed],
        )
    replaced = [before[_key(one)] for one in changed if _key(one) in before]
    return Kept(
        new=len(changed) - len(replaced), same=len(readings) - len(changed), replaced=replaced
    )


def waits_by_day(
    conn: Connection, inboxes: Collection[str], now: datetime, *, days: int, within: timedelta
) -> Sequence[WaitDay]:
    """The decided waits for an answer to a message that began in the last `days` of 24 hours.

    Kept is what was answered `within` so long, here or in the platform's console. What was said
    to need no answer in that time counts neither way. Everything else is late as soon as its time
    is over: also what was resolved without an answer, and what was waved through later.
    """
    names = _names(conn, inboxes)
    if not names:
        return ()
    rows = conn.execute(_decided(names, now, days=days, within=within))
    return [
        WaitDay(
            inbox=names[row.inbox_id],
            marketplace=row.marketplace.casefold(),
            age=int(row.age),
            kept=int(row.kept),
            late=row.decided - int(row.kept),
        )
        for row in rows
    ]


def _decided(
    inbox_ids: Collection[int], now: datetime, *, days: int, within: timedelta
) -> Select[Any]:
    began, ended = type_coerce(_W.began_at, BigInteger), type_coerce(_W.ended_at, BigInteger)
    second, limit = int(now.timestamp() // 1), int(within.total_seconds())
    in_time = ended - began <= limit
    kept = and_(_W.end.in_(_ANSWERED), in_time)
    over = and_(began < second - limit, or_(_W.end != End.WAVED, ~in_time))
    age = ((literal(second) - began) // _DAY).label("age")
    return (
        select(
            _W.inbox_id,
            _F.marketplace,
            age,
            func.sum(case((kept, 1), else_=0)).label("kept"),
            func.count().label("decided"),
        )
        .join_from(tables.wait_figure, tables.ticket_figure, _W.ticket_id == _F.ticket_id)
        .where(
            _W.began_at > now - timedelta(days=days),
            _W.began_at <= now,
            _W.inbox_id.in_(list(inbox_ids)),
            _F.kind == Kind.MESSAGE,
            or_(kept, over),
            # The wait of a ticket that goes on in another one is counted there.
            or_(_F.merged_at.is_(None), _W.end.in_((*_ANSWERED, End.WAVED))),
        )
        .group_by(_W.inbox_id, _F.marketplace, age)
    )


def _names(conn: Connection, inboxes: Collection[str]) -> Mapping[int, str]:
    rows = conn.execute(select(_I.id, _I.name).where(_I.name.in_(list(inboxes))))
    return {row.id: row.name for row in rows}


def _key(one: Reading) -> tuple[str, str, date]:
    return one.marketplace, one.measure, one.until


def _known(
    conn: Connection, inbox_id: int, readings: Sequence[Reading]
) -> Mapping[tuple[str, str, date], Reading]:
    days = {one.until for one in readings}
    rows = conn.execute(
        select(tables.health_reading).where(_H.inbox_id == inbox_id, _H.until.in_(sorted(days)))
    )
    found = [_reading(row) for row in rows if row.measure in _MEASURES]
    return {_key(one): one for one in found}


def _reading(row: AnyRow) -> Reading:
    return Reading(
        measure=Measure(row.measure),
        marketplace=row.marketplace,
        value=row.value,
        counted=row.counted,
        out_of=row.out_of,
        since=row.since,
        until=row.until,
    )


def _row(tx: Tx, inbox_id: int, one: Reading, source: str, sha256: str) -> dict[str, object]:
    return {
        "id": tx.new_id(),
        "inbox_id": inbox_id,
        "marketplace": one.marketplace,
        "measure": one.measure,
        "value": one.value,
        "counted": one.counted,
        "out_of": one.out_of,
        "since": one.since,
        "until": one.until,
        "source": source,
        "sha256": sha256,
        "read_at": tx.now,
    }
