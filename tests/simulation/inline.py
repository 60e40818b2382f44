"""The desk's database on a file in memory, without the driver's thread, and with faults.

Whatever the driver would hand to its thread is done at once; whether others have a turn before the
result is known is for the dice to say. Reads are asked for crash points once, writes at every
statement and on both sides of COMMIT.
"""

import asyncio
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Generator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiosqlite
from sqlalchemy import Connection, Dialect, event
from sqlalchemy import create_engine as sync_engine
from sqlalchemy.engine import Engine
from sqlalchemy.pool import StaticPool
from typing_extensions import override

from bot.db.engine import create_engine
from bot.db.one_hop import OneHopConnection
from bot.db.unit import Database
from tests.databases import new_file
from tests.simulation.crash import CrashPoints
from tests.simulation.faults import Chance, FaultKind
from tests.simulation.processes import current

_MEMORY: Final = Path("/dev/shm")
SHM: Final = _MEMORY if _MEMORY.is_dir() else None
"""Where files are in memory, on a machine that has such a place."""

BUSY_SECONDS: Final = 5.0
"""So long the driver waits for a lock before it gives up (`bot.db.engine`)."""

LOOK_SECONDS: Final = 0.01
"""So often who waits for a lock looks again."""

YIELDS: Final = 0.1
"""How often others have a turn between a statement and its result."""

_known: dict[str, Dialect] = {}
_sql: dict[Any, Any] = {}
"""SQL that was compiled once; shared by the databases of a process, as in a desk's long life."""


class Storage:
    """The file of one world. It outlives the processes that open it.

    `commits` counts what was committed. `full` says whether the disk is. `writer` is the process
    that holds the lock to write.
    """

    def __init__(self, points: CrashPoints, chance: Chance) -> None:
        self.points = points
        self.chance = chance
        self.commits = 0
        self.full = False
        self.folder = Path(tempfile.mkdtemp(dir=SHM, prefix="world-"))
        self.path = self.folder / "desk-0.db"
        new_file(self.path)
        self.writer: int | None = None
        self._lives = 0
        self._raw: dict[int, list[sqlite3.Connection]] = {}
        self._reader: Engine | None = None

    def open(self) -> Database:
        """The database as the process that starts now opens it."""
        engine = create_engine(f"sqlite:///{self.path}")
        engine.update_execution_options(compiled_cache=_sql)
        inner = engine.sync_engine

        def connecting(_dialect: Any, _record: Any, _given: Any, options: dict[str, Any]) -> None:
            options["timeout"] = 0
            options["async_creator_fn"] = partial(_Inline, self)

        def connected(connection: Any, _record: Any) -> None:
            _known.setdefault("desk", inner.dialect)
            cursor = connection.cursor()
            cursor.execute("PRAGMA synchronous=OFF")
            cursor.close()

        event.listen(inner, "do_connect", connecting)
        event.listen(inner, "connect", connected)
        # Only now: a listener belongs to the dialect that its engine was made with.
        inner.dialect = _known.get("desk", inner.dialect)
        return Database(engine)

    def opened(self, raw: sqlite3.Connection) -> sqlite3.Connection:
        """Remember a connection of the process at work, to cut it when the process dies."""
        self._raw.setdefault(current(), []).append(raw)
        return raw

    def cut(self, process: int) -> None:
        """One of several processes died: what it had not committed is undone."""
        for raw in self._raw.pop(process, []):
            with suppress(sqlite3.ProgrammingError):  # it was closed in good order
                raw.rollback()
        if self.writer == process:
            self.writer = None

    def after_death(self) -> None:
        """What a dead process leaves is what the disk has: a copy of the file and its log.

        The connections of the dead are never used again, not even to close them: their locks are
        on a file that nobody opens any more.
        """
        self._lives += 1
        dead, self.path = self.path, self.folder / f"desk-{self._lives}.db"
        for suffix in ("", "-wal"):
            if (part := Path(f"{dead}{suffix}")).exists():
                shutil.copyfile(part, f"{self.path}{suffix}")
        self._reader = None
        self.writer = None
        self._raw.clear()

    def read(self, look: Callable[[Connection], Any]) -> Any:
        """What `look` finds in the committed rows, over a connection of its own."""
        if self._reader is None:
            self._reader = sync_engine(
                f"sqlite:///{self.path}", poolclass=StaticPool, hide_parameters=True
            )
            self._reader.update_execution_options(compiled_cache=_read_sql)
            self._reader.dialect = _known.setdefault("reader", self._reader.dialect)
        with self._reader.connect() as conn:
            return look(conn)

    def remove(self) -> None:
        """The world is over."""
        shutil.rmtree(self.folder, ignore_errors=True)


