import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
import structlog.testing
from typing_extensions import override

from bot.clock import Clock
from bot.domain.effects import EffectKind, Priority
from bot.outbox.dispatcher import Dispatcher
from bot.outbox.executor import (
    Ambiguous,
    GroupPaused,
    Refused,
    Sent,
    Superseded,
    Throttled,
    TryLater,
)
from bot.outbox.lanes import PAUSE_PROBE_SECONDS, Rate
from tests.db.outbox_world import (
    KINDS,
    HandClock,
    Outside,
    column,
    dispatcher,
    effect,
    emit,
    states,
)

pytestmark = pytest.mark.postgres


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def outside() -> Outside:
    return Outside()


class Rates:
    """One bucket for each lane group, and nothing else."""

    def __init__(self, **rates: Rate) -> None:
        self.rates = rates

    def gates(self, *, kind: str, lane: str, lane_group: str) -> Sequence[str]:
        return (lane_group, lane) if lane in self.rates else (lane_group,)

    def rate(self, gate: str) -> Rate | None:
        return self.rates.get(gate)

    def in_flight(self, lane_group: str) -> int:
        return 100


async def test_effects_of_a_lane_go_out_one_after_the_other_in_order(db, clock, outside):
    await emit(db, clock, *(effect(f"log:{n}") for n in range(5)))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == [f"log:{n}" for n in range(5)]
    assert outside.most_under_way == 1
    assert set((await states(db)).values()) == {"sent"}


async def test_the_intent_is_committed_before_anything_leaves(db, clock, outside):
    seen: list[object] = []
    d = dispatcher(db, outside, clock)

    class Watching(Outside):
        @override
        async def send(self, row):
            seen.append(
                (
                    await column(db, row.dedupe_key, "state"),
                    await column(db, row.dedupe_key, "attempts"),
                    await column(db, row.dedupe_key, "lease_until"),
                )
            )
            return await super().send(row)

    await emit(db, clock, effect("log:1"))
    d = dispatcher(db, Watching(), clock)
    await d.drain()
    assert seen == [("sending", 1, clock.now() + timedelta(seconds=60))]


async def test_different_lanes_go_out_at_once_and_a_stuck_one_holds_no_other(db, clock, outside):
    outside.will("log:stuck", "hang")
    await emit(
        db,
        clock,
        effect("log:stuck", lane="ticket:1"),
        effect("log:behind", lane="ticket:1"),
        *(effect(f"log:{n}", lane=f"ticket:{n}") for n in range(2, 8)),
    )
    draining = asyncio.create_task(dispatcher(db, outside, clock).drain(timeout=60))
    await outside.holds(6)
    assert sorted(outside.arrived) == [f"log:{n}" for n in range(2, 8)]
    outside.released.set()
    await draining
    assert outside.arrived[6:] == ["log:stuck", "log:behind"]


async def test_the_most_urgent_goes_first_then_the_oldest(db, clock, outside):
    for n, priority in enumerate([Priority.LOG, Priority.ROOT, Priority.BREACH, Priority.ROOT]):
        clock.move(1)
        await emit(db, clock, effect(f"e:{n}", lane=f"ticket:{n}", priority=priority))
    limits = Rates(**{"slack:C1": Rate(per_second=0.1, burst=1)})
    d = dispatcher(db, outside, clock, limits)
    for _ in range(4):
        await d.drain()
        clock.move(10)
    assert outside.arrived == ["e:2", "e:1", "e:3", "e:0"]


async def test_a_breach_ping_carries_its_unsent_root_past_older_ones(db, clock, outside):
    """Invariant 4: a ping rides on its root; the root overtakes with it."""
    for n in range(1, 4):
        clock.move(1)
        root = {"kind": EffectKind.POST_ROOT, "priority": Priority.ROOT, "lane": f"ticket:{n}"}
        await emit(db, clock, effect(f"root:{n}", **root))
    ping = {"kind": EffectKind.POST_PING, "priority": Priority.BREACH, "lane": "ticket:3"}
    await emit(db, clock, effect("ping:3", **ping))
    d = dispatcher(db, outside, clock, Rates(**{"slack:C1": Rate(per_second=0.1, burst=1)}))
    for _ in range(4):
        await d.drain()
        clock.move(10)
    assert outside.arrived == ["root:3", "ping:3", "root:1", "root:2"]


async def test_a_root_goes_first_even_when_the_clock_was_set_back(db, clock, outside):
    """Invariant 2: what waits for a card must not block that card."""
    await emit(db, clock, effect("log:early"))
    await emit(db, clock, effect("root:1", kind=EffectKind.POST_ROOT, priority=Priority.ROOT))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["root:1", "log:early"]


