"""Files of rows: CSV, or Parquet where pyarrow is installed. A page is written as it comes.

A file has a temporary name until it is whole, and its checksum is taken on the way.
"""

import csv
import hashlib
import io
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from typing_extensions import override

from bot.reports.files.schema import SCHEMA_VERSION, Column, Kind

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""

Row = tuple[Any, ...]


class NoParquet(Exception):
    """The package that writes Parquet is not installed."""


class Sink(Protocol):
    """One file that takes rows."""

    def write(self, rows: Sequence[Row]) -> None:
        """Append a page."""
        ...

    def close(self) -> None:
        """Write what is still missing. The file is whole then."""
        ...


class Counted(io.RawIOBase):
    """A new file with a name of its own, which knows its length and its SHA-256.

    Only its owner may read it, as with everything that holds what customers did.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.length = 0
        self._digest = hashlib.sha256()
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")

    @override
    def writable(self) -> bool:
        return True

    @override
    def write(self, data: Any) -> int:
        written = bytes(data)
        self._file.write(written)
        self._digest.update(written)
        self.length += len(written)
        return len(written)

    @override
    def tell(self) -> int:
        return self.length

    @override
    def close(self) -> None:
        if not self.closed:
            try:
                self._file.close()
            finally:
                super().close()

    def settle(self) -> None:
        """Have the disk keep it before anybody is told that it is there."""
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def sha256(self) -> str:
        """Of everything written so far."""
        return self._digest.hexdigest()


class CsvSink(Sink):
    """RFC 4180: commas, CRLF, quotes where they are needed, UTF-8, a first line of names."""

    def __init__(self, file: Counted, table: str, columns: Sequence[Column]) -> None:
        del table  # it is in the name of the file
        self._text = io.TextIOWrapper(
            io.BufferedWriter(file, 1 << 20), encoding="utf-8", newline=""
        )
        self._writer = csv.writer(self._text)
        self._writer.writerow([each.name for each in columns])
        self._cells = [_CELLS[each.kind] for each in columns]

    @override
    def write(self, rows: Sequence[Row]) -> None:
        cells = self._cells
        self._writer.writerows(
            ["" if value is None else cell(value) for cell, value in zip(cells, row, strict=True)]
            for row in rows
        )

    @override
    def close(self) -> None:
        # The file below is closed by whoever opened it, once the disk has it.
        self._text.flush()
        self._text.detach().detach()


def guarded(text: str) -> str:
    """Text as a spreadsheet only shows it: what would be a formula begins with an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA) else text


def instant_words(at: datetime) -> str:
    """ISO 8601 in UTC, to the millisecond: 2026-03-10T09:00:00.000Z."""
    return f"{at.isoformat(timespec='milliseconds')[:23]}Z"


_CELLS: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.INTEGER: str,
    Kind.TEXT: guarded,
    Kind.BOOLEAN: lambda value: "true" if value else "false",
    Kind.INSTANT: instant_words,
}


class ParquetSink(Sink):
    """Typed columns, a row group a page, compressed by Zstandard. Raises NoParquet."""

    def __init__(self, file: Counted, table: str, columns: Sequence[Column]) -> None:
        self._arrow, parquet = _libraries()
        kinds = {
            Kind.INTEGER: self._arrow.int64(),
            Kind.TEXT: self._arrow.string(),
            Kind.BOOLEAN: self._arrow.bool_(),
            Kind.INSTANT: self._arrow.timestamp("us", tz="UTC"),
        }
        fields = [
            self._arrow.field(
                each.name, kinds[each.kind], metadata={"unit": each.unit} if each.unit else None
            )
            for each in columns
        ]
        about = {
            "threadline.schema_version": str(SCHEMA_VERSION),
            "threadline.table": table,
        }
        self._schema = self._arrow.schema(fields, metadata=about)
        self._writer = parquet.ParquetWriter(file, self._schema, compression="zstd")

    @override
    def write(self, rows: Sequence[Row]) -> None:
        columns = [
            self._arrow.array(values, type=field.type)
            for field, values in zip(self._schema, zip(*rows, strict=True), strict=True)
        ]
        self._writer.write_table(self._arrow.Table.from_arrays(columns, schema=self._schema))

    @override
    def close(self) -> None:
        self._writer.close()


def _libraries() -> tuple[Any, Any]:
    """By name and only here: an extra of 60 MB, which most desks do without."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise NoParquet from None


def require_parquet() -> None:
    """Raises NoParquet where it cannot be written."""
    _libraries()
