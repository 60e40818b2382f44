"""Rows in every table, of values that are easily spoilt on the way."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Float,
    LargeBinary,
    String,
    Table,
    insert,
)
from sqlalchemy.types import JSON, TypeDecorator

from bot.db import tables


def fill_every_table(conn: Connection, first: int = 1) -> None:
    """Two rows in each: one of odd values, one with nothing where there may be nothing.

    Their ids and numbers are `first` and the one after it.
    """
    for table in tables.metadata.sorted_tables:
        _fill(conn, table, first)


def _sample(column: Column[Any], number: int) -> Any:
    """A value that is easily spoilt on the way."""
    kind = column.type
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    if column.foreign_keys or column.name == "id":
        return number
    known: list[tuple[type, Any]] = [
        (DateTime, datetime(2026, 3, 29, 0, 59, 59, 999_999, tzinfo=UTC)),
        (JSON, {"é": ['"', "\\", "\u2028", 10**15, 0.1, None, True], "b": {}, "a": number}),
        (String, f"{number}'ß€🙂\n\\N"[: getattr(kind, "length", None) or 40]),
        (Boolean, number % 2 == 0),
        (Date, date(2026, 2, 28)),
        (Float, 0.1 + number),
        (LargeBinary, bytes(range(256)) + b"\x00"),
    ]
    python = getattr(column.type, "process_bind_param", None)
    if python is not None and type(column.type).__name__ == "UtcSeconds":
        return datetime(2026, 3, 29, 1, tzinfo=UTC)
    return next((value for type_, value in known if isinstance(kind, type_)), number)


def _fill(conn: Connection, table: Table, first: int) -> None:
    for number in (first, first + 1):
        row = {column.name: _sample(column, number) for column in table.columns}
        if number > first:
            row |= {c.name: None for c in table.columns if c.nullable and not c.foreign_keys}
        conn.execute(insert(table), [row])