_read_sql: dict[Any, Any] = {}


class _Inline(OneHopConnection):
    """The desk's own connection without its thread."""

    def __init__(self, storage: Storage, file: str, **options: Any) -> None:
        super().__init__(file, **options)
        connect = self._connector
        self._connector = lambda: storage.opened(connect())
        self._at_once = _AtOnce(storage)
        self._tx = self._at_once  # type: ignore[assignment]

    @override
    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        return self._connect().__await__()

    @override
    async def _execute(self, fn: Callable[..., Any], *args: Any, **named: Any) -> Any:
        return await self._at_once.do(partial(fn, *args, **named))

    def __del__(self) -> None:
        """A connection of a dead process is left as it is."""


Job = tuple[asyncio.Future[Any] | None, Callable[[], Any]]


class _AtOnce:
    """Does what the driver would hand to its thread; `writing` inside a write transaction."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._dice = storage.chance.dice("yields")
        self._writing = False

    def put_nowait(self, job: Job) -> None:
        """Do it. Raises Killed where the process dies of it."""
        future, work = job
        result = self._do(work)
        if future is not None:
            future.set_result(result)

    async def do(self, work: Callable[[], Any]) -> Any:
        """Do it; its result, or what it raises, is known at once or when others had a turn."""
        waits = self._dice.random() < YIELDS
        if self._storage.writer not in {None, current()} and _what(work)[1] == "BEGIN IMMEDIATE":
            await self._queue()
        try:
            result = self._do(work)
        except Exception as exc:
            await asyncio.sleep(BUSY_SECONDS if is_busy(exc) else 0.0)
            raise
        if waits:
            await asyncio.sleep(0)
        return result

    async def _queue(self) -> None:
        """Another process writes just now: the file's own lock waits so long, and no longer."""
        for _ in range(int(BUSY_SECONDS / LOOK_SECONDS)):
            if self._storage.writer is None:
                return
            await asyncio.sleep(LOOK_SECONDS)

    def _do(self, work: Callable[[], Any]) -> Any:
        name, sql = _what(work)
        if name == "commit" and self._writing:
            return self._commit(work)
        if name == "rollback":
            self._ends()
        elif name in {"_execute", "_execute_many"}:
            self._before(sql)
        result = work()
        if sql == "BEGIN IMMEDIATE":
            self._storage.writer = current()
        return result

    def _ends(self) -> None:
        """The transaction of this connection is over."""
        if self._writing and self._storage.writer == current():
            self._storage.writer = None
        self._writing = False

    def _before(self, sql: str) -> None:
        verb = sql.lstrip()[:6].upper()
        if sql == "BEGIN IMMEDIATE":
            self._storage.points.point("db.begin")
            self._fail_with(FaultKind.DB_LOCKED, "SQLITE_BUSY", "database is locked")
            self._writing = True
        elif sql == "BEGIN":
            self._storage.points.point("db.read")
        elif self._writing and verb in {"INSERT", "UPDATE", "DELETE"}:
            self._storage.points.point(f"db.{verb.lower()}")
            if self._storage.full:
                raise _error("SQLITE_FULL", "database or disk is full")

    def _commit(self, work: Callable[[], Any]) -> Any:
        self._storage.points.point("db.commit.before")
        self._fail_with(FaultKind.DB_LOCKED, "SQLITE_BUSY", "database is locked")
        result = work()
        self._ends()
        self._storage.commits += 1
        self._storage.points.point("db.commit.after")
        self._fail_with(FaultKind.COMMIT_LOST, "SQLITE_IOERR", "disk I/O error")
        return result

    def _fail_with(self, kind: FaultKind, name: str, words: str) -> None:
        if self._storage.chance.happens(kind):
            raise _error(name, words)


def _what(work: Callable[[], Any]) -> tuple[str, str]:
    """What a job calls, and the SQL where it is that of a statement."""
    if not isinstance(work, partial):
        return "", ""
    sql = work.args[1] if len(work.args) > 1 else ""
    return getattr(work.func, "__name__", ""), sql


def _error(name: str, words: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorname = name
    return error


def is_busy(error: BaseException) -> bool:
    """Whether this is a lock that did not go away."""
    return getattr(error, "sqlite_errorname", "") == "SQLITE_BUSY"
