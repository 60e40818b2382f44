"""The parts of the simulator that everything it proves rests on."""

import asyncio
import random
from datetime import timedelta

import pytest

from bot.db.unit import Tx
from bot.domain.effects import post_ops
from bot.outbox import store
from tests.builders import NOW
from tests.simulation.clock import SimClock
from tests.simulation.crash import CrashPoints
from tests.simulation.faults import Chance, Dials, FaultKind
from tests.simulation.forks import ChildFailed, in_copy
from tests.simulation.inline import Storage
from tests.simulation.loop import Stuck, VirtualLoop
from tests.simulation.ports import Killed
from tests.simulation.worlds import Plan


def run(work, **options):
    loop = VirtualLoop(**options)
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def test_hours_pass_in_no_time_and_in_order() -> None:
    async def sleeps() -> list[float]:
        loop = asyncio.get_running_loop()
        seen: list[float] = []
        for hours in (3, 1, 2):
            loop.call_later(hours * 3600, seen.append, hours)
        await asyncio.sleep(4 * 3600)
        return [*seen, round(loop.time())]

    assert run(sleeps()) == [1, 2, 3, 4 * 3600]


def test_who_waits_for_nothing_is_told_so() -> None:
    async def waits() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck, match="nobody waits"):
        run(waits())


def test_the_dice_decide_who_is_first_and_the_same_dice_decide_the_same() -> None:
    async def race() -> tuple[int, ...]:
        order: list[int] = []

        async def step(number: int) -> None:
            await asyncio.sleep(0)
            order.append(number)

        await asyncio.gather(*(step(number) for number in range(6)))
        return tuple(order)

    def with_dice(seed: int) -> tuple[int, ...]:
        order: tuple[int, ...] = run(race(), dice=random.Random(seed))
        return order

    assert run(race()) == tuple(range(6))
    assert len({with_dice(seed) for seed in range(8)}) > 4
    assert with_dice(3) == with_dice(3)


def test_a_dead_process_leaves_what_it_committed_and_nothing_else() -> None:
    points = CrashPoints()
    storage = Storage(points, Chance(1, Dials(), lambda: NOW))

    def ops(tx: Tx, key: str) -> None:
        tx.emit(post_ops(key, "a line"))

    async def lives_and_dies() -> None:
        db = storage.open()
        await db.write(lambda tx: ops(tx, "kept"), now=NOW)
        points.visit = lambda _number, name: name == "db.commit.before"
        await db.write(lambda tx: ops(tx, "lost"), now=NOW)

    async def goes_on() -> bool:
        db = storage.open()
        kinds = ["post_ops"]
        heads = await db.read(lambda conn: store.is_idle(conn, now=NOW, kinds=kinds))
        await db.close()
        return heads

    try:
        with pytest.raises(Killed):
            run(lives_and_dies())
        points.visit = None
        with pytest.raises(Killed):
            points.point("a dead process does nothing")
        storage.after_death()
        points.revive()
        assert storage.commits == 1
        assert run(goes_on()) is False
        keys = storage.read(lambda c: c.exec_driver_sql("SELECT dedupe_key FROM outbox").all())
        assert [key for (key,) in keys] == ["ops:kept"]
    finally:
        storage.remove()


def test_a_clock_that_is_set_does_not_move_the_steady_one() -> None:
    clock = SimClock(lambda: NOW, lambda: 5.0)
    clock.step(timedelta(hours=-1))
    assert clock.now() == NOW - timedelta(hours=1)
    assert clock.monotonic() == 5.0


def test_a_dial_that_is_off_leaves_the_other_dice_alone() -> None:
    dials = Dials.only(slack_429=0.5, kill=0.5)

    def kills(with_these: Dials) -> list[bool]:
        chance = Chance(9, with_these, lambda: NOW)
        thrown = []
        for _ in range(40):
            chance.happens(FaultKind.SLACK_429)
            thrown.append(chance.happens(FaultKind.KILL))
        return thrown

    assert kills(dials) == kills(dials.without(FaultKind.SLACK_429))
    assert any(kills(dials))


def test_a_plan_survives_its_way_through_a_command_line() -> None:
    plan = Plan.drawn(11)
    assert Plan.from_json(plan.to_json()) == plan


def test_what_breaks_in_a_copy_is_told_and_stays_there() -> None:
    assert in_copy(lambda: 6 * 7) == 42
    with pytest.raises(ChildFailed, match="ZeroDivisionError"):
        in_copy(lambda: 1 / 0)
