"""How late pings are with a hundred thousand planned, beside timers of the event loop itself."""

import asyncio
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

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

NAME = "lateness"

SPEED = 83.0
"""Desk seconds in a real one: the strip's pings, a desk second apart, come 83 a second."""

_P99 = Goal(most=50.0, source="a person notices no twentieth of a second")
_STORM = Goal(most=1.0, source="all that is due in one second is decided within the next")


@dataclass(slots=True, kw_only=True)
class Fired:
    """One round's lateness in real milliseconds, from when a ping was due to its commit."""

    ours: Sequence[float]
    timers: Sequence[float]


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
    found: dict[str, list[Fired]] = defaultdict(list)
    storms: dict[str, list[float]] = defaultdict(list)
    for kind in kinds:
        # Statements are compiled once in a process's life.
        await _round(kind, 1_000, 20)
    for _ in range(rounds):
        for kind in kinds:
            found[kind.name].append(await _round(kind, far, strip))
            storms[kind.name].append(await _storm(kind, far, 2 * strip))
    figures: list[Figure] = []
    for kind in kinds:
        figures += _figures(kind.name, found[kind.name])
        title = f"{2 * strip} due in one instant, all decided"
        figures.append(figure(NAME, title, storms[kind.name], unit="s", on=kind.name, goal=_STORM))
    return figures


async def _round(kind: Databases, far: int, strip: int) -> Fired:
    async with AsyncExitStack() as stack:
        db = await _filled(kind, far, strip, stack)
        clock = Clock(speed=SPEED, start=START - timedelta(seconds=SPEED))
        commits = _Commits(clock)
        db.on_commit(commits.note)
        working = asyncio.create_task(Ticker(db, the_desk, clock).run())
        await _until_fired(db, strip, seconds=strip / SPEED + 30)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working
        rows = await db.read(lambda conn: conn.execute(_FIRED).all())
    ours = [_late(row, commits) for row in rows]
    return Fired(ours=ours, timers=await _timers(strip))


_P = tables.ping.c
_FIRED = select(_P.fire_at, _P.fired_at).where(_P.fired_at.is_not(None))


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


async def _until_fired(db: Database, strip: int, *, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while len(await db.read(lambda conn: conn.execute(_FIRED).all(), urgent=False)) < strip:
        must(time.monotonic() < give_up, "not every ping was fired")
        await asyncio.sleep(1.0)


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


async def _storm(kind: Databases, far: int, strip: int) -> float:
    """Seconds from when so many pings are due at once to the commit of the last of them."""
    async with AsyncExitStack() as stack:
        db = await _filled(kind, far, strip, stack)
        clock = Clock(start=START + timedelta(seconds=strip), speed=1.0)
        ticker = Ticker(db, the_desk, clock)
        began = time.perf_counter()
        while await ticker.tick():
            pass
        took = time.perf_counter() - began
        fired = await db.read(lambda conn: len(conn.execute(_FIRED).all()))
        must(fired == strip, f"{fired} of {strip} pings were fired")
    return took


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
