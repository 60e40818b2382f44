"""One life of the desk's process over the worlds: started as in production, until it is killed.

Left out of what a process does: Slack's events and clicks (people act through the use cases), the
web server and calls of platforms, files and pictures and charts (they need more than words), mails
of alarm and copies at night (they leave by ways of their own, which have their own tests), the
round of questions to Slack about people (the roster changes instead), and reloading settings.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.connectors import asyncio as adapter
from typing_extensions import override

from bot.clock import Clock
from bot.db import ids
from bot.db.ids import IdMaker
from bot.db.unit import Database, Tx
from bot.domain.chain import chain_key
from bot.domain.desk import Desk
from bot.domain.pacing import Cadence
from bot.jobs import reading, tick
from bot.jobs.history import HistoryWatch
from bot.jobs.retention import RetentionWatch
from bot.jobs.scheduler import Timetable
from bot.jobs.worker import Loop, Worker
from bot.language import speaking
from bot.marketplace.asides import AsideExecutor
from bot.marketplace.executor import MarketExecutor
from bot.outbox.executor import Executor
from bot.runtime.supervise import Supervisor
from bot.slack.erasing import Erasing
from bot.slack.executor import SlackExecutor
from bot.slack.group_executor import GroupExecutor
from bot.slack.home_executor import HomeExecutor
from bot.slack.limits import SlackLimits
from bot.slack.offers import OfferExecutor
from bot.usecases.inboxes import sync_inboxes
from bot.usecases.rule_versions import keep_own_rules
from connectors.mail import imap, sender
from tests.simulation.in_place import await_in_place
from tests.simulation.inline import Storage
from tests.simulation.mail_imap import SimMailBox
from tests.simulation.mail_smtp import SimSmtp
from tests.simulation.ports import Around, Worlds

T = TypeVar("T")

OWN_KEY: Final = b"the own key of a simulated desk!"

GRACE_SECONDS: Final = 15.0
"""What is under way may take this long to end when the process is asked to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What costs time and decides nothing: how often the desk looks when nothing woke it.

    In virtual seconds. Production looks more often; whatever only a frequent look would mend is
    not to be relied on. `others` is how often each chore comes that is not named.
    """

    idle: float = 120.0
    tick: float = 120.0
    poll: float = 600.0
    audit: float = 3600.0
    prune: float = 14400.0
    surge: float = 1200.0
    others: float = 3600.0

    @classmethod
    def drawn(cls, dice: random.Random) -> "Knobs":
        """A mix for one world."""
        return cls(
            idle=dice.choice((120.0, 300.0)),
            tick=dice.choice((120.0, 300.0)),
            poll=dice.choice((300.0, 600.0)),
            audit=dice.choice((1200.0, 3600.0)),
        )


class Life:
    """One process of the desk. It is the Office that people reach, if they reach this one.

    With `others` it is one of several, and does as it would on a server's database: nobody's lease
    ends because it starts, and nothing tells it what another one committed.
    """

    def __init__(
        self,
        *,
        number: int,
        storage: Storage,
        clock: Clock,
        worlds: Worlds,
        knobs: Knobs,
        others: bool = False,
        reached: bool = True,
    ) -> None:
        self.number = number
        self._others = others
        self._reached = reached
        self.db: Database = storage.open()
        self.clock = clock
        self.stop = asyncio.Event()
        self._worlds = worlds
        self._knobs = knobs
        self._dice = random.Random(number)

    def desk(self) -> Desk:
        """The configuration."""
        return self._worlds.desk()

    async def run(self) -> None:
        """Start as a process does, and work until `stop`. Raises what keeps a process from starting."""
        with speaking(self.desk().language):
            supervisor = Supervisor(self.clock)
            await self._write(lambda tx: keep_own_rules(tx, self.desk()))
            await self._write(lambda tx: sync_inboxes(tx, self.desk()))
            for name, loop in self._loops().items():
                supervisor.add(name, loop)
            if self._reached:
                supervisor.add("people", lambda: self._worlds.people.live(self))
            await supervisor.run(self.stop, grace_seconds=GRACE_SECONDS)
        await self.db.close()

    async def _write(self, work: Callable[[Any], None]) -> None:
        await self.db.write(work, now=self.clock.now(), urgent=True)

    def _loops(self) -> Mapping[str, Loop]:
        if not self._others:
            return self._worker(self.db).loops()
        shared = OneOfSeveral(self.db)
        worker = self._worker(shared)
        # Only now: rates are kept together by the server's clock, which SQLite has not.
        shared.is_sqlite = False
        # Nobody calls this desk, so nobody has to look for calls that another process took.
        return {name: loop for name, loop in worker.loops().items() if name != "calls"}

    def _worker(self, db: Database) -> Worker:
        connectors = {name: one.connector(self.clock) for name, one in self._worlds.markets.items()}
        return Worker(
            db=db,
            desk=self.desk,
            clock=self.clock,
            connectors=connectors,
            executors=self._executors(connectors),
            owner=f"desk:{self.number}",
            limits=SlackLimits(),
            cadences={name: Cadence(usual=self._knobs.poll) for name in connectors},
            wakes=self._wakes,
            idle_seconds=self._knobs.idle,
            further={
                "history": (3600.0, HistoryWatch(db, self.clock, chain_key(OWN_KEY)).look),
                "retention": (3600.0, RetentionWatch(db, self.desk, self.clock, OWN_KEY).look),
            },
        )

    def _executors(self, connectors: Mapping[str, Any]) -> Mapping[str, Executor]:
        client = self._worlds.slack.client()
        to_slack = SlackExecutor(client, self.db, self.desk, self.clock)
        homes = HomeExecutor(client, self.db, self.desk, self.clock)
        groups = GroupExecutor(client, self.db, self.desk, self.clock)
        offers = OfferExecutor(client, self.db, self.desk, self.clock)
        erasing = Erasing(client, self.db, self.desk, self.clock)
        also = (groups, offers, erasing)
        to_market = MarketExecutor(connectors, self.db, self.desk, self.clock)
        aside = AsideExecutor(connectors, self.db, self.desk, self.clock)
        return {
            **dict.fromkeys(to_slack.kinds, to_slack),
            **dict.fromkeys(to_market.kinds, to_market),
            **dict.fromkeys(aside.kinds, aside),
            **dict.fromkeys(homes.kinds, homes),
            **{kind: one for one in also for kind in one.kinds},
        }

    def _wakes(self, timetable: Timetable) -> Callable[[], Awaitable[None]]:
        """The timetable in virtual time."""
        every = {"tick": self._knobs.tick, "audit": self._knobs.audit}
        every |= {"prune": self._knobs.prune, "surge": self._knobs.surge}
        mine = [
            (seconds if name.startswith("poll:") else every.get(name, self._knobs.others), wake)
            for name, (seconds, wake) in timetable.items()
        ]

        async def keep() -> None:
            async with asyncio.TaskGroup() as group:
                for seconds, wake in mine:
                    group.create_task(self._every(seconds, wake))

        return keep

    async def _every(self, seconds: float, wake: Callable[[], None]) -> None:
        while True:
            await asyncio.sleep(seconds * self._dice.uniform(0.9, 1.1))
            wake()


class OneOfSeveral(Database):
    """A process's database that other processes share: asked, it says that it is no SQLite file."""

    def __init__(self, own: Database) -> None:
        super().__init__(own.engine)
        self._own = own

    @override
    def on_commit(self, listener: Callable[[set[str]], None]) -> None:
        self._own.on_commit(listener)

    @override
    async def read(self, fn: Callable[[Connection], T], *, urgent: bool = True) -> T:
        return await self._own.read(fn, urgent=urgent)

    @override
    async def write(self, fn: Callable[[Tx], T], *, now: datetime, urgent: bool = False) -> T:
        return await self._own.write(fn, now=now, urgent=urgent)


