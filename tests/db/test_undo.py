from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from bot.db import tables
from bot.domain.desk import Desk
from bot.errors import Conflict, DeskError, NotAllowed
from bot.usecases.assign import Assign, assign
from bot.usecases.claim import Claim, claim
from bot.usecases.clocks import replan
from bot.usecases.meanwhile import newest_act, refuse_if_changed
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import AddNote, add_note
from bot.usecases.reclassify import Reclassify, reclassify
from bot.usecases.release import Release, release
from bot.usecases.resolve import Resolve, resolve
from bot.usecases.snooze import Snooze, snooze
from bot.usecases.transfer import Transfer, transfer
from bot.usecases.undo import UndoEvent, undo_event
from bot.usecases.wait import WaitFor, wait_for
from sla_rules.topics import Topic
from sla_rules.vocabulary import Risk, Waiting
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    NOW,
    VIEWER,
    a_ticket,
    an_inbound,
    arrive,
    days,
    hours,
    minutes,
    ticket,
)
from tests.db.reading import event_types, last_event, rows

pytestmark = pytest.mark.postgres(first=2)

AT = NOW + hours(1)
SOON = AT + minutes(0.1)


async def do(db, desk, verb, command, at=AT):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


async def newest(db, ticket_id):
    return await db.read(lambda conn: newest_act(conn, ticket_id))


async def undo(db, desk, view, *, actor=ANNA, at=SOON, event=None):
    found = event or await newest(db, view.id)
    command = UndoEvent(ticket_id=view.id, event_id=found.id, actor=actor)
    return await do(db, desk, undo_event, command, at)


def looks(view):
    """What people see of a ticket: everything but its counters."""
    return replace(view, version=0, newest_event=0)


VERBS: dict[str, tuple[Any, Any, Any]] = {
    "claim": (claim, Claim(ticket_id=0, actor=ANNA), None),
    "take over": (
        claim,
        Claim(ticket_id=0, actor=ANNA, take_over_from=BRUNO),
        (claim, Claim(ticket_id=0, actor=BRUNO)),
    ),
    "release": (
        release,
        Release(ticket_id=0, actor=ANNA),
        (claim, Claim(ticket_id=0, actor=BRUNO)),
    ),
    "assign": (assign, Assign(ticket_id=0, actor=ANNA, assignee=BRUNO), None),
    "transfer": (
        transfer,
        Transfer(ticket_id=0, actor=ANNA, assignee=BRUNO, note="yours"),
        (claim, Claim(ticket_id=0, actor=ANNA)),
    ),
    "resolve": (resolve, Resolve(ticket_id=0, actor=ANNA), None),
    "no answer needed": (no_answer_needed, NoAnswerNeeded(ticket_id=0, actor=ANNA), None),
    "class": (
        reclassify,
        Reclassify(
            ticket_id=0,
            actor=ANNA,
            risk=Risk.CRITICAL,
            vip=True,
            topic=Topic.RETURN,
            tags=frozenset({"gift"}),
        ),
        None,
    ),
    "snooze": (
        snooze,
        Snooze(ticket_id=0, actor=ANNA, until=NOW + days(1)),
        (snooze, Snooze(ticket_id=0, actor=ANNA, until=NOW + days(2))),
    ),
    "wait": (wait_for, WaitFor(ticket_id=0, actor=ANNA, on=Waiting.THIRD_PARTY), None),
    "another wait": (
        wait_for,
        WaitFor(ticket_id=0, actor=ANNA, on=Waiting.THIRD_PARTY),
        (wait_for, WaitFor(ticket_id=0, actor=ANNA, on=Waiting.CUSTOMER)),
    ),
}


@pytest.mark.parametrize("name", VERBS)
async def test_a_ticket_is_as_it_was_before_what_is_taken_back(db, desk, name):
    verb, command, earlier = VERBS[name]
    view = await a_ticket(db, desk)
    if earlier is not None:
        before_verb, before_command = earlier
        await do(db, desk, before_verb, replace(before_command, ticket_id=view.id))
    before = await ticket(db)
    await do(db, desk, verb, replace(command, ticket_id=view.id))
    assert looks(await ticket(db)) != looks(before)

    done = await undo(db, desk, view)

    assert looks(await ticket(db)) == looks(before)
    assert (done.number, done.assignee) == (1, before.assignee)
    assert (await event_types(db, view.id))[-1] == "undone"


