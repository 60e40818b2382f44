"""The desk's rows as files for other programs, with a manifest beside them.

All tables are of one state of the database. Nothing has its name before everything is written, and
the manifest, which has the checksums, comes last. What the columns mean: `docs/export.md`.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from bot.db.export_rows import Wish, inbox_ids, pages
from bot.reports.files.schema import SCHEMA_VERSION, Column, Kind, columns_of
from bot.reports.files.writing import Counted, CsvSink, ParquetSink, Sink, instant_words

MANIFEST: Final = "manifest.json"

_LISTS: Final = frozenset({"tags"})


class Format(StrEnum):
    """What the files are."""

    CSV = "csv"
    PARQUET = "parquet"


_SINKS: Final[Mapping[Format, Callable[[Counted, str, Sequence[Column]], Sink]]] = {
    Format.CSV: CsvSink,
    Format.PARQUET: ParquetSink,
}

Tell = Callable[[str, int], None]
"""Which table, and how many of its rows are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What is wanted. Rows from `since` on and before `until`; None: from the first, to the last.

    `bodies_of` are the inboxes whose customers' words may leave the desk, where words are asked for.
    """

    tables: Sequence[str]
    format: Format
    folder: Path
    made_at: datetime
    since: datetime | None = None
    until: datetime | None = None
    with_bodies: bool = False
    bodies_of: frozenset[str] = frozenset()
    version: str = ""

    @property
    def files(self) -> Mapping[str, Path]:
        """The file of each table."""
        return {name: self.folder / f"{name}.{self.format}" for name in self.tables}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One file that is whole."""

    table: str
    file: str
    rows: int
    length: int
    sha256: str


def export(
    conn: Connection, wanted: Export, tell: Tell = lambda _table, _rows: None
) -> list[Written]:
    """Write the files and the manifest. Nothing is left behind where that fails.

    Raises:
        OSError: the disk is full, or does not let itself be written.
        NoParquet: the package that writes Parquet is not installed.
    """
    with _temporary() as temporary:
        written = [
            _table(conn, wanted, name, temporary(path), partial(tell, name))
            for name, path in wanted.files.items()
        ]
        manifest = temporary(wanted.folder / MANIFEST)
        _settled(manifest, _manifest(conn, wanted, written))
        temporary.keep()
    return written


def kept_back(conn: Connection, wanted: Export) -> list[str]:
    """The inboxes whose customers' words are left out, although words are asked for."""
    return sorted(inbox_ids(conn).keys() - wanted.bodies_of) if wanted.with_bodies else []


def _table(
    conn: Connection, wanted: Export, name: str, path: Path, tell: Callable[[int], None]
) -> Written:
    columns = columns_of(name, with_bodies=wanted.with_bodies)
    known = inbox_ids(conn)
    wish = Wish(
        columns=[each.name for each in columns],
        since=wanted.since,
        until=wanted.until,
        bodies_of=[known[each] for each in wanted.bodies_of if each in known],
    )
    rows, tidy = 0, _tidy(columns)
    with Counted(path) as file:
        sink = _SINKS[wanted.format](file, name, columns)
        for page in pages(conn, name, wish):
            sink.write([tidy(row) for row in page])
            rows += len(page)
            tell(rows)
        sink.close()
        file.settle()
        length, sha256 = file.length, file.sha256
    final = wanted.files[name].name
    return Written(table=name, file=final, rows=rows, length=length, sha256=sha256)


def _tidy(columns: Sequence[Column]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Lists become words with a semicolon between; numbers kept in JSON become numbers."""
    lists = [at for at, each in enumerate(columns) if each.name in _LISTS]
    numbers = [
        at
        for at, each in enumerate(columns)
        if each.kind is Kind.INTEGER and each.name == "message_id"
    ]

    def tidy(row: tuple[Any, ...]) -> tuple[Any, ...]:
        cells = list(row)
        for at in lists:
            cells[at] = ";".join(cells[at] or ())
        for at in numbers:
            cells[at] = None if cells[at] is None else int(cells[at])
        return tuple(cells)

    return tidy if lists or numbers else lambda row: row


def _manifest(conn: Connection, wanted: Export, written: Sequence[Written]) -> str:
    told = {
        "schema_version": SCHEMA_VERSION,
        "threadline": wanted.version,
        "made_at": instant_words(wanted.made_at),
        "since": instant_words(wanted.since) if wanted.since else None,
        "until": instant_words(wanted.until) if wanted.until else None,
        "format": wanted.format,
        "with_bodies": wanted.with_bodies,
        "bodies_left_out_of": kept_back(conn, wanted),
        "files": [_file(each, wanted) for each in written],
    }
    return f"{json.dumps(told, ensure_ascii=False, indent=2)}\n"


def _file(each: Written, wanted: Export) -> dict[str, Any]:
    columns = columns_of(each.table, with_bodies=wanted.with_bodies)
    return {
        "table": each.table,
        "file": each.file,
        "rows": each.rows,
        "bytes": each.length,
        "sha256": each.sha256,
        "columns": [
            {"name": one.name, "type": one.kind, **({"unit": one.unit} if one.unit else {})}
            for one in columns
        ],
    }


def _settled(path: Path, text: str) -> None:
    with Counted(path) as file:
        file.write(text.encode())
        file.settle()


class _Temporary:
    """Names of files until they are whole."""

    def __init__(self) -> None:
        self._made: dict[Path, Path] = {}

    def __call__(self, final: Path) -> Path:
        self._made[final] = final.with_name(f".{final.name}.{os.getpid()}.part")
        return self._made[final]

    def keep(self) -> None:
        """Give every file its name, in the order in which they were begun."""
        for final, path in self._made.items():
            path.replace(final)

    def drop(self) -> None:
        """Take away what has no name yet."""
        for path in self._made.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)


@contextmanager
def _temporary() -> Iterator[_Temporary]:
    made = _Temporary()
    try:
        yield made
    finally:
        made.drop()
