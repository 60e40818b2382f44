"""What befalls the machine, a process and the lines to the outside, about once in five minutes."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import update

from bot.db import tables
from tests.simulation.desk import Life
from tests.simulation.faults import FaultKind

if TYPE_CHECKING:
    from tests.simulation.worlds import World

EVERY_SECONDS: Final = 300.0


async def weather_of(world: "World", whom: Callable[[], Life | None]) -> None:
    """Have things happen for ever. `whom` names a process that lives, to which they may happen."""
    dice = world.chance.dice("weather")
    while True:
        await asyncio.sleep(dice.uniform(0.3, 1.7) * EVERY_SECONDS)
        for kind, befall in _BEFALL.items():
            # Where there is another process, nobody has to pretend that there was one.
            pretended = kind is FaultKind.SECOND_WORKER and world.plan.workers > 1
            life = None if pretended else whom()
            if life is not None and world.chance.happens(kind):
                await befall(world, life, dice)


async def _kill(world: "World", _life: Life, _dice: random.Random) -> None:
    world.arm(300)


async def _downtime(world: "World", _life: Life, dice: random.Random) -> None:
    hours = dice.choice((1 / 6, 1.0, 3.0)) * min(1.0, world.plan.size.hours / 8)
    world.stay_away(hours * 3600)
    world.arm(100)


async def _fill(world: "World", _life: Life, dice: random.Random) -> None:
    world.tell("weather", "the disk is full")
    length = dice.uniform(20, 600)
    world.storage.full, world.full_until = True, world.seconds() + length
    await asyncio.sleep(length)
    world.storage.full = False
    world.tell("weather", "the disk has room again")


async def _clog(world: "World", _life: Life, dice: random.Random) -> None:
    port = dice.choice(("slack", *(f"market:{name}" for name in world.worlds.markets)))
    length = dice.uniform(30, 1200)
    world.tell("weather", f"{port} answers nothing for {length:.0f} s")
    world.chance.clog(port, timedelta(seconds=length))


async def _step_clock(world: "World", _life: Life, dice: random.Random) -> None:
    off = timedelta(seconds=dice.choice((0.0, dice.uniform(-3600, 3600))))
    world.tell("weather", f"the wall clock is set {off.total_seconds():.0f} s off")
    world.clock.step(off - world.clock.off)


async def _stop(world: "World", life: Life, _dice: random.Random) -> None:
    world.tell("weather", "a process is asked to stop")
    life.stop.set()


async def _ghost(world: "World", life: Life, dice: random.Random) -> None:
    """Another process, gone by now, holds an inbox."""
    inbox = dice.choice(sorted(world.worlds.markets))
    until = life.clock.now() + timedelta(seconds=120)
    box = tables.inbox
    take = (
        update(box).where(box.c.name == inbox).values(lease_owner="desk:0:gone", lease_until=until)
    )
    try:
        await life.db.write(lambda tx: tx.conn.execute(take), now=life.clock.now())
    except Exception as exc:  # noqa: BLE001 - the database has faults of its own
        world.tell("weather", f"no ghost: {type(exc).__name__}")


_BEFALL: Final[Mapping[FaultKind, Callable[["World", Life, random.Random], Awaitable[None]]]] = {
    FaultKind.KILL: _kill,
    FaultKind.DOWNTIME: _downtime,
    FaultKind.DISK_FULL: _fill,
    FaultKind.CLOG: _clog,
    FaultKind.CLOCK_STEP: _step_clock,
    FaultKind.CANCEL_STORM: _stop,
    FaultKind.SECOND_WORKER: _ghost,
}
