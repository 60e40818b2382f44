"""One, two, four and eight workers on one PostgreSQL, each a process of its own.

They take in conversations, send what follows to a workspace that takes everything at once, and fire
pings: what is measured is the desk and its database, not Slack. All run on the machine that the
database runs on, so that more workers than cores show what waiting for each other costs.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import Any, Final

from sqlalchemy import Connection, func, select

from benchmarks.conversing import arrive
from benchmarks.databases import POSTGRES, Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import Figure, Result, Skipped, figure, must, percentile
from benchmarks.mails import WEBSITE
from benchmarks.planned import fill
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.jobs.tick import Ticker
from bot.log import configure
from bot.outbox import store
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Finding, NotSent, OutboxRow, Sent
from bot.usecases.inboxes import sync_inboxes

NAME: Final = "scale"
WORKERS: Final = (1, 2, 4, 8)
PAGE: Final = 25
INBOXES: Final = 8
SPEED: Final = 83.0
"""Desk seconds in a real one: the pings, a desk second apart, come 83 a second."""

AHEAD: Final = 2.0
"""Real seconds before the first ping, in which every worker gets ready."""

_KINDS = [str(kind) for kind in EffectKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the workers together get."""

    messages: int
    pings: int
    planned: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """What a number of workers made of it: each second, and lateness in milliseconds."""

    messages: float
    effects: float
    late: Sequence[float]


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Result]:
    """Every figure of this benchmark; none without PostgreSQL."""
    kind = next((each for each in kinds if each.name == POSTGRES), None)
    if kind is None:
        reason = "several workers need PostgreSQL"
        return [Skipped(bench=NAME, what="several workers", reason=reason)]
    workers = WORKERS[:2] if quick else WORKERS
    load = (
        Load(messages=200, pings=80, planned=2_000)
        if quick
        else Load(messages=3_200, pings=800, planned=100_000)
    )
    found: dict[int, list[Rates]] = {count: [] for count in workers}
    for _ in range(1 if quick else 3):
        for count in workers:
            found[count].append(await _round(kind, count, load))
    return [each for count in workers for each in _figures(count, found[count])]


async def _round(kind: Databases, workers: int, load: Load) -> Rates:
    url = await kind.new()
    try:
        await _prepare(url)
        took = await asyncio.to_thread(_together, workers, _take_in, (url, load.messages))
        sent = await asyncio.to_thread(_together, workers, _send, (url,))
        effects = await _checked(url, load.messages)
        must(sum(count for _, count in sent) == effects, "every effect was sent once")
    finally:
        await kind.drop(url)
    return Rates(
        messages=load.messages / max(seconds for seconds, _ in took),
        effects=effects / max(seconds for seconds, _ in sent),
        late=await _late(kind, workers, load),
    )


async def _late(kind: Databases, workers: int, load: Load) -> Sequence[float]:
    url = await kind.new()
    try:
        await fill(url, far=load.planned, strip=load.pings)
        await asyncio.to_thread(_together, workers, _fire, (url, load.pings))
        db = Database(create_engine(url))
        ping = tables.ping.c
        rows = await db.read(
            lambda conn: conn.execute(
                select(ping.fire_at, ping.fired_at).where(ping.fired_at.is_not(None))
            ).all()
        )
        await db.close()
    finally:
        await kind.drop(url)
    must(len(rows) == load.pings, f"{len(rows)} of {load.pings} pings were fired")
    return [(row.fired_at - row.fire_at).total_seconds() / SPEED * 1e3 for row in rows]


def _desk() -> Desk:
    desk = the_desk()
    shop = desk.inboxes[WEBSITE]
    names = [f"shop-{number}" for number in range(INBOXES)]
    return replace(desk, inboxes={n: replace(shop, name=n, channel=f"C0{n}") for n in names})


async def _prepare(url: str) -> None:
    db = Database(create_engine(url))
    await db.write(lambda tx: sync_inboxes(tx, _desk()), now=START)
    await db.close()


Work = Callable[..., Any]


