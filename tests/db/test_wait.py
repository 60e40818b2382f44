from datetime import timedelta
from functools import partial

import pytest

from bot.db import queries, tables
from bot.errors import DeskError, NotAllowed
from bot.usecases.recompute import open_tickets
from bot.usecases.resolve import Resolve, resolve
from bot.usecases.wait import LONGEST_WAIT, GoOn, WaitFor, go_on, wait_for
from sla_rules.policy import PolicySet
from sla_rules.vocabulary import ClockState, Scope, Waiting
from tests.builders import (
    ANNA,
    NOW,
    VIEWER,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    ticket,
)
from tests.db.reading import effects, event_types, fire, mark_posted, ping_steps, rows

pytestmark = pytest.mark.postgres(first=2)

CLOCKS = [
    {"metric": "response", "scope": "marketplace", "target": "24h"},
    {"metric": "response", "scope": "internal", "target": "12h"},
    {
        "metric": "resolution",
        "scope": "internal",
        "target": "10h",
        "pause_on": ["customer", "third_party"],
    },
]


@pytest.fixture
def desk():
    """Whose resolutions wait for others; its answers never do."""
    own = {"name": "usual", "source": "invented for this test", "clock": CLOCKS}
    return a_desk(policies=PolicySet.load([own]))


async def waits(db, desk, at, *, on=Waiting.CUSTOMER, until: timedelta | None = None, actor=ANNA):
    view = await ticket(db)
    command = WaitFor(ticket_id=view.id, actor=actor, on=on, until=at + until if until else None)
    return await db.write(lambda tx: wait_for(tx, desk, command), now=at, urgent=True)


async def goes_on(db, desk, at):
    view = await ticket(db)
    command = GoOn(ticket_id=view.id, actor=ANNA)
    return await db.write(lambda tx: go_on(tx, desk, command), now=at, urgent=True)


async def resolution(db):
    (found,) = [each for each in (await ticket(db)).clocks if each.metric == "resolution"]
    return found


async def test_a_resolution_stands_still_while_the_desk_waits(db, desk):
    await a_ticket(db, desk)
    at = NOW + hours(2)

    outcome = await waits(db, desk, at)

    clock = await resolution(db)
    assert outcome.paused == 1
    assert (clock.state, clock.paused_at) == (ClockState.PAUSED, at)
    view = await ticket(db)
    assert view.wait is not None
    assert (view.wait.on, view.wait.since, view.wait.until) == (Waiting.CUSTOMER, at, None)
    assert "waiting" in await event_types(db, view.id)


async def test_response_clocks_run_on_while_the_desk_waits(db, desk):
    await a_ticket(db, desk)
    await waits(db, desk, NOW + hours(2))
    found = {
        (each.scope, each.state)
        for each in (await ticket(db)).clocks
        if each.metric != "resolution"
    }
    assert found == {
        (Scope.MARKETPLACE, ClockState.RUNNING),
        (Scope.INTERNAL, ClockState.RUNNING),
    }


async def test_a_desk_whose_clocks_never_pause_says_so(db):
    without = a_desk()
    view = await a_ticket(db, without)
    await mark_posted(db, view.id)
    assert (await waits(db, without, NOW + hours(2))).paused == 0
    assert sorted(await effects(db)) == ["post_log", "update_card"]


async def test_going_on_by_hand_moves_what_is_left(db, desk):
    view = await a_ticket(db, desk)
    await waits(db, desk, NOW + hours(2))

    assert (await goes_on(db, desk, NOW + hours(5))).ticket_id == view.id

    clock = await resolution(db)
    assert (clock.state, clock.paused_at) == (ClockState.RUNNING, None)
    assert clock.due_at == NOW + hours(13)
    assert (await ticket(db)).wait is None


async def test_the_customers_next_words_end_the_wait_for_them(db, desk):
    await arrive(db, desk, an_inbound(thread="a"))
    await waits(db, desk, NOW + hours(2))

    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(4)))

    clock = await resolution(db)
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, NOW + hours(12))
    assert (await ticket(db)).wait is None


async def test_waiting_for_a_carrier_goes_on_through_the_customers_words(db, desk):
    await arrive(db, desk, an_inbound(thread="a"))
    await waits(db, desk, NOW + hours(2), on=Waiting.THIRD_PARTY)

    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(4)))

    assert (await resolution(db)).state is ClockState.PAUSED
    view = await ticket(db)
    assert view.wait is not None
    assert view.wait.on is Waiting.THIRD_PARTY


