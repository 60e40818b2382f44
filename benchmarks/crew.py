"""Processes on one database that begin a piece of work in the same instant."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from typing import Any, Final

from sqlalchemy import text

from benchmarks.figures import WrongResult
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.log import configure

PATIENCE: Final = 300.0
"""Seconds that any one step may take."""

Work = Callable[..., Any]
_End = tuple[float, int] | str


class Crew:
    """Processes that work together, as many of them as are wanted. They load the desk once."""

    def __init__(self, size: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._said: Queue[_End] = context.Queue()
        self._orders: list[Queue[Any]] = [context.Queue() for _ in range(size)]
        self._every = [
            context.Process(target=_one, args=(orders, self._said), daemon=True)
            for orders in self._orders
        ]
        for each in self._every:
            each.start()

    async def together(
        self, workers: int, work: Work, *given: object
    ) -> Sequence[tuple[float, int]]:
        """Have so many do `work`, begun in one instant: seconds and a count of each."""
        return await asyncio.to_thread(self._together, workers, work, given)

    def _together(
        self, workers: int, work: Work, given: tuple[object, ...]
    ) -> Sequence[tuple[float, int]]:
        called = self._orders[:workers]
        for number, orders in enumerate(called):
            orders.put((work, number, workers, given))
        self._ends(workers)  # everybody is ready
        for orders in called:
            orders.put("go")
        return self._ends(workers)

    def _ends(self, workers: int) -> Sequence[tuple[float, int]]:
        found: list[tuple[float, int]] = []
        for _ in range(workers):
            end = self._said.get(timeout=PATIENCE)
            if isinstance(end, str):
                raise WrongResult(f"a worker failed: {end}")
            found.append(end)
        return found

    def close(self) -> None:
        """End them all."""
        for each in self._every:
            each.terminate()
            each.join()


def _one(orders: "Queue[Any]", said: "Queue[_End]") -> None:
    configure(level="error")
    while True:
        work, number, workers, given = orders.get()
        try:
            said.put(asyncio.run(_timed(work, number, workers, given, orders, said)))
        except Exception as exc:  # noqa: BLE001 - said where the figures are made
            said.put(repr(exc))


async def _timed(  # noqa: PLR0917 - what a process was started with
    work: Work,
    number: int,
    workers: int,
    given: tuple[Any, ...],
    orders: "Queue[Any]",
    said: "Queue[_End]",
) -> tuple[float, int]:
    url, *rest = given
    db = Database(create_engine(url))
    try:
        await db.read(lambda conn: conn.scalar(text("SELECT 1")))
        said.put((0.0, 0))
        await asyncio.to_thread(orders.get)
        began = time.perf_counter()
        count = await work(db, number, workers, *rest)
        return time.perf_counter() - began, count
    finally:
        await db.close()


async def ready(_db: Database, number: int, _workers: int) -> int:
    """No work: a process that ends it has loaded the desk."""
    return number