def _together(workers: int, work: Work, given: tuple[Any, ...]) -> list[tuple[float, int]]:
    """Have so many processes do `work`, begun in one instant: seconds and a count of each."""
    context = multiprocessing.get_context("spawn")
    barrier, ends = context.Barrier(workers), context.Queue()
    every = [
        context.Process(target=_one, args=(work, number, workers, given, barrier, ends))
        for number in range(workers)
    ]
    for each in every:
        each.start()
    found = [ends.get(timeout=300) for _ in every]
    for each in every:
        each.join()
    return found


def _one(  # noqa: PLR0917 - a process is started with its arguments in a row
    work: Work,
    number: int,
    workers: int,
    given: tuple[Any, ...],
    barrier: Barrier,
    ends: "Queue[tuple[float, int]]",
) -> None:
    configure(level="error")
    ends.put(asyncio.run(_timed(work, number, workers, given, barrier)))


async def _timed(
    work: Work, number: int, workers: int, given: tuple[Any, ...], barrier: Barrier
) -> tuple[float, int]:
    url, *rest = given
    db = Database(create_engine(url))
    try:
        await db.read(lambda conn: store.is_idle(conn, now=START, kinds=_KINDS))
        await asyncio.to_thread(barrier.wait, 120)
        began = time.perf_counter()
        count = await work(db, number, workers, *rest)
        return time.perf_counter() - began, count
    finally:
        await db.close()


async def _take_in(db: Database, number: int, workers: int, messages: int) -> int:
    """This worker's inboxes, as their leases share them out."""
    desk = _desk()
    mine = list(desk.inboxes)[number::workers]
    pages = messages // PAGE // INBOXES
    for page in range(pages):
        for inbox in mine:
            await arrive(db, desk, inbox, PAGE, at=START, by=f"{inbox}-{page}-")
    return pages * len(mine) * PAGE


class _Everything:
    """Takes every effect at once."""

    def __init__(self) -> None:
        self.count = 0

    async def send(self, row: OutboxRow) -> Sent:
        self.count += 1
        return Sent(result={"ts": str(row.id)})

    async def look_up(self, row: OutboxRow) -> Finding:  # noqa: ARG002
        return NotSent()


async def _send(db: Database, _number: int, _workers: int) -> int:
    outside = _Everything()
    sender = Dispatcher(db, dict.fromkeys(_KINDS, outside), Clock(start=START + timedelta(hours=1)))
    await sender.drain(timeout=240)
    return outside.count


async def _fire(db: Database, _number: int, _workers: int, pings: int) -> int:
    clock = Clock(speed=SPEED, start=START - timedelta(seconds=SPEED * AHEAD))
    working = asyncio.create_task(Ticker(db, the_desk, clock).run())
    await asyncio.sleep(AHEAD + pings / SPEED + 2.0)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working
    return 0


async def _checked(url: str, messages: int) -> int:
    """Every message has its own ticket and every effect was sent in one try; how many effects."""

    def look(conn: Connection) -> tuple[int, int, int, int]:
        box, ticket = tables.outbox.c, tables.ticket.c
        tickets, numbers = conn.execute(
            select(func.count(), func.count(ticket.number.distinct()))
        ).one()
        sent = conn.scalar(select(func.count()).where(box.state == "sent", box.attempts == 1))
        every = conn.scalar(select(func.count()).where(box.state != "superseded"))
        return tickets, numbers, sent or 0, every or 0

    db = Database(create_engine(url))
    tickets, numbers, sent, every = await db.read(look)
    await db.close()
    must(tickets == numbers == messages, f"{tickets} tickets for {messages} messages")
    must(sent == every, f"{sent} of {every} effects were sent in one try")
    return every


def _figures(workers: int, rounds: Sequence[Rates]) -> list[Figure]:
    who = "1 worker" if workers == 1 else f"{workers} workers"

    def of(what: str, values: Sequence[float], unit: str) -> Figure:
        return figure(NAME, f"{who}: {what}", values, unit=unit, on=POSTGRES)

    return [
        of("conversations taken in", [each.messages for each in rounds], "/s"),
        of("effects leased, sent, settled", [each.effects for each in rounds], "/s"),
        of("83 pings a second: late by, p50", [percentile(r.late, 0.5) for r in rounds], "ms"),
        of("83 pings a second: late by, p99", [percentile(r.late, 0.99) for r in rounds], "ms"),
    ]
