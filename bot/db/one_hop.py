"""SQLite statements in one trip to the database's thread each.

The driver goes there four times for one: for a cursor, to execute, to fetch, and to close. Each
trip wakes two threads, which costs more than most of our statements do. All of a result is
fetched, as SQLAlchemy's adapter does anyhow.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import aiosqlite
from typing_extensions import override

_CHUNK = 64  # rows fetched at once by the driver's own iteration, which nobody here uses


@dataclass(slots=True)
class _Done:
    """What a statement left. `description`, `rowcount` and `lastrowid` are those of PEP 249."""

    rows: Sequence[Any] = ()
    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None


class OneHopCursor:
    """A cursor for SQLAlchemy's adapter: it holds results and nothing of the database."""

    arraysize = 1

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._done = _Done()

    async def __aenter__(self) -> Self:
        return self

    @property
    def description(self) -> Any:
        """The columns of the result; None where there is none."""
        return self._done.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._done.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The rowid of the last insert."""
        return self._done.lastrowid

    async def execute(self, sql: str, parameters: Any = ()) -> None:
        """Execute and fetch. Raises what the driver raises."""
        self._done = await self._connection.do(_execute, sql, parameters)

    async def executemany(self, sql: str, parameters: Any) -> None:
        """Execute once for each of `parameters`."""
        self._done = await self._connection.do(_execute_many, sql, parameters)

    async def fetchall(self) -> Sequence[Any]:
        """The rows of the last statement, once."""
        rows, self._done.rows = self._done.rows, ()
        return rows

    async def close(self) -> None:
        """Forget the rows. The database's own cursor is closed since it was read."""
        self._done.rows = ()


class OneHopConnection(aiosqlite.Connection):
    """The driver's connection with our cursors. Its thread does not keep a process alive."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(partial(sqlite3.connect, *args, **options), _CHUNK)
        self._thread.daemon = True  # as SQLAlchemy sets it on connections that it makes

    @override
    def cursor(self) -> OneHopCursor:  # type: ignore[override]
        """A cursor, without a trip."""
        return OneHopCursor(self)

    @override
    async def rollback(self) -> None:
        """Roll back where there is something: a pool asks it of every connection it gets back."""
        if self.in_transaction:
            await super().rollback()

    async def do(self, work: Any, sql: str, parameters: Any) -> _Done:
        """Have `work` done in the thread, with a cursor of the database."""
        # It is the driver's way to its thread, for which it has no other name.
        done: _Done = await self._execute(work, self._conn, sql, parameters)  # type: ignore[no-untyped-call]
        return done


def _execute(connection: sqlite3.Connection, sql: str, parameters: Any) -> _Done:
    cursor = connection.execute(sql, parameters)
    rows = cursor.fetchall() if cursor.description else ()
    return _left_by(cursor, rows)


def _execute_many(connection: sqlite3.Connection, sql: str, parameters: Any) -> _Done:
    return _left_by(connection.executemany(sql, parameters), ())


def _left_by(cursor: sqlite3.Cursor, rows: Sequence[Any]) -> _Done:
    done = _Done(rows, cursor.description, cursor.rowcount, cursor.lastrowid)
    cursor.close()
    return done
