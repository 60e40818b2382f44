"""The world around a dispatcher: a clock that is moved by hand, and another side that is scripted."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from typing_extensions import override

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database, Tx
from bot.domain.effects import Effect, EffectKind, Priority
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import (
    Ambiguous,
    Finding,
    NotSent,
    OutboxRow,
    Outcome,
    SendError,
    Sent,
    Unsure,
)
from bot.outbox.lanes import Limits

START = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
KINDS = tuple(str(kind) for kind in EffectKind)


class HandClock(Clock):
    """Desk time and steady time move together, by hand."""

    def __init__(self, start: datetime = START) -> None:
        super().__init__()
        self._now = start
        self._steady = 1_000.0

    @override
    def now(self) -> datetime:
        return self._now

    @override
    def monotonic(self) -> float:
        return self._steady

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._steady += seconds


def effect(key: str, **changed: object) -> Effect:
    """A log line of ticket 1, unless changed."""
    plain = Effect(
        kind=EffectKind.POST_LOG,
        dedupe_key=key,
        lane="ticket:1",
        lane_group="slack:C1",
        priority=Priority.LOG,
        payload={"ticket_id": 1},
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


Step = str | SendError


@dataclass
class Call:
    key: str
    kind: str
    look_up: bool


class Outside:
    """The other side. `arrived` is what it holds, in order; `calls` is what it was asked.

    A scripted step is an error to raise, or `lost` (it arrives, the answer does not) or `hang`.
    """

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.calls: list[Call] = []
        self.script: dict[str, deque[Step]] = defaultdict(deque)
        self.can_look = True
        self.under_way = 0
        self.most_under_way = 0
        self.released = asyncio.Event()
        self.arrival = asyncio.Event()
        self.asked = asyncio.Event()

    def will(self, key: str, *steps: Step) -> None:
        self.script[key].extend(steps)

    @property
    def sends(self) -> list[str]:
        return [call.key for call in self.calls if not call.look_up]

    async def holds(self, number: int) -> None:
        """Wait until so many have arrived."""
        async with asyncio.timeout(60):
            while len(self.arrived) < number:
                self.arrival.clear()
                await self.arrival.wait()

    async def send(self, row: OutboxRow) -> Outcome:
        self.calls.append(Call(row.dedupe_key, row.kind, look_up=False))
        self.asked.set()
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._answer(row)
        finally:
            self.under_way -= 1

    async def _answer(self, row: OutboxRow) -> Outcome:
        steps = self.script[row.dedupe_key]
        step = steps.popleft() if steps else "ok"
        if isinstance(step, SendError):
            raise step
        if step == "hang":
            await self.released.wait()
        self.arrived.append(row.dedupe_key)
        self.arrival.set()
        if step == "lost":
            raise Ambiguous("cut")
        return Sent(result={"at": len(self.arrived)})

    async def look_up(self, row: OutboxRow) -> Finding:
        self.calls.append(Call(row.dedupe_key, row.kind, look_up=True))
        if not self.can_look:
            return Unsure(reason="no record")
        found = row.dedupe_key in self.arrived
        return Sent(result={"found": True}) if found else NotSent()


async def emit(db: Database, clock: Clock, *effects: Effect) -> None:
    """Commit effects, each in a transaction of its own so that their order is plain."""
    for each in effects:
        await db.write(partial(Tx.emit, effect=each), now=clock.now())


def dispatcher(
    db: Database, outside: Outside, clock: Clock, limits: Limits | None = None, **changed: Any
) -> Dispatcher:
    """A dispatcher that sends everything to `outside`."""
    return Dispatcher(db, dict.fromkeys(KINDS, outside), clock, limits, **changed)


async def states(db: Database) -> dict[str, str]:
    """The state of every effect by its key."""
    box = tables.outbox.c
    rows = await db.read(lambda conn: conn.execute(select(box.dedupe_key, box.state)).all())
    return {row.dedupe_key: row.state for row in rows}


async def column(db: Database, key: str, name: str) -> object:
    """One value of an effect's row."""
    box = tables.outbox.c
    return await db.read(lambda conn: conn.scalar(select(box[name]).where(box.dedupe_key == key)))
