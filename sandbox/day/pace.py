"""Time that passes only while everybody waits, so that ten hours are played in minutes.

The event loop's own time is the only clock: the desk, Slack's rate limits, the people and the
customers all read it. It stands still while anybody computes, and jumps to the next timer when
nothing can happen before it. No limit is bent: a second between two posts is a second of the
desk's, of Slack's and of the people's.
"""

import asyncio
import os
import selectors
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import aiosqlite
import structlog
from sqlalchemy import Engine, event
from typing_extensions import override

from bot.clock import Clock

log = structlog.get_logger(__name__)

T = TypeVar("T")

TURN: Final = 1e-6
"""Seconds one turn of the loop takes: what waits for less than a clock can tell would wait for ever."""

READER: Final = "reading"
"""The name of the desk's threads that read mail (`bot.jobs.reading`)."""

GLANCE: Final = 0.02
"""Real seconds between two looks at a thread that works."""

FAR: Final = 1.0
"""Before a leap as long as that, one look more is taken: it would be the greater mistake."""

PATIENCE: Final = 20.0
"""Real seconds a thread may be silent. One that waits for a timer of ours would wait for ever."""


@dataclass(slots=True)
class Work:
    """What goes on in threads, where the loop cannot see it."""

    calls: int = 0

    @property
    def goes_on(self) -> bool:
        """Whether a thread may still come back with something."""
        return self.calls > 0 or any(thread.name == READER for thread in threading.enumerate())


class _AtOnce:
    """Stands where aiosqlite has a queue for its thread, and does each thing on the spot."""

    def put_nowait(self, asked: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        future, function = asked
        try:
            result = function()
        except Exception as exc:
            if future is None:
                raise
            future.set_exception(exc)
        else:
            if future is not None:
                future.set_result(result)


class _SameThread(aiosqlite.Connection):
    """SQLite in the loop's own thread: a hand-over per statement costs more than the statements."""

    def __init__(self, database: str, **options: Any) -> None:
        super().__init__(lambda: sqlite3.connect(database, **options), 64)
        self._tx = _AtOnce()  # type: ignore[assignment]

    @override
    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()


def _in_this_thread(dialect: Any, _: object, __: object, options: dict[str, Any]) -> None:
    """Have SQLAlchemy open SQLite so."""
    if dialect.driver == "aiosqlite":
        options["async_creator_fn"] = _SameThread


@dataclass(slots=True)
class _Leaps(selectors.BaseSelector):
    """Asks the real selector; where it has nothing to say, leaps over the time until the next timer."""

    work: Work
    passed: float = 0.0
    real: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)

    @override
    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.real.register(fileobj, events, data)

    @override
    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.unregister(fileobj)

    @override
    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        return self.real.modify(fileobj, events, data)

    @override
    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self.real.get_map()

    @override
    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.get_key(fileobj)

    @override
    def close(self) -> None:
        self.real.close()

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self.passed += TURN
        found = self.real.select(0)
        if found or (timeout is not None and timeout <= 0):
            return found
        found = self._while_threads_work()
        if found or self.work.goes_on:
            return found
        os.sched_yield()  # the kernel may still be carrying a packet over
        found = self.real.select(0 if timeout is not None and timeout < FAR else GLANCE)
        if found or timeout is None:
            return found or self.real.select(None)
        self.passed += timeout
        return []

    def _while_threads_work(self) -> list[tuple[selectors.SelectorKey, int]]:
        give_up = time.monotonic() + PATIENCE
        while self.work.goes_on:
            if found := self.real.select(GLANCE):
                return found
            if time.monotonic() > give_up:
                log.warning("day.thread_silent", passed=self.passed)
                self.work.calls = 0
        return []


class LeapingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time leaps. `work` counts what its threads do."""

    def __init__(self) -> None:
        self.work = Work()
        self._leaps = _Leaps(self.work)
        super().__init__(self._leaps)

    @override
    def time(self) -> float:
        return self._leaps.passed

    @override
    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        self.work.calls += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._returned)
        return future

    def _returned(self, _: object) -> None:
        self.work.calls -= 1


class LoopClock(Clock):
    """Desk time that is the loop's own, so that a leap of the loop is one of everybody's."""

    def __init__(self, loop: asyncio.AbstractEventLoop, start: datetime) -> None:
        super().__init__(start=start)
        self._loop = loop
        self._begins = start

    @override
    def now(self) -> datetime:
        return self._begins + timedelta(seconds=self._loop.time())

    @override
    def monotonic(self) -> float:
        return self._loop.time()


@contextmanager
def leaping() -> Iterator[LeapingLoop]:
    """A loop that leaps, and databases that keep it waiting for no thread."""
    loop = LeapingLoop()
    event.listen(Engine, "do_connect", _in_this_thread)
    try:
        yield loop
    finally:
        event.remove(Engine, "do_connect", _in_this_thread)
        loop.close()
