"""An effect that nobody wants any more costs nothing of the rates: another one goes in its place."""

from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.db import tables
from bot.db.unit import Database
from bot.domain.effects import EffectKind
from bot.outbox.executor import Superseded
from bot.outbox.lanes import NoLimits, Rate
from bot.outbox.shared_rates import SharedRates
from bot.outbox.store import Head
from tests.databases import open_engine
from tests.db.outbox_world import HandClock, Outside, dispatcher, effect, emit
from tests.db.reading import rows

pytestmark = pytest.mark.postgres

GATE = "slack:C1"


class Slow(NoLimits):
    """Two at once, and then one in a hundred seconds."""

    def rate(self, gate):
        return Rate(per_second=0.01, burst=2) if gate == GATE else None


class Stale(Outside):
    """Nobody wants what begins with `stale` any more, which some learn by calling the other side."""

    def __init__(self, *, called: bool) -> None:
        super().__init__()
        self.called = called

    async def send(self, row):
        sent = await super().send(row)
        if row.dedupe_key.startswith("stale"):
            return Superseded(reason="it was answered meanwhile", called=self.called)
        return sent


@pytest.mark.parametrize(("called", "sends"), [(False, 9), (True, 2)])
async def test_what_is_dropped_unsent_leaves_its_place_to_others(db, called, sends):
    limits, outside = Slow(), Stale(called=called)
    clock = HandClock() if db.is_sqlite else Clock()
    keys = [*(f"stale-{n}" for n in range(7)), "one", "two"]
    await emit(db, clock, *(effect(key, lane=f"ticket:{key}") for key in keys))
    shared = None if db.is_sqlite else SharedRates(limits)
    await dispatcher(db, outside, clock, limits, shared=shared).drain()
    assert outside.sends == keys[:sends]


async def test_a_place_that_was_given_back_opens_no_gate_that_was_shut(postgres_emptied_url):
    db, clock = Database(open_engine(postgres_emptied_url)), Clock()
    limits, outside = Slow(), Outside()
    shared = SharedRates(limits)
    await emit(db, clock, effect("one"))
    await dispatcher(db, outside, clock, limits, shared=shared).drain()
    await db.write(lambda tx: shared.close(tx.conn, GATE, 3600.0), now=clock.now())
    sent = Head(id=1, kind=str(EffectKind.POST_LOG), lane="ticket:1", lane_group=GATE)
    [before] = await rows(db, tables.desk_state)
    await db.write(lambda tx: shared.give_back(tx.conn, sent), now=clock.now())
    [after] = await rows(db, tables.desk_state)
    await db.close()
    assert after.at == before.at > clock.now() + timedelta(minutes=59)
