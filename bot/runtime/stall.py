"""Where in the code is a process stuck? A thread looks, because the event loop cannot say it itself."""

import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Protocol

import structlog

log = structlog.get_logger(__name__)

STALLED_SECONDS: Final = 5.0
"""A loop that late is stuck: Slack has given up on a click by then."""

LOOK_SECONDS: Final = 1.0
FRAMES: Final = 12
"""Innermost frames told of each thread."""


class Lag(Protocol):
    """How late the event loop runs."""

    def seconds(self) -> float:
        """The lag, also while it lasts."""
        ...


class StallWatch:
    """Logs every thread's place once a stall: names of files and functions and lines, no values."""

    def __init__(self, lag: Lag, *, stalled: float = STALLED_SECONDS) -> None:
        self._lag = lag
        self._limit = stalled
        self._stalled = False

    def look(self) -> None:
        """Look once."""
        late = self._lag.seconds()
        if late > self._limit and not self._stalled:
            log.error("loop.stalled", seconds=round(late, 1), threads=places())
        elif self._stalled and late <= self._limit:
            log.warning("loop.goes_on")
        self._stalled = late > self._limit

    @contextmanager
    def watching(self, every: float = LOOK_SECONDS) -> Iterator[None]:
        """Look every so many seconds, in a thread, while the block runs."""
        over = threading.Event()

        def run() -> None:
            while not over.wait(every):
                self.look()

        thread = threading.Thread(target=run, name="stall-watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=every * 2)


def places() -> dict[str, str]:
    """Where each thread is, by its name; the innermost frame first."""
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own = threading.get_ident()
    return {
        names.get(ident, str(ident)): _place(frame)
        for ident, frame in sys._current_frames().items()  # noqa: SLF001 - the only way to other threads' frames
        if ident != own
    }


def _place(frame: FrameType) -> str:
    summary = traceback.StackSummary.extract(
        traceback.walk_stack(frame), limit=FRAMES, lookup_lines=False
    )
    return " < ".join(
        f"{each.filename.rpartition('/')[2]}:{each.lineno} {each.name}" for each in summary
    )
