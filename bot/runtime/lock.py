"""One process on a SQLite file, by a lock the operating system drops when the process dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url

from bot.db.engine import is_sqlite
from bot.errors import DeskError


class AlreadyRunning(DeskError):
    """Another process uses this database file."""


def database_file(url: str) -> Path | None:
    """The SQLite file of `url`; None for another database or one in memory."""
    name = make_url(url).database
    if not is_sqlite(url) or not name or name == ":memory:":
        return None
    return Path(name)


@contextmanager
def only_process(url: str) -> Iterator[None]:
    """Hold `<file>.lock` for as long as the block runs. Does nothing on PostgreSQL.

    Raises:
        AlreadyRunning: another process holds it.
    """
    file = database_file(url)
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = file.with_name(f"{file.name}.lock")
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_sentence(file, handle)) from None
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        # The file stays: removing it would let a third process lock a name nobody else sees.
        yield
    finally:
        os.close(handle)


def _sentence(file: Path, handle: int) -> str:
    holder = os.read(handle, 20).decode("ascii", "replace").strip()
    who = f" (process {holder})" if holder.isdigit() else ""
    return (
        f"Another Threadline{who} is using {file}. A SQLite database belongs to one process: "
        "stop the other one first, or use PostgreSQL to run several."
    )
