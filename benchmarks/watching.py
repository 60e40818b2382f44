"""A database that writes down what each transaction cost: seconds, statements, and which they were."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine
from typing_extensions import override

from bot.db.unit import Database, Tx

T = TypeVar("T")

Statement = tuple[str, Any]
"""SQL as the driver got it, and its parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One committed unit of work. BEGIN and COMMIT are not among its statements."""

    seconds: float
    statements: tuple[Statement, ...]

    def did(self, *words: str) -> bool:
        """Whether one of its statements begins with any of `words`."""
        return any(sql.startswith(words) for sql, _ in self.statements)


@dataclass(slots=True)
class Log:
    """Transactions in the order in which they ended."""

    transactions: list[Transaction] = field(default_factory=list)

    def __iter__(self) -> Iterator[Transaction]:
        return iter(self.transactions)


class WatchedDatabase(Database):
    """The desk's own database, watched from outside."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._log: Log | None = None
        self._running: list[Statement] = []
        event.listen(engine.sync_engine, "before_cursor_execute", self._note)

    @contextmanager
    def watched(self) -> Iterator[Log]:
        """Keep what happens inside the block. One transaction at a time."""
        self._log = log = Log()
        try:
            yield log
        finally:
            self._log = None

    @override
    async def read(self, fn: Callable[[Connection], T], *, urgent: bool = True) -> T:
        began = time.perf_counter()
        result = await super().read(fn, urgent=urgent)
        self._ended(began)
        return result

    @override
    async def write(self, fn: Callable[[Tx], T], *, now: datetime, urgent: bool = False) -> T:
        began = time.perf_counter()
        result = await super().write(fn, now=now, urgent=urgent)
        self._ended(began)
        return result

    def _note(
        self, _conn: Connection, _cursor: object, sql: str, parameters: Any, *_: object
    ) -> None:
        if self._log is not None and not sql.startswith("BEGIN"):
            self._running.append((sql, parameters))

    def _ended(self, began: float) -> None:
        if self._log is not None:
            seconds = time.perf_counter() - began
            self._log.transactions.append(
                Transaction(seconds=seconds, statements=tuple(self._running))
            )
        self._running = []