async def test_no_lane_waits_while_another_could_send(db, clock, outside):
    """Work-conserving: 150 cards of a full channel hide no other channel's one log line."""
    await emit(
        db,
        clock,
        *(effect(f"c1:{n}", lane=f"t:{n}", priority=Priority.BREACH) for n in range(150)),
        effect("c2:0", lane="t:other", lane_group="slack:C2"),
    )
    limits = Rates(**{"slack:C1": Rate(per_second=0.01, burst=2)})
    await dispatcher(db, outside, clock, limits).drain()
    assert sorted(outside.arrived) == ["c1:0", "c1:1", "c2:0"]


async def test_a_lane_with_its_own_rate_holds_only_itself(db, clock, outside):
    await emit(
        db,
        clock,
        *(effect(f"card:1:{n}", lane="card:1") for n in range(3)),
        *(effect(f"card:2:{n}", lane="card:2") for n in range(3)),
    )
    limits = Rates(**{"card:1": Rate(per_second=0.1, burst=1)})
    await dispatcher(db, outside, clock, limits).drain()
    assert [key for key in outside.arrived if key.startswith("card:1")] == ["card:1:0"]
    assert [key for key in outside.arrived if key.startswith("card:2")] == [
        f"card:2:{n}" for n in range(3)
    ]


async def test_what_is_not_due_yet_waits_and_blocks_its_lane(db, clock, outside):
    later = clock.now() + timedelta(seconds=10)
    await emit(db, clock, effect("reply:1", not_before=later), effect("reply:2"))
    d = dispatcher(db, outside, clock)
    await d.drain()
    assert outside.arrived == []
    clock.move(10)
    await d.drain()
    assert outside.arrived == ["reply:1", "reply:2"]


async def test_a_throttle_closes_its_group_only_and_counts_no_attempt(db, clock, outside):
    outside.will("c1:0", Throttled(30.0))
    await emit(
        db,
        clock,
        effect("c1:0", lane="a"),
        effect("c2:0", lane="c", lane_group="slack:C2"),
    )
    d = dispatcher(db, outside, clock)
    await d.drain()
    await emit(db, clock, effect("c1:1", lane="b"))
    await d.drain()
    assert outside.arrived == ["c2:0"]
    assert await column(db, "c1:0", "attempts") == 0
    clock.move(30)
    await d.drain()
    assert sorted(outside.arrived) == ["c1:0", "c1:1", "c2:0"]


async def test_what_was_not_handed_over_is_tried_again_with_growing_waits(db, clock, outside):
    outside.will("log:1", *[TryLater("away")] * 4)
    await emit(db, clock, effect("log:1"))
    d = dispatcher(db, outside, clock)
    waits: list[int] = []
    for _ in range(5):
        await d.drain()
        waited = 0
        while not outside.arrived and len(outside.sends) == len(waits) + 1:
            clock.move(1)
            waited += 1
            await d.drain()
        waits.append(waited)
    assert outside.arrived == ["log:1"]
    assert len(outside.sends) == 5
    assert all(1 <= wait <= 2**n for n, wait in enumerate(waits[:4], 1))


async def test_invariant_4_a_lost_answer_is_looked_up_and_not_sent_again(db, clock, outside):
    outside.will("ping:1", "lost")
    await emit(db, clock, effect("ping:1"), effect("log:2"))
    d = dispatcher(db, outside, clock)
    with structlog.testing.capture_logs() as logs:
        await d.drain()
    assert outside.arrived == ["ping:1"]
    warned = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warned == ["outbox.in_doubt"]
    clock.move(2)
    await d.drain()
    assert outside.arrived == ["ping:1", "log:2"]
    assert await states(db) == {"ping:1": "sent", "log:2": "sent"}


async def test_invariant_4_what_certainly_did_not_arrive_is_sent_again(db, clock, outside):
    outside.will("ping:1", Ambiguous("cut before it left"))
    await emit(db, clock, effect("ping:1"))
    d = dispatcher(db, outside, clock)
    await d.drain()
    clock.move(2)
    await d.drain()
    assert outside.arrived == ["ping:1"]
    assert outside.sends == ["ping:1", "ping:1"]


async def test_invariant_3_what_nobody_can_tell_is_never_sent_again_and_blocks_nothing(
    db, clock, outside
):
    outside.can_look = False
    outside.will("reply:1", "lost")
    await emit(db, clock, effect("reply:1"), effect("reply:2"))
    d = dispatcher(db, outside, clock)
    await d.drain()
    for _ in range(20):
        clock.move(600)
        await d.drain()
    assert outside.sends == ["reply:1", "reply:2"]
    assert await states(db) == {"reply:1": "unsure", "reply:2": "sent"}


async def test_a_broken_executor_counts_as_in_doubt_and_not_as_unsent(db, clock):
    class Broken(Outside):
        @override
        async def send(self, row):
            await super().send(row)
            raise ZeroDivisionError

    outside = Broken()
    await emit(db, clock, effect("log:1"))
    d = dispatcher(db, outside, clock)
    await d.drain()
    clock.move(2)
    await d.drain()
    assert outside.arrived == ["log:1"]
    assert await states(db) == {"log:1": "sent"}


