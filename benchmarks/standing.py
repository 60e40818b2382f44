"""A worker that stands until it has sent its first ping. Run in a process of its own."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

from benchmarks.desk import START, the_desk
from bot.clock import Clock
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.effects import EffectKind
from bot.jobs.scheduler import by_the_machine
from bot.jobs.worker import Worker
from bot.outbox.executor import OutboxRow, Sent
from bot.runtime.memory import settle_memory

PATIENCE = 60.0


class _Taking:
    """Takes every effect, and says when the first ping came."""

    def __init__(self) -> None:
        self.pinged = asyncio.Event()

    async def send(self, row: OutboxRow) -> Sent:
        """Take it."""
        if row.kind == EffectKind.POST_PING:
            self.pinged.set()
        return Sent()

    async def look_up(self, row: OutboxRow) -> Sent:
        """Nothing of this is ever in doubt."""
        return await self.send(row)


async def stand(url: str) -> float:
    """Start a worker's loops on the database at `url`; when its first ping went, by perf_counter."""
    clock = Clock(start=START + timedelta(seconds=2), speed=1.0)
    database = Database(create_engine(url))
    taking = _Taking()
    worker = Worker(
        db=database,
        desk=the_desk,
        clock=clock,
        connectors={},
        executors=dict.fromkeys(EffectKind, taking),
        owner="benchmark",
        wakes=by_the_machine,
    )
    loops: list[Callable[[], Awaitable[None]]] = list(worker.loops().values())
    settle_memory()
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    await asyncio.wait_for(taking.pinged.wait(), PATIENCE)
    at = time.perf_counter()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await database.close()
    return at
