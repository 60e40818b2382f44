"""When the newest backup was made, in a small file beside the database.

The running desk holds the only writing connection of a SQLite database, so that a command beside
it cannot leave a row. And the file is true of this machine: a database that was put back would
say what was so when it was copied.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """A backup that was made and verified. `size` in bytes."""

    at: datetime
    size: int
    file: str


def record_file(database: Path) -> Path:
    """Where it is kept."""
    return database.with_name(f"{database.name}.backup")


def remember(database: Path, newest: Newest) -> None:
    """Keep it in place of what was kept."""
    told = {"at": newest.at.isoformat(), "bytes": newest.size, "file": newest.file}
    path = record_file(database)
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(told), encoding="utf-8")
    partial.chmod(0o600)
    partial.replace(path)


def newest(database: Path) -> Newest | None:
    """What is kept; None for nothing, or nothing that can be read."""
    try:
        told = json.loads(record_file(database).read_text(encoding="utf-8"))
        at = datetime.fromisoformat(told["at"])
        found = Newest(at=at, size=int(told["bytes"]), file=str(told["file"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if at.tzinfo is not None else None
