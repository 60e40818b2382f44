"""One, two, four and eight workers on one PostgreSQL, each a process of its own.

They take in conversations, send what follows to a workspace that takes everything at once, and fire
pings: what is measured is the desk and its database, not Slack. All run on the machine that the
database runs on, so that more workers than cores show what waiting for each other costs.
What two workers gain over one is measured where they take rows from one table.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from benchmarks.conversing import arrive
from benchmarks.crew import Crew, ready
from benchmarks.databases import POSTGRES, Databases
from benchmarks.desk import START, the_desk
from benchmarks.figures import (
    TIMES,
    Figure,
    Goal,
    Result,
    Skipped,
    figure,
    must,
    percentile,
    ratios,
)
from benchmarks.mails import WEBSITE
from benchmarks.planned import fill
from bot.clock import Clock
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database
from bot.domain.desk import Desk
from bot.domain.effects import EffectKind
from bot.domain.ticket import EventType
from bot.jobs.tick import Ticker
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import Finding, NotSent, OutboxRow, Sent
from bot.usecases.fire_due import fire_due
from bot.usecases.inboxes import sync_inboxes

NAME: Final = "scale"
WORKERS: Final = (1, 2, 4, 8)
PAGE: Final = 25
INBOXES: Final = 8
SPEED: Final = 83.0
"""Desk seconds in a real one: the pings, a desk second apart, come 83 a second."""

AHEAD: Final = 2.0
"""Real seconds before the first ping, in which every worker gets ready."""

FEW: Final = 2_000
"""Pings that are not due yet, where it is measured what two workers gain."""

BATCH: Final = 50
"""Pings taken in one transaction, where it is measured what two workers gain."""

_TWICE: Final = Goal(
    least=1.3, source="two workers on two cores, whose database works on the same two"
)

_KINDS = [str(kind) for kind in EffectKind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the workers together get, and how often."""

    messages: int
    pings: int
    planned: int
    claims: int
    rounds: int


QUICK: Final = Load(messages=200, pings=80, planned=2_000, claims=500, rounds=1)
FULL: Final = Load(messages=800, pings=400, planned=100_000, claims=4_000, rounds=3)


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
    load = QUICK if quick else FULL
    crew = Crew(workers[-1])
    found: dict[int, list[Rates]] = {count: [] for count in workers}
    claims: list[tuple[float, float]] = []
    try:
        await crew.together(workers[-1], ready, await kind.new())
        for _ in range(load.rounds):
            for count in workers:
                found[count].append(await _round(kind, crew, count, load))
            claims.append(await _claims(kind, crew, load))
    finally:
        crew.close()
    figures = [each for count in workers for each in _figures(count, found[count])]
    return [*figures, *_gain(claims)]


async def _round(kind: Databases, crew: Crew, workers: int, load: Load) -> Rates:
    url = await kind.new()
    try:
        await _prepare(url)
        took = await crew.together(workers, _take_in, url, load.messages)
        sent = await crew.together(workers, _send, url)
        effects = await _checked(url, load.messages)
        must(sum(count for _, count in sent) == effects, "every effect was sent once")
    finally:
        await kind.drop(url)
    return Rates(
        messages=load.messages / max(seconds for seconds, _ in took),
        effects=effects / max(seconds for seconds, _ in sent),
        late=await _late(kind, crew, workers, load),
    )


async def _late(kind: Databases, crew: Crew, workers: int, load: Load) -> Sequence[float]:
    url = await kind.new()
    try:
        await fill(url, far=load.planned, strip=load.pings)
        await crew.together(workers, _fire, url, load.pings)
        ping = tables.ping.c
        rows = await _read(
            url,
            select(ping.fire_at, ping.fired_at).where(ping.fired_at.is_not(None)),
        )
    finally:
        await kind.drop(url)
    must(len(rows) == load.pings, f"{len(rows)} of {load.pings} pings were fired")
    return [(row.fired_at - row.fire_at).total_seconds() / SPEED * 1e3 for row in rows]


async def _claims(kind: Databases, crew: Crew, load: Load) -> tuple[float, float]:
    """Pings taken and decided a second, where all are due: by one worker, and by two."""
    return await _claimed(kind, crew, 1, load), await _claimed(kind, crew, 2, load)


async def _claimed(kind: Databases, crew: Crew, workers: int, load: Load) -> float:
    url = await kind.new()
    try:
        await fill(url, far=FEW, strip=load.claims)
        took = await crew.together(workers, _claim, url)
        left = tables.ping.c.fired_at.is_not(None)
        told = tables.ticket_event.c
        fired = await _read(url, select(tables.ping.c.id).where(left))
        events = await _read(url, select(told.id).where(told.type == EventType.PING))
    finally:
        await kind.drop(url)
    counted = sum(count for _, count in took)
    must(
        counted == len(fired) == len(events) == load.claims,
        f"{counted} claims, {len(fired)} pings fired and {len(events)} told, of {load.claims}",
    )
    return load.claims / max(seconds for seconds, _ in took)


async def _read(url: str, query: Select[Any]) -> Sequence[Row[Any]]:
    db = Database(create_engine(url))
    try:
        return await db.read(lambda conn: conn.execute(query).all())
    finally:
        await db.close()


def _desk() -> Desk:
    desk = the_desk()
    shop = desk.inboxes[WEBSITE]
    names = [f"shop-{number}" for number in range(INBOXES)]
    return replace(desk, inboxes={n: replace(shop, name=n, channel=f"C0{n}") for n in names})


async def _prepare(url: str) -> None:
    db = Database(create_engine(url))
    await db.write(lambda tx: sync_inboxes(tx, _desk()), now=START)
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


async def _claim(db: Database, _number: int, _workers: int) -> int:
    """Take what is due, a batch in each transaction, until nothing is left."""
    desk, now, fired = the_desk(), START + timedelta(days=1), 0
    while True:
        report = await db.write(lambda tx: fire_due(tx, desk, BATCH), now=now, urgent=True)
        fired += report.fired
        if not report.more:
            return fired


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


def _gain(claims: Sequence[tuple[float, float]]) -> list[Figure]:
    one, two = [first for first, _ in claims], [second for _, second in claims]
    what = "due pings taken and decided"
    return [
        figure(NAME, f"1 worker: {what}", one, unit="/s", on=POSTGRES),
        figure(NAME, f"2 workers: {what}", two, unit="/s", on=POSTGRES),
        figure(
            NAME,
            f"{what}: two workers against one",
            ratios(two, one),
            unit=TIMES,
            on=POSTGRES,
            goal=_TWICE,
        ),
    ]


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
