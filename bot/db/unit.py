"""Units of work: a sync function over one connection, run whole, in one transaction.

`write` hands the function a Tx: the connection, the instant of the decision, and the two ways to
leave a mark besides rows: `emit` an effect and `record` an event. Nothing in here may wait for a
network. On SQLite one transaction runs at a time and people's clicks go ahead of polled mail.
"""

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, insert
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import tables
from bot.db.ids import new_id
from bot.db.open_homes import who_looks_at
from bot.db.outbox_rows import insert_effects
from bot.domain.effects import Effect, publish_home

T = TypeVar("T")

ATTEMPTS = 4
"""Whole transactions are re-runnable (unique keys), so a lock or a serialization failure is retried."""

_LONGEST_ID = 32
"""Characters of a Slack id, as tables keep it."""


class Tx:
    """One write transaction. `wakes` says which loops have new work once it is committed."""

    def __init__(self, conn: Connection, now: datetime) -> None:
        self.conn = conn
        self.now = now
        self.wakes: set[str] = set()
        self._effects: list[Effect] = []
        self._events: list[dict[str, Any]] = []

    def new_id(self) -> int:
        """An id for a row inserted in this transaction."""
        return new_id(self.now)

    def emit(self, effect: Effect) -> None:
        """Have `effect` happen if and only if this transaction commits."""
        self._effects.append(effect)

    def record(self, ticket_id: int | None, type_: str, *, actor: str, **data: Any) -> int:
        """Append to the history; returns the event's id."""
        event_id = self.new_id()
        self._events.append(
            {
                "id": event_id,
                "ticket_id": ticket_id,
                "type": type_,
                "actor": actor,
                "at": self.now,
                "data": data,
            }
        )
        return event_id

    @property
    def recorded(self) -> Sequence[Mapping[str, Any]]:
        """The events of this transaction that are not written yet, oldest first."""
        return tuple(self._events)

    def flush(self) -> None:
        """Write what was emitted and recorded. Called once, before the commit.

        Whoever looks at a Home that shows something of it has it drawn again.
        """
        if self._events:
            self.conn.execute(insert(tables.ticket_event), self._events)
            for user in who_looks_at(self.conn, *_concerned(self._events), self.now):
                self.emit(publish_home(user, self.new_id()))
        if self._effects:
            insert_effects(self.conn, self._effects, now=self.now)
            self.wakes.add("outbox")
        self._effects, self._events = [], []


def _concerned(events: Sequence[Mapping[str, Any]]) -> tuple[set[int], set[str]]:
    """The tickets of some events, and everybody whom they name."""
    tickets = {each["ticket_id"] for each in events if each["ticket_id"] is not None}
    named = {value for each in events for value in each["data"].values() if isinstance(value, str)}
    people = {each["actor"] for each in events} | {one for one in named if len(one) <= _LONGEST_ID}
    return tickets, people


class _Gate:
    """Lets one transaction in at a time, the urgent ones first, otherwise in order of arrival."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._busy = False
        self._order = itertools.count()

    @asynccontextmanager
    async def pass_(self, *, urgent: bool) -> Any:
        if self._busy:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (0 if urgent else 1, next(self._order), turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._release()
                raise
        self._busy = True
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return
        self._busy = False


class Database:
    """The desk's database. All access goes through `read` and `write`."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._gate = _Gate()
        self._listeners: list[Callable[[set[str]], None]] = []

    def on_commit(self, listener: Callable[[set[str]], None]) -> None:
        """Have `listener` told what each committed transaction woke."""
        self._listeners.append(listener)

    async def read(self, fn: Callable[[Connection], T], *, urgent: bool = True) -> T:
        """Run `fn` in a read transaction."""
        return await self._run(fn, read=True, urgent=urgent)

    async def write(self, fn: Callable[[Tx], T], *, now: datetime, urgent: bool = False) -> T:
        """Run `fn` in a write transaction and commit. Retried whole when the database was busy."""
        woken: set[str] = set()

        def whole(conn: Connection) -> T:
            tx = Tx(conn, now)
            result = fn(tx)
            tx.flush()
            woken.clear()
            woken.update(tx.wakes)
            return result

        result = await self._run(whole, read=False, urgent=urgent)
        if woken:
            for listener in self._listeners:
                listener(woken)
        return result

    async def _run(self, fn: Callable[[Connection], T], *, read: bool, urgent: bool) -> T:
        for attempt in itertools.count(1):
            try:
                return await self._once(fn, read=read, urgent=urgent)
            except (OperationalError, DBAPIError) as exc:
                if attempt >= ATTEMPTS or not _worth_retrying(exc):
                    raise
            # Jitter only spreads retries; nothing is decided by it.
            await asyncio.sleep(0.05 * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311
        raise AssertionError  # pragma: no cover - the loop above returns or raises

    async def _once(self, fn: Callable[[Connection], T], *, read: bool, urgent: bool) -> T:
        if not self.is_sqlite:
            async with self.engine.begin() as conn:
                return await conn.run_sync(fn)
        async with self._gate.pass_(urgent=urgent), self.engine.connect() as conn:
            conn = await conn.execution_options(threadline_read=read)  # noqa: PLW2901
            async with conn.begin():
                return await conn.run_sync(fn)

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _worth_retrying(exc: DBAPIError) -> bool:
    if exc.connection_invalidated:
        return True
    code = getattr(exc.orig, "sqlite_errorname", None) or getattr(exc.orig, "sqlstate", "")
    return str(code) in {
        "SQLITE_BUSY",
        "SQLITE_BUSY_SNAPSHOT",
        "SQLITE_LOCKED",
        "40001",
        "40P01",
        "55P03",
    }


@contextmanager
def sync_write(conn: Connection, now: datetime) -> Iterator[Tx]:
    """A Tx over a connection somebody else commits; for tests and migrations of data."""
    tx = Tx(conn, now)
    yield tx
    tx.flush()