async def test_a_wait_with_an_end_moves_the_deadline_at_once_and_counts_as_still(db, desk):
    await a_ticket(db, desk)

    outcome = await waits(db, desk, NOW + hours(2), until=hours(3))

    clock = await resolution(db)
    assert outcome.paused == 1
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, NOW + hours(13))
    view = await ticket(db)
    assert view.wait is not None
    assert view.wait.until == NOW + hours(5)


async def test_pings_of_a_paused_clock_are_silent_and_come_back_shifted(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    before = await ping_steps(db, view.id)
    await waits(db, desk, NOW + hours(2))
    assert await ping_steps(db, view.id) == []
    assert (await fire(db, desk, NOW + hours(20))).fired == 0

    await goes_on(db, desk, NOW + hours(21))

    assert await ping_steps(db, view.id) == before
    assert (await fire(db, desk, NOW + hours(23.9))).fired == 0
    assert (await fire(db, desk, NOW + hours(24))).fired == 1


async def test_a_pause_after_the_miss_does_not_undo_it(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    await fire(db, desk, NOW + hours(10))

    assert (await waits(db, desk, NOW + hours(11))).paused == 0

    clock = await resolution(db)
    assert (clock.state, clock.due_at) == (ClockState.RUNNING, NOW + hours(10))
    assert clock.breached_at == NOW + hours(10)


async def test_a_resolution_ends_the_wait_within_its_time(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    await waits(db, desk, NOW + hours(2))

    await db.write(
        lambda tx: resolve(tx, desk, Resolve(ticket_id=view.id, actor=ANNA)), now=NOW + hours(30)
    )

    assert (await resolution(db)).state is ClockState.MET
    assert (await ticket(db)).wait is None
    with pytest.raises(DeskError, match="resolved"):
        await waits(db, desk, NOW + hours(31))


async def test_the_card_is_drawn_anew_when_a_clock_stops_and_when_it_goes_on(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    await waits(db, desk, NOW + hours(2))
    assert sorted(await effects(db)) == ["post_log", "update_card"]
    await mark_posted(db, view.id)
    await goes_on(db, desk, NOW + hours(3))
    assert sorted(await effects(db)) == ["post_log", "update_card"]


async def test_the_queue_tells_a_ticket_that_stands_still_from_one_without_clocks(db, desk):
    only_resolution = {"name": "usual", "source": "invented", "clock": CLOCKS[2:]}
    patient = a_desk(policies=PolicySet.load([only_resolution]))
    await a_ticket(db, patient)
    await waits(db, patient, NOW + hours(2))
    (found,) = await db.read(lambda conn: queries.queue(conn, "all", "", NOW))
    assert (found.next_due_at, found.paused_at) == (None, NOW + hours(2))


async def test_what_stands_still_is_neither_missed_nor_due_soon(db, desk):
    only_resolution = {"name": "usual", "source": "invented", "clock": CLOCKS[2:]}
    patient = a_desk(policies=PolicySet.load([only_resolution]))
    await a_ticket(db, patient)
    await waits(db, patient, NOW + hours(2))
    for at in (NOW + hours(9), NOW + hours(30)):
        status = await db.read(partial(queries.sla_status, now=at))
        assert (status.open, status.missed, status.due_soon) == (1, 0, 0)


async def test_a_ticket_whose_only_clock_stands_still_is_recomputed_like_others(db, desk):
    view = await a_ticket(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    await waits(db, desk, NOW + hours(2))
    assert await db.read(open_tickets) == [view.id]


@pytest.mark.parametrize("until", [-minutes(1), LONGEST_WAIT + minutes(1)])
async def test_a_wait_ends_in_the_future_but_not_in_years(db, desk, until):
    await a_ticket(db, desk)
    with pytest.raises(DeskError, match="wait"):
        await waits(db, desk, NOW + hours(2), until=until)
    assert await rows(db, tables.ticket_event, type="waiting") == []


async def test_only_who_works_here_makes_a_clock_stand_still(db, desk):
    await a_ticket(db, desk)
    with pytest.raises(NotAllowed):
        await waits(db, desk, NOW + hours(2), actor=VIEWER)
