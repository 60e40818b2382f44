"""A verified copy of a SQLite database in use, with a table that says what it holds."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from bot.runtime.lock import AlreadyRunning, only_process
from bot.runtime.storage.problem import StorageProblem

MANIFEST: Final = "threadline_backup"
"""The table of a copy that no desk has: what it holds, for whoever puts it back."""

_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
_SQLITE: Final = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a copy holds. `schema` is the revision of its tables, `rows` are counted per table."""

    made_by: str
    created_at: datetime
    schema: str
    rows: Mapping[str, int]

    @property
    def total(self) -> int:
        """All rows."""
        return sum(self.rows.values())


def copy_online(url: str, source: Path, target: Path, now: datetime) -> Manifest:
    """Copy the database at `source` to the empty file `target`, and verify the copy.

    Raises:
        StorageProblem: it is no desk's database, or the copy is damaged.
    """
    with _reader(url, source) as reading, closing(sqlite3.connect(target)) as writing:
        # All pages in one go: a copy in steps starts again at every write of the running desk.
        reading.backup(writing, pages=-1)
        # A copy inherits WAL mode; without it a backup is one file and stays one.
        writing.execute("PRAGMA journal_mode=DELETE")
        require_whole(writing, "The copy")
        schema = revision(writing)
        if schema is None:
            raise StorageProblem(f"{source} holds no desk. Check DATABASE_URL.")
        manifest = Manifest(
            made_by=version("threadline"), created_at=now, schema=schema, rows=counted(writing)
        )
        _write(writing, manifest)
    return manifest


def read_manifest(path: Path) -> Manifest:
    """What a copy says that it holds.

    Raises:
        StorageProblem: it is no copy that `threadline backup` made.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            raise StorageProblem("This is no backup that `threadline backup` made.")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as reading:
        try:
            row = reading.execute(f"SELECT content FROM {MANIFEST}").fetchone()  # noqa: S608 - our own name
            told = json.loads(row[0])
            return Manifest(
                made_by=told["made_by"],
                created_at=datetime.fromisoformat(told["created_at"]),
                schema=told["schema"],
                rows=told["rows"],
            )
        except (sqlite3.DatabaseError, TypeError, ValueError, KeyError):
            raise StorageProblem(
                "This is no verified backup: it does not say what it holds, so nobody can tell "
                "whether it is whole. Use a file that `threadline backup` made."
            ) from None


def require_as_told(path: Path, manifest: Manifest) -> None:
    """Whether a copy is whole and holds every row it says. Raises StorageProblem."""
    with closing(sqlite3.connect(path)) as reading:
        require_whole(reading, "This backup")
        found = counted(reading)
    wrong = sorted(
        name for name in {*found, *manifest.rows} if found.get(name) != manifest.rows.get(name)
    )
    if wrong:
        raise StorageProblem(
            f"This backup does not hold the rows it was made with (table {wrong[0]}). "
            "Take another copy of it."
        )


def drop_manifest(path: Path) -> None:
    """Make a desk's database of a copy again."""
    with closing(sqlite3.connect(path)) as writing:
        writing.execute(f"DROP TABLE {MANIFEST}")
        writing.commit()


def require_whole(connection: sqlite3.Connection, what: str) -> None:
    """Raises StorageProblem for a damaged database."""
    try:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as exc:
        verdict = type(exc).__name__
    if verdict != "ok":
        raise StorageProblem(
            f"{what} is damaged ({verdict}). Check the disk and the database, then try again."
        )


def revision(connection: sqlite3.Connection) -> str | None:
    """The version of its tables; None where there are none of a desk."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return None if row is None else str(row[0])


def counted(connection: sqlite3.Connection) -> Mapping[str, int]:
    """How many rows each table has, the one with this list left out."""
    names = [name for (name,) in connection.execute(_TABLES) if name != MANIFEST]
    return {
        # Names come from the database's own catalogue, and are quoted.
        name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    }


def _write(connection: sqlite3.Connection, manifest: Manifest) -> None:
    told = {
        "made_by": manifest.made_by,
        "created_at": manifest.created_at.isoformat(),
        "schema": manifest.schema,
        "rows": dict(manifest.rows),
    }
    connection.execute(f"CREATE TABLE {MANIFEST} (content TEXT NOT NULL)")
    connection.execute(f"INSERT INTO {MANIFEST} VALUES (?)", [json.dumps(told)])  # noqa: S608 - our own name
    connection.commit()


@contextmanager
def _reader(url: str, source: Path) -> Iterator[sqlite3.Connection]:
    """The database: alone on it when nobody runs, read-only beside the process that does.

    A second writing connection could damage what SQLite before 3.51.3 has just committed.
    """
    with ExitStack() as stack:
        mode = "ro"
        try:
            stack.enter_context(only_process(url))
            mode = "rw"
        except AlreadyRunning:
            pass
        address = f"{source.resolve().as_uri()}?mode={mode}"
        yield stack.enter_context(closing(sqlite3.connect(address, uri=True, timeout=5.0)))
