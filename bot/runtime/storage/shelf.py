"""Backups in a folder: their names, their check sums, and which of them are old enough to go."""

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.runtime.storage.problem import StorageProblem

SEALED: Final = ".sealed"
"""The end of the name of a file that a key opens."""

_STAMP: Final = "%Y%m%dT%H%M%SZ"
_BLOCK: Final = 1 << 20


def file_name(stem: str, at: datetime, *, kind: str, sealed: bool) -> str:
    """The name of a backup in a folder; names sort by age. `kind` is `db` or `dump`."""
    return f"{stem}-{at.astimezone(UTC):{_STAMP}}.{kind}{SEALED if sealed else ''}"


def made_here(folder: Path, stem: str) -> list[tuple[datetime, Path]]:
    """The backups of one desk in a folder, oldest first. Files of other names are none of ours."""
    ours = re.compile(rf"{re.escape(stem)}-(\d{{8}}T\d{{6}}Z)\.(?:db|dump)(?:\{SEALED})?")
    found = []
    for path in folder.iterdir() if folder.is_dir() else ():
        match = ours.fullmatch(path.name)
        if match is not None and path.is_file():
            at = datetime.strptime(match[1], _STAMP).replace(tzinfo=UTC)
            found.append((at, path))
    return sorted(found)


def drop_old(folder: Path, stem: str, keep: int) -> tuple[Path, ...]:
    """Delete all but the newest `keep` backups of one desk; which went."""
    old = [path for _, path in made_here(folder, stem)[: -max(1, keep)]]
    for path in old:
        path.unlink(missing_ok=True)
        sum_of(path).unlink(missing_ok=True)
    return tuple(old)


def sum_of(path: Path) -> Path:
    """Where the check sum of a backup is: a file that `sha256sum -c` reads."""
    return path.with_name(f"{path.name}.sha256")


def write_sum(path: Path) -> None:
    """Write the check sum of a backup beside it."""
    handle = os.open(sum_of(path), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(f"{_digest(path)}  {path.name}\n")


def check_sum(path: Path) -> None:
    """Compare a backup with its check sum, where that is beside it. Raises StorageProblem."""
    try:
        wanted = sum_of(path).read_text(encoding="utf-8").split()[0]
    except (FileNotFoundError, IndexError, UnicodeDecodeError):
        return
    if _digest(path) != wanted:
        raise StorageProblem(
            f"{path} is not what it was when it was made: its check sum in {sum_of(path).name} "
            "differs. Take another copy of it."
        )


def require_room(folder: Path, wanted: int) -> None:
    """Raises StorageProblem where so many bytes would not fit."""
    free = shutil.disk_usage(folder).free
    if free < wanted:
        raise StorageProblem(
            f"{folder} has {free // 2**20} MB free and {wanted // 2**20} MB are needed. Make room."
        )


@contextmanager
def beginning(folder: Path, name: str) -> Iterator[Path]:
    """A new file in `folder` for its owner only, gone afterwards unless it was given its name."""
    handle, partial = tempfile.mkstemp(dir=folder, prefix=f".{name}.", suffix=".partial")
    os.close(handle)
    path = Path(partial)
    try:
        yield path
    finally:
        for each in (path, *companions(path)):
            each.unlink(missing_ok=True)


def companions(database: Path) -> tuple[Path, ...]:
    """The files that SQLite keeps beside a database."""
    return tuple(
        database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm", "-journal")
    )


def name_for_good(partial: Path, target: Path) -> None:
    """Give a finished file its name, all at once. Raises StorageProblem when the name is taken."""
    sync(partial)
    try:
        os.link(partial, target)
    except FileExistsError:
        raise taken(target) from None
    except OSError:
        # Some network shares and memory sticks know no second name for a file.
        if target.exists():
            raise taken(target) from None
        partial.rename(target)
    write_sum(target)
    sync(target.parent)


def taken(target: Path) -> StorageProblem:
    """A file is never replaced by a backup."""
    return StorageProblem(f"{target} exists. Name a new file, for instance with the date in it.")


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