class _AtOnce:
    """A thread that is none: it has done its work when it is started."""

    def __init__(self, *, target: Callable[[], None], name: str, daemon: bool) -> None:
        del name, daemon
        self.start = target


class _Threads:
    Thread = _AtOnce


@contextmanager
def made_deterministic(seed: int, knobs: Knobs, around: Around) -> Iterator[None]:
    """The few places where the product takes chance, threads or a machine's leisure by itself.

    Its module-level dice are seeded, its ids counted from one process number, the reader's thread
    does its work at once, and log lines become lines of the story.
    """
    seams: tuple[tuple[Any, str, Any], ...] = (
        (ids, "_maker", IdMaker(1)),
        (reading, "threading", _Threads),
        (tick, "LONGEST_SLEEP", knobs.tick),
        (adapter, "await_", await_in_place),
        (imap, "_BOXES", {"none": SimMailBox}),
        (sender, "SMTP", SimSmtp),
    )
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in seams]
    known, logs = random.getstate(), structlog.get_config()
    random.seed(seed)
    for owner, name, value in seams:
        setattr(owner, name, value)
    structlog.configure(processors=[_into_the_story(around)], cache_logger_on_first_use=False)
    try:
        yield
    finally:
        structlog.configure(**logs)
        for owner, name, value in kept:
            setattr(owner, name, value)
        random.setstate(known)


_TOLD: Final = frozenset({"warning", "error", "exception", "critical"})


def _into_the_story(around: Around) -> Callable[[Any, str, Any], Any]:
    def tell(_logger: object, method: str, event: Any) -> Any:
        if method in _TOLD:
            said = {
                name: value for name, value in event.items() if name not in {"event", "exc_info"}
            }
            words = " ".join(f"{name}={value}" for name, value in sorted(said.items()))
            around.tell("desk", f"{event['event']} {words}".strip())
        raise structlog.DropEvent

    return tell
