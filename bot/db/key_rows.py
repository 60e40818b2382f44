"""The data keys as rows, and the walk over everything that is kept sealed.

The walk goes table by table in the order of ids and notes how far it came with every batch, in the
batch's own transaction: wherever it is stopped, it goes on from there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    delete,
    insert,
    select,
    update,
)

from bot.db import tables
from bot.db.inserts import upsert
from bot.db.sealed import (
    BYTES,
    TEXT,
    WORDS,
    draft_place,
    event_place,
    keys_of,
    open_secret,
    seal_bytes,
    seal_data,
    seal_secret,
    seal_text,
    try_bytes,
    try_text,
)
from bot.db.types import AnyRow
from bot.db.unit import Tx

PURPOSE: Final = "words"

_K = tables.data_key.c
_N = tables.counter.c


@dataclass(frozen=True, slots=True, kw_only=True)
class DataKey:
    """A data key as it is kept."""

    kid: str
    wrapped: bytes = field(repr=False)
    wrapped_by: str
    created_at: datetime
    retired_at: datetime | None
    moved_at: datetime | None


def data_keys(conn: Connection) -> list[DataKey]:
    """Every data key, the oldest first."""
    rows = conn.execute(
        select(tables.data_key).where(_K.purpose == PURPOSE).order_by(_K.created_at, _K.id)
    )
    return [
        DataKey(
            kid=row.kid,
            wrapped=bytes(row.wrapped),
            wrapped_by=row.wrapped_by,
            created_at=row.created_at,
            retired_at=row.retired_at,
            moved_at=row.moved_at,
        )
        for row in rows
    ]


def all_is_sealed(conn: Connection) -> bool:
    """Whether a walk found nothing plain any more; what came after it is sealed as it is written."""
    if keys_of(conn) is None:
        return False
    newest = select(_K.moved_at).where(_K.purpose == PURPOSE, _K.retired_at.is_(None))
    return conn.scalar(newest.order_by(_K.id.desc()).limit(1)) is not None


def add_key(tx: Tx, kid: str, wrapped: bytes, wrapped_by: str) -> None:
    """Keep a new data key: from the commit on it is the one that seals."""
    tx.conn.execute(
        update(tables.data_key).where(_K.retired_at.is_(None)).values(retired_at=tx.now)
    )
    tx.conn.execute(
        insert(tables.data_key).values(
            id=tx.new_id(),
            kid=kid,
            purpose=PURPOSE,
            wrapped=wrapped,
            wrapped_by=wrapped_by,
            created_at=tx.now,
        )
    )


def lock_keys(tx: Tx) -> None:
    """Have every other process that would add or wrap keys wait."""
    statement = upsert(tx.conn.dialect.name, tables.counter).values(name="data_keys", value=0)
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": _N.value + 1})
    )


def wrap_again(tx: Tx, kid: str, wrapped: bytes, wrapped_by: str) -> None:
    """Put a data key's other wrapping in place of the one it has."""
    tx.conn.execute(
        update(tables.data_key).where(_K.kid == kid).values(wrapped=wrapped, wrapped_by=wrapped_by)
    )


# What is sealed, and where.


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A table with sealed columns. `places` says where each value of a row belongs."""

    table: Table
    columns: Sequence[str]
    places: Callable[[AnyRow], Mapping[str, str]]
    batch: int = 200
    source: FromClause | None = None
    others: Sequence[ColumnElement[Any]] = ()
    secret: bool = False

    @property
    def name(self) -> str:
        """The table's."""
        return self.table.name


def _by_id(table: str, *columns: str) -> Callable[[AnyRow], Mapping[str, str]]:
    return lambda row: {each: f"{table}.{each}:{row.id}" for each in columns}


def _of_draft(row: AnyRow) -> Mapping[str, str]:
    return {each: draft_place(each, row.ticket_id, row.agent) for each in ("body", "aside")}


_INBOX = tables.inbox.c
SPOTS: Final[Sequence[Spot]] = (
    Spot(
        table=tables.inbox_keep,
        columns=("sealed",),
        places=lambda row: {"sealed": f"{row.inbox}:{row.name}"},
        source=tables.inbox_keep.join(tables.inbox),
        others=(_INBOX.name.label("inbox"), tables.inbox_keep.c.name),
        secret=True,
    ),
    Spot(
        table=tables.ticket_context,
        columns=("sealed",),
        places=lambda row: {"sealed": f"order:{row.ticket_id}"},
        others=(tables.ticket_context.c.ticket_id,),
        secret=True,
    ),
    Spot(
        table=tables.message,
        columns=("body", "full_body"),
        places=_by_id("message", "body", "full_body"),
    ),
    Spot(
        table=tables.raw_inbound,
        columns=("payload",),
        places=_by_id("raw_inbound", "payload"),
        batch=20,
    ),
    Spot(
        table=tables.message_file,
        columns=("content",),
        places=_by_id("message_file", "content"),
        batch=4,
    ),
    Spot(
        table=tables.draft,
        columns=("body", "aside"),
        places=_of_draft,
        others=(tables.draft.c.ticket_id, tables.draft.c.agent),
    ),
    Spot(
        table=tables.approval,
        columns=("body", "choices"),
        places=_by_id("approval", "body", "choices"),
    ),
    Spot(table=tables.legal_hold, columns=("reason",), places=_by_id("legal_hold", "reason")),
    Spot(table=tables.feedback, columns=("comment",), places=_by_id("feedback", "comment")),
    Spot(table=tables.ticket_event, columns=("data",), places=_by_id("ticket_event", "data")),
)