async def test_a_send_that_never_answers_is_given_up_and_looked_up(db, clock, outside):
    outside.will("log:1", "hang")
    await emit(db, clock, effect("log:1"))
    d = dispatcher(db, outside, clock, send_seconds=0.05)
    await d.drain()
    assert await column(db, "log:1", "last_error") == "outcome unknown: no answer in time"


async def test_a_refusal_is_final_and_told_to_ops(db, clock, outside):
    outside.will("log:1", Refused("the channel is gone"))
    await emit(db, clock, effect("log:1"))
    await dispatcher(db, outside, clock).drain()
    after = await states(db)
    assert after["log:1"] == "dead"
    assert [key for key in outside.arrived if key.startswith("ops:")] == [
        key for key in after if key.startswith("ops:dead:")
    ]


async def test_a_refused_ops_line_is_not_told_to_ops(db, clock, outside):
    outside.will("ops:x", Refused("the ops channel is gone"))
    await emit(db, clock, effect("ops:x", kind=EffectKind.POST_OPS, lane="ops"))
    await dispatcher(db, outside, clock).drain()
    assert await states(db) == {"ops:x": "dead"}


async def test_invariant_10_a_paused_inbox_stops_only_itself_and_is_told_once(db, clock, outside):
    outside.will("reply:1", *[GroupPaused("password refused")] * 2)
    inbox = {"kind": EffectKind.SEND_REPLY, "lane_group": "inbox:a"}
    await emit(
        db,
        clock,
        effect("reply:1", lane="reply:1", **inbox),
        effect("log:1", lane="ticket:9"),
    )
    d = dispatcher(db, outside, clock)
    await d.drain()
    await emit(db, clock, effect("reply:2", lane="reply:2", **inbox))
    await d.drain()
    assert d.paused() == {"inbox:a": "password refused"}
    assert outside.sends.count("reply:2") == 0
    clock.move(PAUSE_PROBE_SECONDS)
    await d.drain()
    after = await states(db)
    assert [key for key in after if key.startswith("ops:paused:inbox:a")] == [
        key for key in outside.arrived if key.startswith("ops:")
    ]
    assert len([key for key in after if key.startswith("ops:paused:")]) == 1
    assert "log:1" in outside.arrived

    d.resume("inbox:a")
    await d.drain()
    assert {"reply:1", "reply:2"} <= set(outside.arrived)
    assert await column(db, "reply:1", "attempts") == 1


async def test_rows_of_a_kind_nobody_here_sends_are_left_for_another_version(db, clock, outside):
    await emit(db, clock, effect("log:1", lane="a"), effect("x:1", lane="b", kind="post_future"))
    await dispatcher(db, outside, clock).drain()
    assert await states(db) == {"log:1": "sent", "x:1": "ready"}


async def test_only_the_newest_unsent_edit_of_a_card_is_sent(db, clock, outside):
    card = {"kind": EffectKind.UPDATE_CARD, "lane": "card:1", "coalesce_key": "card:1"}
    await emit(db, clock, *(effect(f"card:1:{n}", **card) for n in range(4)))
    await dispatcher(db, outside, clock).drain()
    assert outside.arrived == ["card:1:3"]


async def test_what_follows_from_a_send_is_written_with_its_settlement(db, clock):
    class Following(Outside):
        @override
        async def send(self, row):
            await super().send(row)
            if row.dedupe_key == "log:1":
                return Sent(then=lambda tx: tx.emit(effect("log:next", lane="ticket:2")))
            return Superseded(reason="seen")

    await emit(db, clock, effect("log:1"))
    await dispatcher(db, Following(), clock).drain()
    assert await states(db) == {"log:1": "sent", "log:next": "superseded"}


async def test_a_stale_worker_discards_its_settlement(db, clock, outside):
    """Invariant 4: the fence decides who may say how an effect ended."""
    outside.will("log:1", "hang")
    await emit(db, clock, effect("log:1"))
    slow = asyncio.create_task(dispatcher(db, outside, clock).drain(timeout=60))
    async with asyncio.timeout(60):
        await outside.asked.wait()
    clock.move(61)
    quick_side = Outside()
    await dispatcher(db, quick_side, clock).drain()
    assert quick_side.arrived == ["log:1"]
    outside.released.set()
    with structlog.testing.capture_logs() as logs:
        await slow
    assert [entry["event"] for entry in logs] == ["outbox.stale"]
    assert await column(db, "log:1", "result") == {"at": 1}


async def test_the_running_loop_sends_what_is_committed_at_once(db, outside):
    class Patient(Dispatcher):
        """Looks by itself once in ten minutes; a commit has to wake it."""

        async def _seconds_to_wait(self) -> float:
            asleep.set()
            return 600

    asleep, clock = asyncio.Event(), Clock()
    loop = asyncio.create_task(Patient(db, dict.fromkeys(KINDS, outside), clock).run())
    async with asyncio.timeout(30):
        await asleep.wait()
        await emit(db, clock, effect("log:1"))
        await outside.arrival.wait()
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert await states(db) == {"log:1": "sent"}
