"""`threadline migrate` and `threadline backup`: the database's own two commands."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from bot.cli.console import fail, good, progress
from bot.db.engine import is_sqlite
from bot.runtime import schema
from bot.runtime.lock import AlreadyRunning, database_file, only_process

TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


def migrate(url: str) -> None:
    """Bring the database to the newest version, alone on it where it is a file."""
    with only_process(url), progress("Bringing the database to the newest version …"):
        schema.upgrade(url)
    good("The database is at the newest version.")


def backup(url: str, target: Path) -> None:
    """Copy a SQLite database while it is in use, check the copy, and only then name it `target`."""
    source = database_file(url)
    if not is_sqlite(url) or source is None:
        fail("`backup` copies SQLite files. For PostgreSQL use pg_dump or its own backups.")
    if not source.is_file():
        fail(f"There is no database at {source}. Run `threadline migrate` first.")
    if target.exists():
        fail(f"{target} exists. Name a new file, for instance with the date in it.")
    partial = target.with_name(f"{target.name}.partial")
    with progress(f"Copying {source} …"):
        try:
            rows = _copy(url, source, partial)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    good(
        f"{target}: {rows} rows, checked. Keep your settings with it, and the instance key in another place."
    )


def _copy(url: str, source: Path, partial: Path) -> int:
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with _reader(url, source) as reading, closing(sqlite3.connect(partial)) as writing:
        # All pages in one go: a copy in steps starts again at every write of the running desk.
        reading.backup(writing, pages=-1)
        verdict = writing.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            fail(
                f"The copy is damaged ({verdict}); it was removed. Check the disk, then try again."
            )
        # A copy inherits WAL mode; without it a backup is one file and stays one.
        writing.execute("PRAGMA journal_mode=DELETE")
        rows = _rows(writing)
    with partial.open("rb") as file:
        os.fsync(file.fileno())
    return rows


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


def _rows(connection: sqlite3.Connection) -> int:
    names = [name for (name,) in connection.execute(TABLES)]
    # Names come from the database's own catalogue, and are quoted.
    counts = (
        connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
        for name in names
    )
    return sum(counts)
