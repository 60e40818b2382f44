"""Everything a working process runs, as named loops for a supervisor."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from bot.clock import Clock
from bot.db.unit import Database
from bot.domain.buckets import Buckets
from bot.domain.desk import Desk
from bot.domain.pacing import Cadence
from bot.jobs.alive import AliveWatch
from bot.jobs.auditor import Auditor
from bot.jobs.digests import DigestWatch
from bot.jobs.figures import FigureWatch
from bot.jobs.forecast import ForecastWatch
from bot.jobs.heartbeat import Heartbeat
from bot.jobs.look_ahead import LookAhead
from bot.jobs.poll import InboxPoller
from bot.jobs.prune import Pruner
from bot.jobs.scheduler import Timetable, WakesOf, by_the_machine
from bot.jobs.shift_groups import GroupWatch
from bot.jobs.surge import SurgeWatch
from bot.jobs.tick import Ticker
from bot.outbox.dispatcher import IDLE_SECONDS, Dispatcher
from bot.outbox.executor import Executor
from bot.outbox.lanes import Limits
from bot.outbox.shared_rates import SharedRates
from bot.usecases.webhooks import WAKES, woken_inboxes
from connectors.contract import Connector

Loop = Callable[[], Awaitable[None]]

Chore = tuple[float, Callable[[], Awaitable[object]]]
"""What is done every so many real seconds."""

_chance = random.random  # spreads calls; nothing is decided by it

_USUAL = Cadence(usual=60.0)
CALL_SECONDS = 2.0
"""How late a call that another process took is noticed at most."""

SPREAD = 0.1
MOST_SPREAD = 5.0
"""First looks come within a tenth of the interval and so many seconds, not all at once."""

TICK_SECONDS = 5.0
AUDIT_SECONDS = 60.0
PRUNE_SECONDS = 3600.0
SURGE_SECONDS = 10.0
DIGEST_SECONDS = 60.0
LOOK_SECONDS = 20.0
GROUP_SECONDS = 20.0
FORECAST_SECONDS = 20.0
FIGURE_SECONDS = 20.0
ALIVE_SECONDS = 15.0


class _Chore:
    """Something that is done `every` so many real seconds, whenever it is due."""

    def __init__(
        self, every: float, work: Callable[[], Awaitable[object]], worked: Callable[[], None]
    ) -> None:
        self.every = every
        self.due = asyncio.Event()
        self._work = work
        self._worked = worked

    async def run(self) -> None:
        while True:
            await self.due.wait()
            self.due.clear()
            await self._work()
            self._worked()


class Worker:
    """Polls, fires, sends, audits and prunes. All durations are real seconds.

    `connectors` and `cadences` are by inbox name, `executors` by effect kind. `owner` names
    this process in leases and must differ between processes. `wakes` keeps the timetable, and
    `further` is what else this process does from time to time. `heartbeat` calls outside after
    every clean audit. `worked` is called whenever a piece of work was done.
    `idle_seconds` is how often the outbox is looked at when nothing woke its sender.
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
        cadences: Mapping[str, Cadence] | None = None,
        wakes: WakesOf = by_the_machine,
        further: Mapping[str, Chore] | None = None,
        heartbeat: Heartbeat | None = None,
        worked: Callable[[], None] = lambda: None,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        self._db = db
        paces = {name: (cadences or {}).get(name, _USUAL) for name in connectors}
        intervals = {name: max(pace.usual, pace.floor) for name, pace in paces.items()}
        # On SQLite there is nobody to share with.
        shared = None if db.is_sqlite or limits is None else SharedRates(limits)
        self.dispatcher = Dispatcher(
            db, executors, clock, limits, shared=shared, idle_seconds=idle_seconds
        )
        self.ticker = Ticker(db, desk, clock, worked=worked)
        self.lags: Buckets[str] = Buckets()
        self.taken: Counter[tuple[str, str]] = Counter()
        self.heartbeat = heartbeat or Heartbeat(None)
        self.auditor = Auditor(db, desk, clock, intervals, self.slowed, clean=self.heartbeat.beat)
        build = partial(InboxPoller, db=db, desk=desk, clock=clock, owner=owner, lags=self.lags)
        build = partial(build, healthy=self.dispatcher.resume, taken=self.taken)
        self.pollers = _pollers(build, connectors, paces, intervals)
        alive: Chore = (ALIVE_SECONDS, AliveWatch(db, desk, clock, tuple(connectors)).look)
        chores = {**_chores(db, desk, clock, self.auditor), "alive": alive, **(further or {})}
        self._chores = {name: _Chore(*chore, worked) for name, chore in chores.items()}
        self._wakes = wakes(self._timetable(intervals))
        db.on_commit(self._on_commit)

    def _timetable(self, intervals: Mapping[str, float]) -> Timetable:
        return {
            **{f"poll:{name}": (intervals[name], p.wake) for name, p in self.pollers.items()},
            "tick": (TICK_SECONDS, self.ticker.wake),
            **{name: (chore.every, chore.due.set) for name, chore in self._chores.items()},
        }

    def slowed(self) -> Mapping[str, str]:
        """Inboxes that are read less often than usual, and why."""
        found = {name: poller.slowed for name, poller in self.pollers.items()}
        return {name: why for name, why in found.items() if why is not None}

    def _on_commit(self, woken: set[str]) -> None:
        for name, poller in self.pollers.items():
            if f"{WAKES}{name}" in woken:
                poller.wake()

    async def _watch_calls(self) -> None:
        """A platform's call that another process took wakes its inbox here."""
        while True:
            for name in await self._db.read(woken_inboxes, urgent=False):
                if name in self.pollers:
                    self.pollers[name].wake()
            await asyncio.sleep(CALL_SECONDS)

    def loops(self) -> Mapping[str, Loop]:
        """The loops by name. Each runs until cancelled, and may be started again after a failure."""
        return {
            "outbox": self.dispatcher.run,
            "tick": self.ticker.run,
            **{name: chore.run for name, chore in self._chores.items()},
            "scheduler": self._wakes,
            **({} if self._db.is_sqlite else {"calls": self._watch_calls}),
            **{f"poll:{name}": poller.run for name, poller in self.pollers.items()},
        }


def _chores(
    db: Database, desk: Callable[[], Desk], clock: Clock, auditor: Auditor
) -> Mapping[str, Chore]:
    return {
        "audit": (AUDIT_SECONDS, auditor.audit),
        "prune": (PRUNE_SECONDS, Pruner(db, desk, clock).prune),
        "surge": (SURGE_SECONDS, SurgeWatch(db, desk, clock).look),
        "digests": (DIGEST_SECONDS, DigestWatch(db, desk, clock).look),
        "forecast": (FORECAST_SECONDS, ForecastWatch(db, desk, clock).look),
        "figures": (FIGURE_SECONDS, FigureWatch(db, desk, clock).look),
        "shift_groups": (GROUP_SECONDS, GroupWatch(db, desk, clock).look),
        "look_ahead": (LOOK_SECONDS, LookAhead(db, desk, clock).look),
    }


def _spread(interval: float) -> float:
    return min(MOST_SPREAD, interval * SPREAD) * _chance()


def _pollers(
    build: Callable[..., InboxPoller],
    connectors: Mapping[str, Connector],
    paces: Mapping[str, Cadence],
    intervals: Mapping[str, float],
) -> Mapping[str, InboxPoller]:
    return {
        name: build(
            inbox=name,
            connector=connector,
            cadence=paces[name],
            first_rest=_spread(intervals[name]),
        )
        for name, connector in connectors.items()
    }
