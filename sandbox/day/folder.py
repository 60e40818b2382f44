"""Where a play keeps its database and settings: in memory, for as long as it lasts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made in it
"""Where Linux keeps files in memory: how long a disk takes for a commit plays no part."""


@contextmanager
def a_folder() -> Iterator[Path]:
    """A new folder; gone afterwards. Elsewhere than on Linux it is on the disk."""
    memory = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="threadline-day-", dir=memory) as folder:
        yield Path(folder)
