"""What became of a COMMIT whose answer never came. PostgreSQL keeps books about it.

A connection that breaks in COMMIT says nothing about its outcome: the row may be there. To run
the transaction again is right where it did not count, and wrong where it did: a lease that was
taken would look like somebody else's, a note like one that was written before. So a write asks for
its transaction's number before it commits, and the server for that number's fate when in doubt.
That is one round trip more; a transaction that only looked, as most of a quiet desk's do, has
nothing to lose and does not ask.
PostgreSQL manual, "Transaction ID and Snapshot Information Functions": pg_xact_status.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

log = structlog.get_logger(__name__)

T = TypeVar("T")

QUESTIONS = 5
"""How often the server is asked before the outcome stays unknown: within some three seconds."""

_WROTE = "threadline_wrote"

_SIGN = text(
    "SELECT CAST(pg_current_xact_id_if_assigned() AS text), pg_backend_pid(),"
    " pg_postmaster_start_time()"
)
# A session that still holds the transaction waits for a client that is gone. It is ended, so that
# the question has an answer at once and its locks are free. It is ours: the same user's.
_ASK = text(
    "SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8)),"
    " CASE WHEN pg_xact_status(CAST(CAST(:number AS text) AS xid8)) = 'in progress'"
    " THEN pg_terminate_backend(:pid) END"
    " WHERE pg_postmaster_start_time() = :server"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A transaction that was about to commit. Its number means something in one life of a server."""

    number: str
    pid: int
    server: datetime


def note_writes(engine: AsyncEngine) -> None:
    """Have the connections of `engine` remember whether a transaction did more than look."""
    event.listen(engine.sync_engine, "before_cursor_execute", _note)


def _note(conn: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    # A SELECT may lock rows or tell others, which is harmless to do twice.
    if not statement.startswith("SELECT"):
        conn.info[_WROTE] = True


class Attempt(Generic[T]):
    """One try of a transaction: calls `fn`, keeps what it returned, and signs it if told to.

    Only what wrote is signed, on an engine of `note_writes`.
    """

    result: T

    def __init__(self, fn: Callable[[Connection], T], *, signs: bool) -> None:
        self._fn = fn
        self._signs = signs
        self.mark: Mark | None = None

    def __call__(self, conn: Connection) -> T:
        """Run it in the transaction of `conn`."""
        conn.info.pop(_WROTE, None)
        self.result = self._fn(conn)
        if self._signs and _WROTE in conn.info:
            number, pid, server = conn.execute(_SIGN).one()
            if number is not None:  # None: nothing was written, there is nothing to lose
                self.mark = Mark(number=number, pid=pid, server=server)
        return self.result


async def was_committed(engine: AsyncEngine, mark: Mark) -> bool:
    """Whether that transaction counts.

    False also where nobody can tell: another server answers now (a copy, or the same one after a
    crash), whose numbers are others, or none does. Then the transaction is run again, which its
    unique keys make harmless, or fails.
    """
    for asked in range(QUESTIONS):
        try:
            fate = await _fate(engine, mark)
        except (DBAPIError, TimeoutError, OSError):
            fate = "unanswered"
        if fate not in {"in progress", "unanswered"}:
            log.warning("database.commit_in_doubt", fate=fate or "unknown")
            return fate == "committed"
        await asyncio.sleep(0.1 * 2**asked)
    log.warning("database.commit_in_doubt", fate="unknown")
    return False


async def _fate(engine: AsyncEngine, mark: Mark) -> str | None:
    async with engine.connect() as conn:
        asked = {"number": mark.number, "pid": mark.pid, "server": mark.server}
        answer = (await conn.execute(_ASK, asked)).first()
    return None if answer is None else answer[0]
