"""Counts the calls connectors make, for whoever is metering then: a poll, or an answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """Calls made so far."""

    calls: int = 0


_tally: ContextVar[Tally | None] = ContextVar("threadline_calls", default=None)


def count_call() -> None:
    """One more call, by this task; what connectors are given as `InboxContext.called`."""
    tally = _tally.get()
    if tally is not None:
        tally.calls += 1


@contextmanager
def metered() -> Iterator[Tally]:
    """Count the calls made inside, by this task and by those it begins."""
    tally = Tally()
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)
