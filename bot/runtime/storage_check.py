"""What is wrong with where a SQLite desk keeps its data, with the way out of each.

Only looks: at modes, sizes and dates of files. The database itself is not opened.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog

from bot.db.engine import sqlite_takes_two_writers, sqlite_verdict
from bot.runtime.lock import database_file
from bot.runtime.storage.record import newest

log = structlog.get_logger(__name__)

LEAST_FREE: Final = 512 * 2**20
"""Bytes of disk below which somebody has to make room."""

LARGEST_LOG: Final = 256 * 2**20
"""Bytes of write-ahead log beyond which something keeps SQLite from folding it in."""

OLDEST_BACKUP: Final = timedelta(hours=26)
"""A nightly backup may be late by two hours."""

_MOUNTS: Final = Path("/proc/self/mountinfo")
_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "sshfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.ceph", "ncpfs"}
)
"""File systems whose locks SQLite cannot rely on ("How To Corrupt An SQLite Database File", 2.1)."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageFinding:
    """One thing that is not as it should be. A `grave` one can cost data or show it to others."""

    sentence: str
    way_out: str
    grave: bool


def storage_findings(url: str, now: datetime) -> list[StorageFinding]:
    """Everything found about the SQLite file of `url`; nothing for another database."""
    file = database_file(url)
    if file is None or not file.is_file():
        return []
    return [
        *_readable_by_others(file),
        *_on_the_network(file),
        *_library(),
        *_room(file),
        *_large_log(file),
        *_backup(file, now),
    ]


def mend_permissions(url: str) -> list[Path]:
    """Close the files of a SQLite desk to others, where they are ours; which were open.

    A key that others can read opens every sealed word to them, so that it is not left to a
    warning. Who may have read it already is not known: a new key is the operator's decision.
    """
    file = database_file(url)
    if file is None:
        return []
    mended = []
    for path in _private(file):
        found = path.stat()
        if found.st_mode & _OTHERS and found.st_uid == os.geteuid():
            path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
            mended.append(path)
    return mended


def warn_of_storage(url: str, now: datetime) -> None:
    """Mend what can be mended and log what was found, when a desk starts."""
    for path in mend_permissions(url):
        log.warning("storage.closed_to_others", file=path.name)
    for finding in storage_findings(url, now):
        tell = log.error if finding.grave else log.warning
        tell("storage.finding", found=finding.sentence, way_out=finding.way_out)


def _private(file: Path) -> Iterator[Path]:
    """The files with customers' words and keys, as far as they are there."""
    for end in ("", "-wal", "-shm", "-journal", ".key", ".backup"):
        path = file.with_name(f"{file.name}{end}")
        if path.is_file():
            yield path


def _readable_by_others(file: Path) -> Iterator[StorageFinding]:
    for path in _private(file):
        if path.stat().st_mode & _OTHERS:
            yield StorageFinding(
                sentence=f"{path} can be read by other users of this machine",
                way_out=f"chmod 600 {path}",
                grave=True,
            )
    folder = file.resolve().parent
    if folder.stat().st_mode & stat.S_IWOTH and not folder.stat().st_mode & stat.S_ISVTX:
        yield StorageFinding(
            sentence=f"every user of this machine can replace files in {folder}",
            way_out=f"chmod o-w {folder}",
            grave=True,
        )


def _on_the_network(file: Path) -> Iterator[StorageFinding]:
    try:
        kind = file_system(file.resolve(), _MOUNTS.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return  # no such list on this machine
    if kind in _NETWORK:
        yield StorageFinding(
            sentence=f"{file} is on a network file system ({kind}), where SQLite's locks may fail",
            way_out="move it to a local disk, or use PostgreSQL",
            grave=True,
        )


def file_system(path: Path, mounts: str) -> str:
    """The kind of file system that `path` is on, by the text of /proc/self/mountinfo."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        # proc(5): … mount point … - file system …; a space in a name is written \040.
        before, _, after = line.partition(" - ")
        point = Path(before.split(" ")[4].replace("\\040", " "))
        # A later mount on the same point hides the earlier one.
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), after.split(" ")[0]
    return kind


def _library() -> Iterator[StorageFinding]:
    if not sqlite_takes_two_writers():
        yield StorageFinding(
            sentence=sqlite_verdict(),
            way_out="use `threadline backup` and no other tool on the file while the desk runs",
            grave=False,
        )


def _room(file: Path) -> Iterator[StorageFinding]:
    free = shutil.disk_usage(file.resolve().parent).free
    if free < LEAST_FREE:
        yield StorageFinding(
            sentence=f"the disk of {file} has {free // 2**20} MB free",
            way_out=f"make room: below {LEAST_FREE // 2**20} MB a busy day can fill it",
            grave=True,
        )


def _large_log(file: Path) -> Iterator[StorageFinding]:
    path = file.with_name(f"{file.name}-wal")
    size = path.stat().st_size if path.is_file() else 0
    if size > LARGEST_LOG:
        yield StorageFinding(
            sentence=f"{path} has grown to {size // 2**20} MB: somebody reads the file for ever",
            way_out="end other programs that have it open, then restart the desk",
            grave=False,
        )


def _backup(file: Path, now: datetime) -> Iterator[StorageFinding]:
    made = newest(file)
    way_out = "write a [backup] table, or run `threadline backup --to FOLDER` every night"
    if made is None:
        yield StorageFinding(
            sentence="no backup was made yet on this machine", way_out=way_out, grave=False
        )
    elif now - made.at > OLDEST_BACKUP:
        hours = int((now - made.at).total_seconds() // 3600)
        yield StorageFinding(
            sentence=f"the newest backup is {hours} hours old", way_out=way_out, grave=True
        )
