"""The end of a wait or a snooze is told in the thread when it comes, once, where it still matters."""

from dataclasses import replace

import pytest

from bot.db import tables
from bot.db.due_rows import what_comes
from bot.domain.quiet_hours import read_quiet
from bot.jobs.tick import Ticker
from bot.usecases.claim import Claim, claim
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.pause_end import tell_ends
from bot.usecases.resolve import Resolve, resolve
from bot.usecases.snooze import Snooze, snooze
from bot.usecases.undo import UndoEvent, undo_event
from bot.usecases.wait import GoOn, WaitFor, go_on, wait_for
from sla_rules.policy import PolicySet
from sla_rules.vocabulary import Waiting
from tests.builders import (
    ANNA,
    BRUNO,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    ticket,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import effects, event_types, fire, last_event, mark_posted, rows

pytestmark = pytest.mark.postgres(first=2)

RESPONSE = {"metric": "response", "scope": "internal", "target": "12h", "warn": ["50%"]}
RESOLUTION = {
    "metric": "resolution",
    "scope": "internal",
    "target": "20h",
    "warn": ["50%"],
    "pause_on": ["customer", "third_party"],
}


def desk_with(*clocks):
    own = {"name": "usual", "source": "invented for this test", "clock": list(clocks)}
    return a_desk(policies=PolicySet.load([own]))


@pytest.fixture
def desk():
    """Warns half-way through the twelve hours that an answer may take."""
    return desk_with(RESPONSE)


async def do(db, desk, verb, command, at):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


async def look(db, desk, at):
    return await db.write(lambda tx: tell_ends(tx, desk), now=at)


async def owned(db, desk, *, inbox=None):
    view = await (a_ticket(db, desk, inbox=inbox) if inbox else a_ticket(db, desk))
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA), NOW)
    await mark_posted(db, view.id)
    return view


async def snoozed(db, desk, view, *, at, until, actor=ANNA):
    await do(db, desk, snooze, Snooze(ticket_id=view.id, actor=actor, until=until), at)


async def waits(db, desk, view, *, at, until, on=Waiting.THIRD_PARTY):
    command = WaitFor(ticket_id=view.id, actor=ANNA, on=on, until=until)
    await do(db, desk, wait_for, command, at)


async def told(db, view, type_):
    """How often the end was told."""
    return (await event_types(db, view.id)).count(type_)


async def test_the_end_of_a_wait_is_told_once_and_its_card_drawn_anew(db, desk):
    view = await owned(db, desk)
    await waits(db, desk, view, at=NOW, until=NOW + hours(2))
    await mark_posted(db, view.id)

    await look(db, desk, NOW + hours(2) - minutes(1))
    assert await told(db, view, "wait_ended") == 0
    await look(db, desk, NOW + hours(2))
    await look(db, desk, NOW + hours(3))

    assert await told(db, view, "wait_ended") == 1
    assert sorted(await effects(db)) == ["post_log", "update_card"]
    assert (await last_event(db, view.id, "wait_ended")).actor == "desk"
    assert (await db.read(what_comes)).pause_end is None


async def test_the_end_of_a_snooze_is_told_once(db, desk):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(2))
    for at in (NOW + hours(2), NOW + hours(2), NOW + hours(5)):
        await look(db, desk, at)
    assert await told(db, view, "snooze_ended") == 1


async def test_an_end_far_from_the_deadline_calls_nobody(db, desk):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(2))
    await look(db, desk, NOW + hours(2))
    assert "called" not in (await last_event(db, view.id, "snooze_ended")).data


async def test_an_end_after_a_warning_that_was_silent_calls_the_owner(db, desk):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(7))
    await fire(db, desk, NOW + hours(6))
    await look(db, desk, NOW + hours(7))
    assert (await last_event(db, view.id, "snooze_ended")).data["called"] == [ANNA]


async def test_a_ticket_without_an_owner_calls_nobody(db, desk):
    view = await a_ticket(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(7))
    await fire(db, desk, NOW + hours(6))
    await look(db, desk, NOW + hours(7))
    assert "called" not in (await last_event(db, view.id, "snooze_ended")).data


async def test_a_ping_of_the_same_moment_calls_alone(db, desk):
    view = await owned(db, desk)
    await waits(db, desk, view, at=NOW, until=NOW + hours(6))
    clock = HandClock(NOW + hours(6))
    await Ticker(db, lambda: desk, clock).tick()
    assert "ping" in await event_types(db, view.id)
    assert "called" not in (await last_event(db, view.id, "wait_ended")).data


async def test_a_missed_deadline_calls_nobody_once_more(db, desk):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(13))
    await fire(db, desk, NOW + hours(12))
    await look(db, desk, NOW + hours(13))
    assert "called" not in (await last_event(db, view.id, "snooze_ended")).data


