"""64-bit ids of our own: time-ordered, so that rows of a page need no round trip to learn theirs."""

import itertools
import secrets
from datetime import datetime

_EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z; 41 bits of milliseconds last until 2095
_process = secrets.randbits(10)
_counter = itertools.count(secrets.randbits(11))


def new_id(now: datetime) -> int:
    """A new id: 41 bits of time, 10 of process, 12 of counter. Unique within a process by count."""
    ms = max(0, int(now.timestamp() * 1000) - _EPOCH_MS)
    return (ms << 22) | (_process << 12) | (next(_counter) & 0xFFF)
