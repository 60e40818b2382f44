"""Many rows by one statement, their values made ready a column at a time.

SQLAlchemy makes a dictionary of parameters for each row and looks up in it what to do with each
value: for a page of mails that took longer than the database took to write it. Here a statement is
compiled once, and its values are handed to the driver as they are. No row of it comes back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Insert, String, Table, insert
from sqlalchemy.sql.dml import UpdateBase

Ready = Callable[[Any], Any]

_STATEMENTS = 64
"""Compiled ones that are kept. The desk has a dozen, each for one dialect."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    sql: str
    names: tuple[str, ...]
    ready: tuple[Ready | None, ...]


def write_rows(conn: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Execute `statement`, one that is built once, for each row; all have the same keys."""
    if rows:
        prepared = _prepared(conn.dialect, statement, tuple(rows[0]))
        _execute(conn, prepared, map(itemgetter(*prepared.names), rows))


def write_values(conn: Connection, statement: UpdateBase, values: Sequence[Any]) -> None:
    """`write_rows` of objects whose attributes are called like the columns of the table."""
    if values:
        names = tuple(statement.table.c.keys())
        prepared = _prepared(conn.dialect, statement, names)
        _execute(conn, prepared, map(attrgetter(*prepared.names), values))


@cache
def insert_into(table: Table) -> Insert:
    """A plain insert, built once."""
    return insert(table)


def _execute(conn: Connection, prepared: _Prepared, rows: Iterable[Sequence[Any]]) -> None:
    columns = zip(*rows, strict=True)
    made = (
        column if ready is None else map(ready, column)
        for column, ready in zip(columns, prepared.ready, strict=True)
    )
    conn.exec_driver_sql(prepared.sql, list(zip(*made, strict=True)))


@lru_cache(maxsize=_STATEMENTS)
def _prepared(dialect: Dialect, statement: UpdateBase, names: tuple[str, ...]) -> _Prepared:
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    order = tuple(compiled.positiontup or ())
    return _Prepared(
        sql=compiled.string,
        names=order,
        ready=tuple(_ready(compiled.binds[name].type, dialect) for name in order),
    )


def _ready(type_: Any, dialect: Dialect) -> Ready | None:
    found: Ready | None = type_.dialect_impl(dialect).bind_processor(dialect)
    return _plain if found is None and isinstance(type_, String) else found


def _plain(value: str | None) -> str | None:
    """A word of a vocabulary as a string of its own: SQLite's driver asks around for any other."""
    return value if value is None or value.__class__ is str else str(value)
