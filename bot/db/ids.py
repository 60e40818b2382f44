"""64-bit ids of our own: time-ordered, so that rows of a page need no round trip to learn theirs."""

import secrets
import threading
from datetime import datetime, timedelta

_EPOCH_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z; 41 bits of milliseconds last until 2095
_SEQUENCE = 1 << 8
_PROCESSES = 14
"""Bits that tell processes apart. Two of eight are alike once in six hundred starts: see `renew`."""


class IdMaker:
    """Makes ids of 41 bits of time, 14 of process and 8 of sequence.

    Strictly rising within a process, whatever the clock does: lanes and histories are read in
    the order of ids, and a root card must sort before the messages of the same transaction.
    """

    def __init__(self, process: int | None = None) -> None:
        self._process = secrets.randbits(_PROCESSES) if process is None else process
        self._ms = 0
        self._next = 0
        self._lock = threading.Lock()

    def make(self, now: datetime) -> int:
        """A new id, larger than every earlier one of this maker."""
        ms = int(now.timestamp() * 1000) - _EPOCH_MS
        with self._lock:
            if ms > self._ms:
                self._ms, self._next = ms, 0
            elif self._next == _SEQUENCE:
                self._ms, self._next = self._ms + 1, 0
            sequence = self._next
            self._next += 1
            return (self._ms << 22) | (self._process << 8) | sequence

    def renew(self) -> None:
        """Go by another number: another process turned out to have the same."""
        with self._lock:
            self._process = secrets.randbits(_PROCESSES)


_maker = IdMaker()


def first_id(since: datetime) -> int:
    """The smallest id a row made at or after `since` can have."""
    return max(0, int(since.timestamp() * 1000) - _EPOCH_MS) << 22


def id_span(length: timedelta) -> int:
    """How far apart two ids are at least that were made with `length` between them."""
    return int(length.total_seconds() * 1000) << 22


def new_id(now: datetime) -> int:
    """A new id of this process, larger than every earlier one."""
    return _maker.make(now)


def renew() -> None:
    """Have this process go by another number, after an id of ours met the same of another one."""
    _maker.renew()
