"""How late pings are with a hundred thousand planned, beside timers of the event loop itself.

And storms: so many due in one instant, and for how long nothing else of the process had its turn.
"""

import asyncio
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import func, select

from benchmarks.databases import Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import TIMES, Figure, Goal, figure, must, percentile, ratios
from benchmarks.planned import fill
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.types import AnyRow
from bot.db.unit import Database
from bot.jobs.tick import Ticker
from bot.runtime.memory import settle_memory

NAME = "lateness"

SPEED = 83.0
"""Desk seconds in a real one: the strip's pings, a desk second apart, come 83 a second."""

LOOK_SECONDS = 0.001
"""How often it is looked whether the loop is late."""

_P99 = Goal(most=50.0, source="a person notices no twentieth of a second")
_ALL = Goal(most=1.0, source="all that is due in one second is decided within the next")
_STALL = Goal(most=50.0, source="a click beside a storm waits no longer than a ping")


@dataclass(slots=True, kw_only=True)
class Fired:
    """One round's lateness in real milliseconds, from when a ping was due to its commit."""

    ours: Sequence[float]
    timers: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Seconds until the last of the pings was decided, and the longest stall of the loop in ms."""

    seconds: float
    stall: float


@dataclass(slots=True)
class _Commits:
    """When transactions were over, by the desk's clock."""

    clock: Clock
    at: list[datetime] = field(default_factory=list)

    def note(self, _woken: set[str]) -> None:
        self.at.append(self.clock.now())

    def after(self, decided_at: datetime) -> datetime:
        return self.at[bisect_left(self.at, decided_at)]


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    far, strip, rounds = (5_000, 80, 1) if quick else (100_000, 1_000, 3)
    sizes = (200,) if quick else (2_000, 10_000)
    found: dict[str, list[Fired]] = defaultdict(list)
    storms: dict[tuple[str, int], list[Storm]] = defaultdict(list)
    for kind in kinds:
        # Statements are compiled once in a process's life.
        await _round(kind, 1_000, 20)
    settle_memory()
    for _ in range(rounds):
        for kind in kinds:
            found[kind.name].append(await _round(kind, far, strip))
            for size in sizes:
                storms[kind.name, size].append(await _storm(kind, far, size))
    figures: list[Figure] = []
    for kind in kinds:
        figures += _figures(kind.name, found[kind.name])
        for size in sizes:
            figures += _of_storms(kind.name, size, storms[kind.name, size])
    return figures


async def _round(kind: Databases, far: int, strip: int) -> Fired:
    async with AsyncExitStack() as stack:
        db = await _filled(kind, far, strip, stack)
        clock = Clock(speed=SPEED, start=START - timedelta(seconds=SPEED))
        commits = _Commits(clock)
        db.on_commit(commits.note)
        async with _ticking(db, clock):
            # Whoever asks in between is in the way of what is measured.
            await asyncio.sleep(1.0 + strip / SPEED)
            await _until_fired(db, strip, every=0.5)
        rows = await db.read(lambda conn: conn.execute(_FIRED).all())
    ours = [_late(row, commits) for row in rows]
    return Fired(ours=ours, timers=await _timers(strip))


_P = tables.ping.c
_FIRED = select(_P.fire_at, _P.fired_at).where(_P.fired_at.is_not(None))
_COUNT = select(func.count()).where(_P.fired_at.is_not(None))


def _late(row: AnyRow, commits: _Commits) -> float:
    seconds: float = (commits.after(row.fired_at) - row.fire_at).total_seconds() / SPEED
    must(seconds >= 0, "a ping was fired before its time")
    return seconds * 1e3


async def _filled(kind: Databases, far: int, strip: int, stack: AsyncExitStack) -> Database:
    url = await kind.new()
    stack.push_async_callback(kind.drop, url)
    await fill(url, far=far, strip=strip)
    db = Database(create_engine(url))
    stack.push_async_callback(db.close)
    return db


@asynccontextmanager
async def _ticking(db: Database, clock: Clock) -> AsyncIterator[None]:
    working = asyncio.create_task(Ticker(db, the_desk, clock).run())
    yield
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def _until_fired(db: Database, strip: int, *, every: float) -> None:
    give_up = time.monotonic() + 60.0
    while (await db.read(lambda conn: conn.scalar(_COUNT), urgent=False) or 0) < strip:
        must(time.monotonic() < give_up, "not every ping was fired")
        await asyncio.sleep(every)


async def _timers(count: int) -> Sequence[float]:
    """What the loop makes of as many timers at the same distances, and nothing else."""
    loop = asyncio.get_running_loop()
    begins = loop.time() + 0.1
    late: list[float] = []

    def ring(due: float) -> None:
        late.append((loop.time() - due) * 1e3)

    for number in range(count):
        due = begins + number / SPEED
        loop.call_at(due, ring, due)
    await asyncio.sleep(begins - loop.time() + count / SPEED + 1.0)
    must(len(late) == count, "a timer of the loop did not ring")
    return late


async def _storm(kind: Databases, far: int, size: int) -> Storm:
    """So many pings are due at once when the desk begins: until the commit of the last of them."""
    async with AsyncExitStack() as stack:
        db = await _filled(kind, far, size, stack)
        clock = Clock(start=START + timedelta(seconds=size), speed=1.0)
        over: list[float] = []
        db.on_commit(lambda _woken: over.append(time.perf_counter()))
        began = time.perf_counter()
        async with stalls() as late, _ticking(db, clock):
            await _until_fired(db, size, every=0.25)
    return Storm(seconds=over[-1] - began, stall=max(late) * 1e3)


@asynccontextmanager
async def stalls() -> AsyncIterator[list[float]]:
    """How late the loop was, in seconds, each time that somebody wanted a turn."""
    late: list[float] = []

    async def look() -> None:
        while True:
            due = time.perf_counter() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            late.append(time.perf_counter() - due)

    looking = asyncio.create_task(look())
    yield late
    looking.cancel()
    await asyncio.wait([looking])


def _of_storms(on: str, size: int, storms: Sequence[Storm]) -> list[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal) -> Figure:
        title = f"{size:,} due in one instant: {what}"
        return figure(NAME, title, values, unit=unit, on=on, goal=goal)

    return [
        of("all decided", [each.seconds for each in storms], "s", _ALL),
        of("longest stall of the loop", [each.stall for each in storms], "ms", _STALL),
    ]


def _figures(on: str, rounds: Sequence[Fired]) -> list[Figure]:
    def of(what: str, values: Sequence[float], unit: str, goal: Goal | None = None) -> Figure:
        return figure(NAME, what, values, unit=unit, on=on, goal=goal)

    middle = [percentile(each.ours, 0.5) for each in rounds]
    worst = [percentile(each.ours, 0.99) for each in rounds]
    timers = [percentile(each.timers, 0.99) for each in rounds]
    return [
        of("83 pings a second: late by, p50", middle, "ms"),
        of("83 pings a second: late by, p99", worst, "ms", _P99),
        of("timers of the loop alone, p99", timers, "ms"),
        of("ours ÷ timers, p99", ratios(worst, timers), TIMES),
    ]
