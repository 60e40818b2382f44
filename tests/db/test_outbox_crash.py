"""The process dies at every single step between "decided" and "settled", and a new one goes on.

A step is one transaction or one call of the other side. Dying means that nothing of that life
happens any more: what was begun is never finished, not even its error handling.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from typing_extensions import override

from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import Effect, EffectKind, Priority
from bot.outbox.dispatcher import Dispatcher
from tests.db.outbox_world import KINDS, HandClock, Outside, effect, emit, states

STORY: tuple[Effect, ...] = (
    effect("root:1", kind=EffectKind.POST_ROOT, priority=Priority.ROOT),
    effect("message:1", kind=EffectKind.POST_MESSAGE, priority=Priority.MESSAGE),
    effect("ping:1", kind=EffectKind.POST_PING, priority=Priority.BREACH),
    effect("root:2", kind=EffectKind.POST_ROOT, lane="ticket:2", priority=Priority.ROOT),
    effect("reply:1", kind=EffectKind.SEND_REPLY, lane="reply:1", lane_group="inbox:a"),
    effect("reply:2", kind=EffectKind.SEND_REPLY, lane="reply:1", lane_group="inbox:a"),
)


class Dead(asyncio.CancelledError):
    """The process is gone."""


class Life:
    """One life of the process: it ends at step `dies_at`, before or after that step's effect."""

    def __init__(self, dies_at: int, *, after: bool) -> None:
        self.steps = 0
        self.dies_at = dies_at
        self.after = after
        self.over = asyncio.Event()

    async def step(self, work: Callable[[], Any]) -> Any:
        if self.over.is_set():
            raise Dead
        self.steps += 1
        last = self.steps == self.dies_at
        if last and not self.after:
            self.over.set()
            raise Dead
        result = await work()
        if last:
            self.over.set()
            raise Dead
        return result


class MortalDatabase(Database):
    def __init__(self, real: Database, life: Life) -> None:
        super().__init__(real.engine)
        self._gate = real._gate
        self.life = life

    @override
    async def read(self, fn, *, urgent=True):
        return await self.life.step(lambda: Database.read(self, fn, urgent=urgent))

    @override
    async def write(self, fn, *, now, urgent=False):
        return await self.life.step(lambda: Database.write(self, fn, now=now, urgent=urgent))


class MortalSide:
    def __init__(self, real: Outside, life: Life) -> None:
        self.real = real
        self.life = life

    async def send(self, row):
        return await self.life.step(lambda: self.real.send(row))

    async def look_up(self, row):
        return await self.life.step(lambda: self.real.look_up(row))


async def live(db: Database, outside: Outside, clock: HandClock, life: Life) -> None:
    """One life: until it dies, or until the work is done."""
    mortal = MortalDatabase(db, life)
    side = MortalSide(outside, life)
    sender = Dispatcher(mortal, dict.fromkeys(KINDS, side), clock)
    work = asyncio.create_task(_work(sender, clock))
    death = asyncio.create_task(life.over.wait())
    await asyncio.wait({work, death}, return_when=asyncio.FIRST_COMPLETED)
    for task in [work, death, *sender._tasks.values()]:
        task.cancel()
    await asyncio.gather(work, death, *sender._tasks.values(), return_exceptions=True)


async def _work(sender: Dispatcher, clock: HandClock) -> None:
    await sender.recover()
    for _ in range(4):
        await sender.drain()
        clock.move(20)


async def forget(db: Database) -> None:
    async with db.engine.begin() as conn:
        await conn.execute(tables.outbox.delete())


@pytest.mark.postgres
async def test_invariants_2_3_4_hold_when_one_of_two_workers_dies(db: Database):
    for dies_at in (4, 8, 12, 16):
        clock, outside = HandClock(), Outside()
        await forget(db)
        await emit(db, clock, *STORY)
        survivor = Dispatcher(db, dict.fromkeys(KINDS, outside), clock)
        await live(db, outside, clock, Life(dies_at, after=True))
        for _ in range(4):
            await survivor.drain()
            clock.move(20)
        check(outside, await states(db), f"died at step {dies_at}")


@pytest.mark.parametrize("after", [False, True], ids=["before the step", "after the step"])
async def test_invariants_2_3_4_hold_when_the_process_dies_at_any_step(db: Database, after: bool):
    dies_at = 0
    while True:
        dies_at += 1
        clock, outside = HandClock(), Outside()
        await forget(db)
        await emit(db, clock, *STORY)
        first = Life(dies_at, after=after)
        await live(db, outside, clock, first)
        await live(db, outside, clock, Life(0, after=False))
        check(outside, await states(db), f"died at step {dies_at}")
        if not first.over.is_set():
            break
    assert dies_at > 20


async def test_invariants_2_3_4_hold_when_the_recovery_dies_too(db: Database):
    for first_death in (6, 11, 16, 21):
        for second_death in (1, 2, 3, 4, 5, 7, 9):
            clock, outside = HandClock(), Outside()
            await forget(db)
            await emit(db, clock, *STORY)
            await live(db, outside, clock, Life(first_death, after=True))
            await live(db, outside, clock, Life(second_death, after=second_death % 2 == 0))
            await live(db, outside, clock, Life(0, after=False))
            check(outside, await states(db), f"died at {first_death}, then at {second_death}")


async def test_invariant_3_a_reply_nobody_can_look_up_is_never_sent_twice(db: Database):
    for dies_at in range(1, 30):
        clock, outside = HandClock(), Outside()
        outside.can_look = False
        await forget(db)
        await emit(db, clock, *STORY[-2:])
        await live(db, outside, clock, Life(dies_at, after=True))
        await live(db, outside, clock, Life(0, after=False))
        assert len(outside.arrived) == len(set(outside.arrived)), f"died at step {dies_at}"
        after = await states(db)
        missing = {"reply:1", "reply:2"} - set(outside.arrived)
        assert all(after[key] == "unsure" for key in missing), f"died at step {dies_at}"


def check(outside: Outside, after: dict[str, str], when: str) -> None:
    assert sorted(outside.arrived) == sorted(e.dedupe_key for e in STORY), when
    assert set(after.values()) == {"sent"}, when
    for before, later in (("root:1", "message:1"), ("root:1", "ping:1"), ("reply:1", "reply:2")):
        assert outside.arrived.index(before) < outside.arrived.index(later), when


async def test_what_a_dead_process_held_is_free_at_once_on_sqlite(db: Database):
    clock, outside = HandClock(), Outside()
    await emit(db, clock, STORY[0])
    outside.will("root:1", "hang")
    stuck = Dispatcher(db, dict.fromkeys(KINDS, outside), clock)
    draining = asyncio.create_task(stuck.drain(timeout=60))
    async with asyncio.timeout(60):
        await outside.asked.wait()
    next_life = Dispatcher(db, dict.fromkeys(KINDS, outside), clock)
    await next_life.recover()
    await next_life.drain()
    rows = await db.read(lambda conn: conn.execute(select(tables.outbox.c.state)).all())
    assert [row.state for row in rows] == ["sent"]
    outside.released.set()
    await draining
