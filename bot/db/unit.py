"""Units of work: a sync function over one connection, run whole, in one transaction.

`write` hands the function a Tx: the connection, the instant of the decision, and the two ways to
leave a mark besides rows: `emit` an effect and `record` an event. Nothing in here may wait for a
network. On SQLite one transaction runs at a time and people's clicks go ahead of polled mail.
"""

import asyncio
import heapq
import itertools
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.db import tables
from bot.db.commits import Attempt, note_writes, was_committed
from bot.db.endings import to_the_end
from bot.db.ids import new_id, renew
from bot.db.many import insert_into, write_rows
from bot.db.open_homes import who_looks_at
from bot.db.outbox_rows import insert_effects
from bot.db.sealed import seal_data
from bot.domain.buckets import Buckets
from bot.domain.effects import Effect, publish_home
from bot.log import is_followed

log = structlog.get_logger(__name__)

T = TypeVar("T")

Telling = Callable[[Connection, Collection[str]], None]

ATTEMPTS = 4
"""Whole transactions are re-runnable (unique keys), so a lock or a serialization failure is retried."""

_ENDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Classes of what a transaction takes, in seconds."""

KEYS = 10
"""Effects named in one line of the log."""

_OF_OUR_IDS = frozenset(
    f"pk_{each.name}" for each in tables.metadata.sorted_tables if "id" in each.c
)
"""The keys whose values `bot.db.ids` makes."""

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
            insert_events(self.conn, self._events)
            for user in who_looks_at(self.conn, *_concerned(self._events), self.now):
                self.emit(publish_home(user, self.new_id()))
        if self._effects:
            insert_effects(self.conn, self._effects, now=self.now)
            self.wakes.add("outbox")
            if is_followed():
                log.info("effects.decided", keys=[each.dedupe_key for each in self._effects[:KEYS]])
        self._effects, self._events = [], []


def insert_events(conn: Connection, events: Sequence[Mapping[str, Any]]) -> None:
    """Append to the history; the words in it are kept sealed."""
    rows = [{**each, "data": seal_data(conn, each["id"], each["data"])} for each in events]
    write_rows(conn, insert_into(tables.ticket_event), rows)


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
    """The desk's database. All access goes through `read` and `write`.

    `tells_others` is called in each transaction that wakes something, to have other processes woken
    by its commit: for a process that cannot do the work itself.
    """

    def __init__(self, engine: AsyncEngine, *, tells_others: Telling | None = None) -> None:
        self.engine = engine
        self._tells_others = tells_others
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._reading = engine
        if not self.is_sqlite:
            note_writes(engine)
            # As on SQLite. Read one by one, a card's effect may wait while its card is there.
            self._reading = engine.execution_options(isolation_level="REPEATABLE READ")
        self._gate = _Gate()
        self.retries = 0  # transactions done again, for the metrics
        self.took: Buckets[str] = Buckets(_ENDS)  # with all waiting: what whoever asked waited
        self._listeners: list[Callable[[set[str]], None]] = []

    def on_commit(self, listener: Callable[[set[str]], None]) -> None:
        """Have `listener` told what each committed transaction woke."""
        self._listeners.append(listener)

    def hear(self, woken: set[str]) -> None:
        """Tell the listeners what a transaction woke: ours, or one of another process."""
        for listener in self._listeners:
            listener(woken)

    async def read(self, fn: Callable[[Connection], T], *, urgent: bool = True) -> T:
        """Run `fn` in a read transaction: all that it reads is of one moment."""
        return await self._run(fn, read=True, urgent=urgent)

    async def write(self, fn: Callable[[Tx], T], *, now: datetime, urgent: bool = False) -> T:
        """Run `fn` in a write transaction and commit. Retried whole when the database was busy.

        On PostgreSQL a COMMIT whose answer was lost counts once (`bot.db.commits`). A network that
        fails is an OperationalError like any other trouble with the database.
        """
        woken: set[str] = set()

        def whole(conn: Connection) -> T:
            tx = Tx(conn, now)
            result = fn(tx)
            tx.flush()
            if tx.wakes and self._tells_others is not None:
                self._tells_others(conn, tx.wakes)
            woken.clear()
            woken.update(tx.wakes)
            return result

        result = await self._run(whole, read=False, urgent=urgent)
        if woken:
            self.hear(woken)
        return result

    async def _run(self, fn: Callable[[Connection], T], *, read: bool, urgent: bool) -> T:
        time = asyncio.get_running_loop().time
        began = time()
        try:
            return await self._tried(fn, read=read, urgent=urgent)
        finally:
            self.took.observe("read" if read else "write", time() - began)

    async def _tried(self, fn: Callable[[Connection], T], *, read: bool, urgent: bool) -> T:
        for number in itertools.count(1):
            attempt: Attempt[T] = Attempt(fn, signs=not (read or self.is_sqlite))
            try:
                return await self._once(attempt, read=read, urgent=urgent)
            except (DBAPIError, TimeoutError, OSError) as exc:
                if attempt.mark is not None and await was_committed(self.engine, attempt.mark):
                    return attempt.result
                if number >= ATTEMPTS or not self._worth_retrying(exc, number):
                    if self.is_sqlite or isinstance(exc, DBAPIError):
                        raise
                    # Said as a database's, so that nobody takes it for some other network's.
                    raise OperationalError(None, None, exc, hide_parameters=True) from exc
            self.retries += 1
            # Jitter only spreads retries; nothing is decided by it.
            await asyncio.sleep(0.05 * 2**number * random.uniform(0.5, 1.5))  # noqa: S311
        raise AssertionError  # pragma: no cover - the loop above returns or raises

    async def _once(self, attempt: Attempt[T], *, read: bool, urgent: bool) -> T:
        if not self.is_sqlite:
            async with (self._reading if read else self.engine).begin() as conn:
                return await conn.run_sync(attempt)
        async with self._gate.pass_(urgent=urgent):
            return await to_the_end(self._in_sqlite(attempt, read=read))

    async def _in_sqlite(self, attempt: Attempt[T], *, read: bool) -> T:
        async with self.engine.connect() as conn:
            conn = await conn.execution_options(threadline_read=read)  # noqa: PLW2901
            async with conn.begin():
                return await conn.run_sync(attempt)

    def _worth_retrying(self, exc: Exception, number: int) -> bool:
        if isinstance(exc, DBAPIError):
            return _is_passing(exc)
        # The driver's own errors of a dead network. A statement that takes too long is no network,
        # so who met a time limit is tried once more only.
        return not self.is_sqlite and (number == 1 or not isinstance(exc, TimeoutError))

    async def forget_pages(self) -> None:
        """On SQLite: have what was overwritten leave the log beside the file, too."""
        if not self.is_sqlite:
            return
        async with self._gate.pass_(urgent=False), self.engine.connect() as conn:
            raw = await conn.get_raw_connection()
            assert raw.driver_connection is not None  # noqa: S101 - it is checked out
            await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def _is_passing(exc: DBAPIError) -> bool:
    if exc.connection_invalidated:
        return True
    if _met_another_process(exc):
        renew()
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


def _met_another_process(exc: DBAPIError) -> bool:
    """Whether an id of ours was taken by a process that goes by the same number."""
    told = getattr(getattr(exc.orig, "__cause__", None), "constraint_name", None)
    return getattr(exc.orig, "sqlstate", "") == "23505" and told in _OF_OUR_IDS
