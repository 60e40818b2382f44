"""What the desk does again and again, with some history and with ten times as much of it."""

import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Final

from sqlalchemy import Connection, insert, select

from benchmarks import past
from benchmarks.conversing import arrive
from benchmarks.databases import Databases
from benchmarks.desk import ANNA, START, the_desk
from benchmarks.figures import TIMES, Figure, Goal, figure, must, ratios
from benchmarks.mails import WEBSITE
from bot.db import tables
from bot.db.engine import create_engine
from bot.db.unit import Database, Tx
from bot.domain.effects import EffectKind
from bot.outbox import store
from bot.outbox.store import Held
from bot.usecases.claim import Claim, claim
from bot.usecases.fire_due import fire_due
from bot.usecases.inboxes import sync_inboxes

NAME: Final = "growth"
PAGE: Final = 20
EFFECTS_A_TICKET: Final = 4
CHUNK: Final = 5_000

_FLAT = Goal(most=1.5, source="what is done costs nothing but disk")
_KINDS = [str(kind) for kind in EffectKind]


@dataclass(slots=True, kw_only=True)
class Grown:
    """A database with so many closed tickets, and what each step cost there (seconds)."""

    tickets: int
    db: Database
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


async def run(kinds: Sequence[Databases], *, quick: bool) -> list[Figure]:
    """Every figure of this benchmark."""
    small, rounds = (200, 3) if quick else (3_000, 15)
    found: list[Figure] = []
    for kind in kinds:
        async with AsyncExitStack() as stack:
            grown = [await _grown(kind, size, stack) for size in (small, 10 * small)]
            await _measure(grown, rounds)
            found += _figures(kind.name, grown)
    return found


async def _grown(kind: Databases, size: int, stack: AsyncExitStack) -> Grown:
    url = await kind.new()
    stack.push_async_callback(kind.drop, url)
    db = Database(create_engine(url))
    stack.push_async_callback(db.close)
    await past.fill(db, size)
    numbered = insert(tables.counter).values(name="ticket", value=size)
    await db.write(lambda tx: tx.conn.execute(numbered), now=START)
    rows = range(size * EFFECTS_A_TICKET)
    for first in range(0, len(rows), CHUNK):
        part = rows[first : first + CHUNK]
        await db.write(partial(_add_done, numbers=part), now=START)
    desk = the_desk()
    await db.write(lambda tx: sync_inboxes(tx, desk), now=START)
    if not db.is_sqlite:
        await db.write(lambda tx: tx.conn.exec_driver_sql("ANALYZE"), now=START)
    return Grown(tickets=size, db=db)


def _add_done(tx: Tx, numbers: Sequence[int]) -> None:
    """Sent effects and understood raw items, as years leave them."""
    long_ago = START - timedelta(days=60)
    effect = {
        "lane_group": "slack:C0",
        "kind": "post_log",
        "payload": {},
        "priority": 60,
        "not_before": long_ago,
        "state": "sent",
        "attempts": 1,
        "created_at": long_ago,
        "settled_at": long_ago,
    }
    tx.conn.execute(
        insert(tables.outbox),
        [effect | {"id": n + 1, "dedupe_key": f"log:{n}", "lane": f"ticket:{n}"} for n in numbers],
    )


async def _measure(grown: Sequence[Grown], rounds: int) -> None:
    """Every step at both sizes by turns, so that a busy moment of the machine hits them both."""
    dice, number = random.Random(4), count()
    for turn in range(rounds + 1):
        at = next(number)
        for each in dice.sample(list(grown), len(grown)):
            for name, step in _STEPS.items():
                began = time.perf_counter()
                prepared = await step(each.db, at)
                if turn:  # the first is the warm-up
                    each.seconds[name].append(time.perf_counter() - began - prepared)


async def _ingest(db: Database, turn: int) -> float:
    await arrive(db, the_desk(), WEBSITE, PAGE, at=START + timedelta(minutes=turn))
    return 0.0


async def _tick(db: Database, turn: int) -> float:
    now = START + timedelta(minutes=turn)
    report = await db.write(lambda tx: fire_due(tx, the_desk()), now=now)
    must(report.fired == 0, "nothing is due within an hour")
    return 0.0


async def _lease(db: Database, turn: int) -> float:
    now = START + timedelta(minutes=turn)

    def take(tx: Tx) -> int:
        none = Held()
        found = store.heads(tx.conn, now=now, kinds=_KINDS, held=none, limit=PAGE)
        leased = store.lease(
            tx.conn, [head.id for head in found], now=now, until=now + timedelta(minutes=1)
        )
        for row in leased:
            store.settle(tx.conn, row, {"state": "sent", "settled_at": now})
        return len(leased)

    must(await db.write(take, now=now) == PAGE, "a page of effects was leased")
    return 0.0


async def _claim(db: Database, turn: int) -> float:
    """Returns the seconds that finding a ticket took, which an agent's eyes do."""
    began = time.perf_counter()
    desk, now = the_desk(), START + timedelta(minutes=turn)

    def unclaimed(conn: Connection) -> int:
        ticket = tables.ticket.c
        free = select(ticket.id).where(ticket.state == "open", ticket.assignee.is_(None))
        found: int = conn.scalars(free.order_by(ticket.id.desc()).limit(1)).one()
        return found

    chosen = await db.read(unclaimed)
    found = time.perf_counter() - began
    await db.write(lambda tx: claim(tx, desk, Claim(ticket_id=chosen, actor=ANNA)), now=now)
    return found


_STEPS: Mapping[str, Callable[[Database, int], Awaitable[float]]] = {
    f"a page of {PAGE} new conversations": _ingest,
    "a tick, nothing due": _tick,
    f"{PAGE} effects leased and settled": _lease,
    "a claim": _claim,
}


def _figures(on: str, grown: Sequence[Grown]) -> list[Figure]:
    small, large = grown
    found = []
    for name in _STEPS:
        costs = [each.seconds[name] for each in grown]
        title = f"{name}, {large.tickets:,} closed tickets"
        found.append(figure(NAME, title, [s * 1e3 for s in costs[1]], unit="ms", on=on))
        title = f"{name}: {large.tickets:,} ÷ {small.tickets:,}"
        growth = ratios(costs[1], costs[0])
        found.append(figure(NAME, title, growth, unit=TIMES, on=on, goal=_FLAT))
    return found