@pytest.mark.parametrize("name", ["resolve", "no answer needed", "class", "wait"])
async def test_invariant_7_what_was_taken_back_stays_so_when_clocks_are_recomputed(db, desk, name):
    verb, command, _ = VERBS[name]
    view = await a_ticket(db, desk)
    await do(db, desk, verb, replace(command, ticket_id=view.id))
    await undo(db, desk, view)
    before = await rows(db, tables.deadline)
    await db.write(lambda tx: replan(tx, desk, [view.id]), now=SOON)
    assert await rows(db, tables.deadline) == before


async def test_only_within_the_undo_window(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, resolve, Resolve(ticket_id=view.id, actor=ANNA))
    with pytest.raises(DeskError, match="Too late to undo: that is possible for 10 seconds"):
        await undo(db, desk, view, at=AT + minutes(1))
    assert (await ticket(db)).state == "resolved"


async def test_only_the_last_thing_that_was_done(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
    event = await newest(db, view.id)
    await do(db, desk, add_note, AddNote(ticket_id=view.id, actor=BRUNO, text="x"), AT)
    with pytest.raises(DeskError, match="Too late to undo: Bruno Conti wrote a note meanwhile"):
        await undo(db, desk, view, event=event)


async def test_not_once_the_customer_wrote(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    await do(db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=view.id, actor=ANNA))
    event = await newest(db, view.id)
    await arrive(db, desk, an_inbound(thread="c", sent_at=AT), now=SOON)
    with pytest.raises(DeskError, match="the customer wrote again meanwhile"):
        await undo(db, desk, view, event=event)


async def test_only_once(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
    event = await newest(db, view.id)
    await undo(db, desk, view, event=event)
    with pytest.raises(DeskError, match="You took that back before"):
        await undo(db, desk, view, event=event)


async def test_only_by_whoever_did_it(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
    event = await newest(db, view.id)
    with pytest.raises(DeskError, match="Only Anna Bassi can take that back"):
        await undo(db, desk, view, actor=BRUNO, event=event)
    with pytest.raises(NotAllowed):
        await undo(db, desk, view, actor=VIEWER, event=event)


async def test_what_has_no_undo_is_refused(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, add_note, AddNote(ticket_id=view.id, actor=ANNA, text="x"))
    with pytest.raises(DeskError, match="cannot be taken back"):
        await undo(db, desk, view)


def telling_the_platform(desk: Desk) -> Desk:
    route = replace(desk.inboxes[AMAZON], marks_no_reply=True)
    return replace(desk, inboxes={**desk.inboxes, AMAZON: route})


async def test_a_platform_hears_of_no_answer_needed_after_the_undo_window_alone(db, desk):
    desk = telling_the_platform(desk)
    view = await a_ticket(db, desk)
    command = NoAnswerNeeded(ticket_id=view.id, actor=ANNA)
    await do(db, desk, no_answer_needed, command)
    (row,) = await rows(db, tables.outbox, kind="mark_no_reply")
    assert row.not_before == AT + desk.undo_window
    await undo(db, desk, view)
    await do(db, desk, no_answer_needed, command, AT + minutes(5))
    states = [row.state for row in await rows(db, tables.outbox, kind="mark_no_reply")]
    assert states == ["superseded", "ready"]


async def test_what_a_platform_was_told_is_not_taken_back(db, desk):
    desk = telling_the_platform(desk)
    view = await a_ticket(db, desk)
    await do(db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=view.id, actor=ANNA))
    sent = update(tables.outbox).where(tables.outbox.c.kind == "mark_no_reply").values(state="sent")
    await db.write(lambda tx: tx.conn.execute(sent), now=SOON)
    with pytest.raises(DeskError, match="the marketplace has been told"):
        await undo(db, desk, view)
    assert (await ticket(db)).state == "answered"


async def test_who_decides_on_an_older_picture_is_told_who_was_first(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, resolve, Resolve(ticket_id=view.id, actor=BRUNO))

    def stale(tx):
        refuse_if_changed(tx, desk, ticket_id=view.id, number=1, actor=ANNA, seen=view.newest_event)

    with pytest.raises(Conflict, match="Bruno Conti resolved it meanwhile"):
        await db.write(stale, now=SOON)


async def test_a_note_of_a_colleague_overtakes_nobody(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, add_note, AddNote(ticket_id=view.id, actor=BRUNO, text="x"))

    def stale(tx):
        refuse_if_changed(tx, desk, ticket_id=view.id, number=1, actor=ANNA, seen=view.newest_event)

    await db.write(stale, now=SOON)
    assert (await last_event(db, view.id, "note")).actor == BRUNO
