"""Counts the calls connectors make, without their help: the shared client logs each one.

`connectors.http` writes exactly one record a call, whether it was answered or lost. The meter
stands in front of that logger, below every level, and counts for whoever is metering then.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

LOGGER: Final = "threadline.connectors.http"


@dataclass(slots=True)
class Tally:
    """Calls made so far."""

    calls: int = 0


_tally: ContextVar[Tally | None] = ContextVar("threadline_calls", default=None)


class _Meter(logging.Filter):
    """Counts every record; lets pass what the process wants to read."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        tally = _tally.get()
        if tally is not None:
            tally.calls += 1
        return record.levelno >= logging.getLogger().getEffectiveLevel()


def _installed() -> None:
    logger = logging.getLogger(LOGGER)
    if not any(isinstance(one, _Meter) for one in logger.filters):
        logger.addFilter(_Meter())
        logger.setLevel(logging.DEBUG)


@contextmanager
def metered() -> Iterator[Tally]:
    """Count the calls made inside, by this task and by those it begins."""
    _installed()
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)
