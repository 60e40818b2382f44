"""Values of a SQLite file as PostgreSQL takes them, and one way to compare rows of both."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, DateTime, Float, LargeBinary, String, Table
from sqlalchemy.types import JSON, TypeDecorator, TypeEngine

Convert = Callable[[Any], Any]

_DIGEST_BYTES: Final = 16


class Cleaned:
    """Counts the texts with a NUL, which PostgreSQL does not take; each loses it."""

    def __init__(self) -> None:
        self.count = 0

    def text(self, value: Any) -> str:
        """The text without its NULs."""
        written = str(value)
        if "\x00" not in written:
            return written
        self.count += 1
        return written.replace("\x00", "")


def converters(table: Table, cleaned: Cleaned) -> Sequence[Convert]:
    """For each column, what makes a value of it from what SQLite keeps."""
    return [_converter(column, cleaned) for column in table.columns]


def _converter(column: Column[Any], cleaned: Cleaned) -> Convert:
    kind = _stored(column.type)
    known: Sequence[tuple[type[Any], Convert]] = (
        (DateTime, _instant),
        (JSON, cleaned.text),  # as it is written: nothing is read into it
        (String, cleaned.text),
        (Boolean, bool),
        (Date, date.fromisoformat),
        (Float, float),
        (LargeBinary, bytes),
    )
    found = (convert for type_, convert in known if isinstance(kind, type_))
    return _or_none(next(found, int))


def _stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """What the database knows of a type of ours."""
    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    return kind


def _or_none(convert: Convert) -> Convert:
    return lambda value: None if value is None else convert(value)


def _instant(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Digest:
    """Rows of a table, counted and summed so that their order does not matter."""

    def __init__(self, table: Table) -> None:
        self.rows = 0
        self._sum = 0
        kinds = [isinstance(_stored(column.type), LargeBinary) for column in table.columns]
        self._binary = [place for place, is_binary in enumerate(kinds) if is_binary]

    def add(self, row: Iterable[Any]) -> None:
        """One more row, its values as Python has them on either database."""
        values = tuple(row)
        if self._binary:
            values = self._short(values)
        told = repr(values).encode("utf-8", "surrogatepass")
        self._sum += int.from_bytes(_summed(told), "big")
        self.rows += 1

    def _short(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """Spelling out what is no text takes longer than everything else."""
        values = list(row)
        for place in self._binary:
            if values[place] is not None:
                values[place] = _summed(values[place])
        return tuple(values)

    @property
    def text(self) -> str:
        """The sum as letters."""
        return f"{self._sum % (1 << (8 * _DIGEST_BYTES)):0{2 * _DIGEST_BYTES}x}"


def _summed(told: bytes) -> bytes:
    return hashlib.blake2b(told, digest_size=_DIGEST_BYTES).digest()