async def test_an_owner_with_quiet_hours_is_not_called(db, desk):
    view = await owned(db, desk)
    anna = replace(desk.roster.agents[ANNA], quiet=read_quiet("16:00-20:00", "Europe/Rome"))
    desk = replace(desk, roster=replace(desk.roster, agents={**desk.roster.agents, ANNA: anna}))
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(7))
    await fire(db, desk, NOW + hours(6))
    await look(db, desk, NOW + hours(7))
    assert "called" not in (await last_event(db, view.id, "snooze_ended")).data


async def test_at_night_a_clock_of_business_hours_calls_nobody(db):
    desk = desk_with({**RESPONSE, "calendar": "shop"})
    view = await owned(db, desk, inbox=SHOP)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(12))
    await fire(db, desk, NOW + hours(7.5))
    await look(db, desk, NOW + hours(12))
    assert "called" not in (await last_event(db, view.id, "snooze_ended")).data


@pytest.mark.parametrize("ending", ["answered", "no answer needed", "resolved"])
async def test_nothing_is_told_of_a_ticket_that_is_answered_or_resolved(db, desk, ending):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(2))
    await waits(db, desk, view, at=NOW, until=NOW + hours(2))
    at = NOW + hours(1)
    if ending == "answered":
        await answer(db, desk, view.id, at=at)
    elif ending == "resolved":
        await do(db, desk, resolve, Resolve(ticket_id=view.id, actor=ANNA), at)
    else:
        await do(db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=view.id, actor=ANNA), at)

    await look(db, desk, NOW + hours(2))

    assert await told(db, view, "snooze_ended") == await told(db, view, "wait_ended") == 0
    assert await rows(db, tables.pause_end) == []


async def test_after_the_answer_an_end_is_told_where_a_resolution_runs_and_calls_nobody(db):
    desk = desk_with(RESPONSE, RESOLUTION)
    view = await owned(db, desk)
    await answer(db, desk, view.id, at=NOW + hours(1))
    await fire(db, desk, NOW + hours(10))
    await waits(db, desk, view, at=NOW + hours(11), until=NOW + hours(14))
    await look(db, desk, NOW + hours(14))
    assert await told(db, view, "wait_ended") == 1
    assert "called" not in (await last_event(db, view.id, "wait_ended")).data


async def test_only_the_last_of_several_ends_is_told(db, desk):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(2))
    await snoozed(db, desk, view, at=NOW + minutes(5), until=NOW + hours(3), actor=BRUNO)
    await look(db, desk, NOW + hours(2))
    assert await told(db, view, "snooze_ended") == 0
    await look(db, desk, NOW + hours(3))
    assert await told(db, view, "snooze_ended") == 1


async def test_a_snooze_taken_back_leaves_the_end_of_the_one_before(db, desk):
    view = await owned(db, desk)
    await snoozed(db, desk, view, at=NOW, until=NOW + hours(2))
    await snoozed(db, desk, view, at=NOW + minutes(5), until=NOW + hours(3))
    last = await last_event(db, view.id, "snoozed")
    command = UndoEvent(ticket_id=view.id, event_id=last.id, actor=ANNA)
    await do(db, desk, undo_event, command, NOW + minutes(5))
    await look(db, desk, NOW + hours(2))
    assert await told(db, view, "snooze_ended") == 1


async def test_a_wait_that_was_ended_by_hand_or_by_the_customer_is_not_told_again(db, desk):
    await arrive(db, desk, an_inbound(thread="a"))
    view = await ticket(db)
    await waits(db, desk, view, at=NOW, until=NOW + hours(2))
    await do(db, desk, go_on, GoOn(ticket_id=view.id, actor=ANNA), NOW + hours(1))
    await look(db, desk, NOW + hours(2))
    await waits(db, desk, view, at=NOW + hours(2), until=NOW + hours(4), on=Waiting.CUSTOMER)
    await arrive(db, desk, an_inbound(thread="a", sent_at=NOW + hours(3)))
    await look(db, desk, NOW + hours(4))
    assert await told(db, view, "wait_ended") == 0


async def test_a_wait_without_an_end_plans_none(db, desk):
    view = await owned(db, desk)
    await waits(db, desk, view, at=NOW, until=None)
    assert await rows(db, tables.pause_end) == []


async def test_the_loop_that_fires_pings_tells_ends_too_also_after_a_restart(db, desk):
    view = await owned(db, desk)
    await waits(db, desk, view, at=NOW, until=NOW + hours(2))
    clock = HandClock(NOW + hours(1))
    await Ticker(db, lambda: desk, clock).tick()
    assert await told(db, view, "wait_ended") == 0
    clock.move(90 * 60)
    await Ticker(db, lambda: desk, clock).tick()
    assert await told(db, view, "wait_ended") == 1
