"""One look at what is due, with a thousand and with a million pings still to come."""

import random
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from sqlalchemy import Connection, func, select

from benchmarks.databases import Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import TIMES, Figure, Goal, figure, must, ratios
from benchmarks.planned import fill
from benchmarks.watching import Statement, WatchedDatabase
from bot.db import tables
from bot.db.engine import create_engine
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.jobs.tick import Look, look

NAME = "tick"
DUE = 50
IDLE_TICKS = 20
INDEX = "ix_ping_due"

_FLAT = Goal(most=1.5, source="a tick costs what is due, never what is planned")


@dataclass(slots=True, kw_only=True)
class Planned:
    """One database, how far its strip of due pings was fired, and what ticks cost."""

    size: int
    db: WatchedDatabase
    desk: Desk
    fired: int = 0
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def now(self) -> datetime:
        """The instant at which everything fired so far was due, and nothing else."""
        return START + timedelta(seconds=self.fired)

    async def look(self) -> Look:
        """One look at what is due, as the desk takes it."""
        return await self.db.write(lambda tx: look(tx, self.desk), now=self.now, urgent=True)


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    sizes = (1_000, 20_000) if quick else (1_000, 100_000, 1_000_000)
    rounds = 5 if quick else 11
    found: list[Figure] = []
    for kind in kinds:
        found += await _on(kind, sizes, rounds)
    return found


async def _on(kind: Databases, sizes: Sequence[int], rounds: int) -> list[Figure]:
    dice = random.Random(2)
    async with AsyncExitStack() as stack:
        planned = {size: await _planned(kind, size, (rounds + 1) * DUE, stack) for size in sizes}
        for each in planned.values():
            await _warm_up(each)
        for _ in range(rounds):
            await _round(list(planned.values()), dice)
        for each in planned.values():
            await check(each)
    return _figures(kind.name, planned)


@asynccontextmanager
async def planned(kind: Databases, size: int, *, strip: int) -> AsyncIterator[Planned]:
    """A database with `size` pings far away and `strip` tickets to become due, one after the other."""
    async with AsyncExitStack() as stack:
        found = await _planned(kind, size, strip, stack)
        await _tick(found, fires=0)
        yield found


async def idle_tick(planned: Planned) -> float:
    """Seconds of a tick with nothing due: the middle of some."""
    return median([await _tick(planned, fires=0) for _ in range(IDLE_TICKS)])


async def fire(planned: Planned, due: int) -> float:
    """Seconds until the next `due` pings of the strip, due by now, are fired and nothing is left."""
    planned.fired += due
    fired, more, began = 0, True, time.perf_counter()
    while more:
        found = await planned.look()
        fired, more = fired + found.fired, found.more
    seconds = time.perf_counter() - began
    must(fired == due, f"{fired} pings fired where {due} were due")
    return seconds


async def _planned(kind: Databases, size: int, strip: int, stack: AsyncExitStack) -> Planned:
    url = await kind.new()
    stack.push_async_callback(kind.drop, url)
    await fill(url, far=size, strip=strip)
    db = WatchedDatabase(create_engine(url))
    stack.push_async_callback(db.close)
    return Planned(size=size, db=db, desk=the_desk())


async def _warm_up(planned: Planned) -> None:
    """One tick of either sort, and a look at how the database finds what is due."""
    await _tick(planned, fires=0)
    with planned.db.watched() as log:
        planned.fired += DUE
        await _tick(planned, fires=DUE)
    asked = [
        statement
        for each in log
        for statement in each.statements
        if statement[0].startswith("SELECT") and "ping.fired_at IS NULL" in statement[0]
    ]
    must(len(asked) >= 3, "a tick asks for the next ping, for due tickets and for their pings")
    for statement in asked:
        plan = await planned.db.read(partial(_plan, statement=statement))
        must(INDEX in plan, f"with {planned.size} planned pings {INDEX} is not used:\n{plan}")


def _plan(conn: Connection, statement: Statement) -> str:
    sql, parameters = statement
    explain = "EXPLAIN QUERY PLAN " if conn.dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row[-1]) for row in conn.exec_driver_sql(explain + sql, parameters))


async def _round(planned: Sequence[Planned], dice: random.Random) -> None:
    """Ticks of every size by turns, so that a busy moment of the machine hits them all."""
    idle: dict[int, list[float]] = defaultdict(list)
    for _ in range(IDLE_TICKS):
        for each in dice.sample(planned, len(planned)):
            idle[each.size].append(await _tick(each, fires=0))
    for each in dice.sample(planned, len(planned)):
        each.seconds["idle"].append(median(idle[each.size]))
        each.fired += DUE
        each.seconds["busy"].append(await _tick(each, fires=DUE))


async def _tick(planned: Planned, *, fires: int) -> float:
    """Seconds of a tick: fire what is due, ask when the next one is."""
    began = time.perf_counter()
    found = await planned.look()
    seconds = time.perf_counter() - began
    must(found.fired == fires, f"{found.fired} pings fired where {fires} were due")
    must(found.next is not None and found.next > planned.now, "the next ping is not due yet")
    return seconds


async def check(planned: Planned) -> None:
    """Every ping of the strip was posted once, none of the others was touched."""
    ping, outbox = tables.ping.c, tables.outbox.c

    def look(conn: Connection) -> tuple[int | None, int | None, int | None]:
        return (
            conn.scalar(select(func.count()).where(ping.fired_at.is_not(None))),
            conn.scalar(select(func.count()).where(ping.fired_at.is_(None))),
            conn.scalar(select(func.count()).where(outbox.kind == EffectKind.POST_PING)),
        )

    fired, waiting, posted = await planned.db.read(look)
    must((fired, posted) == (planned.fired, planned.fired), f"{fired} fired, {posted} posted")
    must(waiting == planned.size, f"{waiting} of {planned.size} planned pings are left")


def _figures(on: str, planned: Mapping[int, Planned]) -> list[Figure]:
    found = []
    smallest, largest = min(planned), max(planned)
    for what, sort in (("nothing due", "idle"), (f"{DUE} due", "busy")):
        seconds = {size: each.seconds[sort] for size, each in planned.items()}
        for size, values in seconds.items():
            title = f"{what}, {_short(size)} planned"
            found.append(figure(NAME, title, [v * 1e3 for v in values], unit="ms", on=on))
        growth = ratios(seconds[largest], seconds[smallest])
        title = f"{what}: {_short(largest)} ÷ {_short(smallest)} planned"
        found.append(figure(NAME, title, growth, unit=TIMES, on=on, goal=_FLAT))
    return found


def _short(size: int) -> str:
    return f"{size // 1_000_000} M" if size >= 1_000_000 else f"{size // 1000} k"