# The walk.


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one batch did. `shut` values did not open and stay as they are."""

    read: int = 0
    sealed: int = 0
    shut: int = 0

    def __add__(self, other: "Step") -> "Step":
        return Step(
            read=self.read + other.read,
            sealed=self.sealed + other.sealed,
            shut=self.shut + other.shut,
        )


def seal_batch(tx: Tx, spot: Spot, kid: str) -> Step:
    """Seal the next rows of a table under the key `kid`, and note how far that is.

    A step that read nothing is the end of the table as it is now.
    """
    mark = f"seal:{kid}:{spot.name}"
    after = tx.conn.scalar(select(_N.value).where(_N.name == mark).with_for_update()) or 0
    rows = tx.conn.execute(_rows(spot, after).with_for_update(of=spot.table)).all()
    if not rows:
        return Step()
    step = Step()
    for row in rows:
        step += _seal_row(tx, spot, row, kid)
    statement = upsert(tx.conn.dialect.name, tables.counter).values(name=mark, value=rows[-1].id)
    tx.conn.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"value": rows[-1].id})
    )
    return step


def note_moved(tx: Tx, kid: str) -> None:
    """Nothing is under an older key any more: forget how far the walk came."""
    tx.conn.execute(
        update(tables.data_key).where(_K.kid == kid, _K.moved_at.is_(None)).values(moved_at=tx.now)
    )
    tx.conn.execute(delete(tables.counter).where(_N.name.startswith("seal:", autoescape=True)))


def _rows(spot: Spot, after: int) -> Select[Any]:
    columns = spot.table.c
    return (
        select(columns.id, *(columns[each] for each in spot.columns), *spot.others)
        .select_from(spot.table if spot.source is None else spot.source)
        .where(columns.id > after)
        .order_by(columns.id)
        .limit(spot.batch)
    )


def shut_values(conn: Connection, spot: Spot, after: int) -> tuple[int | None, int]:
    """How many values of the next rows do not open, and the last row; None at the end."""
    rows = conn.execute(_rows(spot, after)).all()
    shut = 0
    for row in rows:
        places = spot.places(row)
        stored = ((name, getattr(row, name)) for name in spot.columns)
        shut += sum(
            _sealed_again(conn, spot, row.id, value, places[name]) is None
            for name, value in stored
            if value
        )
    return (rows[-1].id if rows else None), shut


def _seal_row(tx: Tx, spot: Spot, row: AnyRow, kid: str) -> Step:
    places, changed, shut = spot.places(row), {}, 0
    for name in spot.columns:
        stored = getattr(row, name)
        if not stored or _is_under(stored, kid):
            continue
        fresh = _sealed_again(tx.conn, spot, row.id, stored, places[name])
        if fresh is None:
            shut += 1
        elif fresh != stored:
            changed[name] = fresh
    if changed:
        table = spot.table
        tx.conn.execute(update(table).where(table.c.id == row.id).values(**changed))
    return Step(read=1, sealed=len(changed), shut=shut)


def _is_under(stored: Any, kid: str) -> bool:
    if isinstance(stored, str):
        return stored.startswith(f"{TEXT}{kid}:")
    if isinstance(stored, bytes):
        return stored.startswith(BYTES + kid.encode("ascii") + b":")
    return False


def _sealed_again(conn: Connection, spot: Spot, row_id: int, stored: Any, place: str) -> Any:
    if spot.secret:
        secret = open_secret(conn, stored, place=place)
        return None if secret is None else seal_secret(conn, secret, place=place)
    if isinstance(stored, str):
        text = try_text(conn, stored, place=place)
        return None if text is None else seal_text(conn, text, place=place)
    if isinstance(stored, bytes):
        content = try_bytes(conn, stored, place=place)
        return None if content is None else seal_bytes(conn, content, place=place)
    return _event_again(conn, row_id, stored)


def _event_again(conn: Connection, event_id: int, data: Mapping[str, Any]) -> Any:
    """Words of an event; what needs no words is left as it is written."""
    opened = dict(data)
    for name in WORDS:
        if isinstance(data.get(name), str):
            text = try_text(conn, data[name], place=event_place(event_id, name))
            if text is None:
                return None
            opened[name] = text
    has_words = any(isinstance(data.get(name), str) and data[name] for name in WORDS)
    return seal_data(conn, event_id, opened) if has_words else data
