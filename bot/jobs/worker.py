"""Everything a working process runs, as named loops for a supervisor."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.jobs.auditor import Auditor
from bot.jobs.poll import InboxPoller
from bot.jobs.prune import Pruner
from bot.jobs.scheduler import Wakes
from bot.jobs.tick import Ticker
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Executor
from bot.outbox.lanes import Limits
from connectors.contract import Connector

log = structlog.get_logger(__name__)

Loop = Callable[[], Awaitable[None]]

DEFAULT_POLL_SECONDS = 60.0
TICK_SECONDS = 5.0
AUDIT_SECONDS = 60.0
PRUNE_SECONDS = 3600.0


class Worker:
    """Polls, fires, sends, audits and prunes. All durations are real seconds.

    `connectors` and `poll_seconds` are by inbox name, `executors` by effect kind. `owner` names
    this process in leases and must differ between processes.
    """

    def __init__(
        self,
        *,
        db: Database,
        desk: Callable[[], Desk],
        clock: Clock,
        connectors: Mapping[str, Connector],
        executors: Mapping[str, Executor],
        owner: str,
        limits: Limits | None = None,
        poll_seconds: Mapping[str, float] | None = None,
    ) -> None:
        intervals = {
            name: (poll_seconds or {}).get(name, DEFAULT_POLL_SECONDS) for name in connectors
        }
        self.dispatcher = Dispatcher(db, executors, clock, limits)
        self.ticker = Ticker(db, desk, clock)
        self.auditor = Auditor(db, desk, clock, intervals)
        self.pollers = {
            name: InboxPoller(
                db=db,
                desk=desk,
                clock=clock,
                inbox=name,
                connector=connector,
                owner=owner,
                healthy=self.dispatcher.resume,
            )
            for name, connector in connectors.items()
        }
        self._pruner = Pruner(db, desk, clock)
        self._audits, self._prunes = asyncio.Event(), asyncio.Event()
        self._wakes = Wakes(
            {
                **{f"poll:{name}": (intervals[name], p.wake) for name, p in self.pollers.items()},
                "tick": (TICK_SECONDS, self.ticker.wake),
                "audit": (AUDIT_SECONDS, self._audits.set),
                "prune": (PRUNE_SECONDS, self._prunes.set),
            }
        )

    def loops(self) -> Mapping[str, Loop]:
        """The loops by name. Each runs until cancelled, and may be started again after a failure."""
        return {
            "outbox": self.dispatcher.run,
            "tick": self.ticker.run,
            "audit": lambda: _whenever(self._audits, self.auditor.audit),
            "prune": lambda: _whenever(self._prunes, self._pruner.prune),
            "scheduler": self._wakes.run,
            **{f"poll:{name}": poller.run for name, poller in self.pollers.items()},
        }


async def _whenever(woken: asyncio.Event, work: Callable[[], Awaitable[object]]) -> None:
    while True:
        await woken.wait()
        woken.clear()
        await work()
