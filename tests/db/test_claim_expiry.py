from dataclasses import replace

import pytest

from bot.db import tables
from bot.db.due_rows import what_comes
from bot.domain.roster import WorkShift
from bot.domain.routes import By, Route, Wanted
from bot.jobs.tick import Ticker
from bot.usecases.assign import Assign, assign
from bot.usecases.away import GoAway, go_away
from bot.usecases.claim import Claim, claim
from bot.usecases.claim_expiry import expire_claims
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import AddNote, add_note
from bot.usecases.release import Release, release
from bot.usecases.snooze import Snooze, snooze
from bot.usecases.transfer import Transfer, transfer
from bot.usecases.undo import UndoEvent, undo_event
from bot.usecases.wait import WaitFor, wait_for
from sla_rules.calendar import BusinessCalendar
from sla_rules.match import Match
from sla_rules.vocabulary import Waiting
from tests.builders import (
    AMAZON,
    ANNA,
    BRUNO,
    NOW,
    SHOP,
    a_desk,
    a_ticket,
    days,
    hours,
    minutes,
    queue,
    ticket,
)
from tests.db.outbox_world import HandClock
from tests.db.reading import event_types, last_event, rows

pytestmark = pytest.mark.postgres(first=2)

EVERYBODY = Route(name="everybody", match=Match(), to=Wanted(), by=By.ROUND_ROBIN)
TWO_HOURS = hours(2)
WARNED = NOW + minutes(90)
ENDED = NOW + hours(2)


@pytest.fixture
def desk():
    desk = a_desk()
    inboxes = {
        name: replace(route, claim_expires=TWO_HOURS) for name, route in desk.inboxes.items()
    }
    return replace(desk, inboxes=inboxes)


async def do(db, desk, verb, command, at=NOW):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


async def look(db, desk, at):
    await db.write(lambda tx: expire_claims(tx, desk), now=at)


async def claimed(db, desk, *, inbox=AMAZON):
    view = await a_ticket(db, desk, inbox=inbox)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
    return view


async def test_an_owner_who_does_nothing_is_told_and_then_loses_the_claim(db, desk):
    view = await claimed(db, desk)
    await look(db, desk, WARNED - minutes(1))
    assert "claim_ends_soon" not in await event_types(db, view.id)
    await look(db, desk, WARNED)
    told = await last_event(db, view.id, "claim_ends_soon")
    assert (told.data["called"], told.data["ends_at"]) == ([ANNA], ENDED.isoformat())
    await look(db, desk, ENDED - minutes(1))
    assert (await ticket(db)).assignee == ANNA
    await look(db, desk, ENDED)
    assert (await ticket(db)).assignee is None
    assert (await last_event(db, view.id, "claim_expired")).data["from_agent"] == ANNA
    assert (await db.read(what_comes)).claim is None


async def test_the_warning_and_the_end_come_once(db, desk):
    view = await claimed(db, desk)
    for at in (WARNED, WARNED, ENDED, ENDED, ENDED + days(1)):
        await look(db, desk, at)
    seen = await event_types(db, view.id)
    assert (seen.count("claim_ends_soon"), seen.count("claim_expired")) == (1, 1)


@pytest.mark.parametrize(
    ("verb", "command"),
    [
        (add_note, AddNote(ticket_id=0, actor=ANNA, text="on it")),
        (wait_for, WaitFor(ticket_id=0, actor=ANNA, on=Waiting.CUSTOMER)),
        (wait_for, WaitFor(ticket_id=0, actor=BRUNO, on=Waiting.THIRD_PARTY)),
        (snooze, Snooze(ticket_id=0, actor=ANNA, until=NOW + days(1))),
        (no_answer_needed, NoAnswerNeeded(ticket_id=0, actor=BRUNO)),
        (release, Release(ticket_id=0, actor=ANNA)),
        (assign, Assign(ticket_id=0, actor=BRUNO, assignee=BRUNO)),
    ],
)
@pytest.mark.parametrize("done_at", [NOW + minutes(5), WARNED + minutes(5)])
async def test_whoever_does_something_keeps_it(db, desk, verb, command, done_at):
    view = await claimed(db, desk)
    if done_at > WARNED:
        await look(db, desk, WARNED)
    await do(db, desk, verb, replace(command, ticket_id=view.id), done_at)
    owner = (await ticket(db)).assignee
    for at in (WARNED, ENDED):
        await look(db, desk, max(at, done_at))
    assert (await ticket(db)).assignee == owner
    assert "claim_expired" not in await event_types(db, view.id)


async def test_an_answer_keeps_it(db, desk):
    view = await claimed(db, desk)
    await queue(db, desk, view.id, at=NOW + minutes(5))
    for at in (WARNED, ENDED):
        await look(db, desk, at)
    assert "claim_ends_soon" not in await event_types(db, view.id)


async def test_a_note_of_a_colleague_does_not(db, desk):
    view = await claimed(db, desk)
    await do(db, desk, add_note, AddNote(ticket_id=view.id, actor=BRUNO, text="?"))
    await look(db, desk, WARNED)
    await look(db, desk, ENDED)
    assert (await ticket(db)).assignee is None


async def test_the_time_counts_anew_for_a_new_owner(db, desk):
    view = await claimed(db, desk)
    command = Transfer(ticket_id=view.id, actor=ANNA, assignee=BRUNO, note="yours")
    await do(db, desk, transfer, command, NOW + hours(1))
    await look(db, desk, WARNED)
    assert "claim_ends_soon" not in await event_types(db, view.id)
    await look(db, desk, WARNED + hours(1))
    assert (await last_event(db, view.id, "claim_ends_soon")).data["called"] == [BRUNO]


async def test_a_ticket_that_a_route_gave_to_somebody_is_taken_from_them_like_a_claim(db, desk):
    desk = replace(desk, routes=(EVERYBODY,), reassign_away=True)
    view = await a_ticket(db, desk)
    assert view.assignee == ANNA
    await do(db, desk, go_away, GoAway(actor=ANNA, who=ANNA), NOW + hours(1))
    assert (await ticket(db)).assignee == BRUNO
    await look(db, desk, WARNED)
    assert "claim_ends_soon" not in await event_types(db, view.id)
    await look(db, desk, WARNED + hours(1))
    told = await last_event(db, view.id, "claim_ends_soon")
    assert (told.data["called"], told.data["given"]) == ([BRUNO], "yes")
    await look(db, desk, ENDED + hours(1))
    assert (await ticket(db)).assignee is None
    assert (await last_event(db, view.id, "claim_expired")).data["given"] == "yes"


async def test_a_claim_by_hand_is_no_gift(db, desk):
    view = await claimed(db, desk)
    await look(db, desk, WARNED)
    assert (await last_event(db, view.id, "claim_ends_soon")).data["given"] is None


async def test_the_time_of_who_is_next_on_shift_begins_with_their_shift(db, desk):
    wednesday = BusinessCalendar("UTC", {"wed": [("08:00", "13:00")]})
    shift = WorkShift(name="wed", calendar=wednesday, people=frozenset({BRUNO}))
    desk = replace(desk, roster=replace(desk.roster, shifts=(shift,)))
    view = await a_ticket(db, desk)
    await do(db, desk, assign, Assign(ticket_id=view.id, actor=ANNA, assignee=BRUNO))
    (row,) = await rows(db, tables.claim_watch)
    begins = NOW + hours(23)
    assert (row.due_at, row.ends_at) == (begins + minutes(90), begins + hours(2))


async def test_whoever_has_a_ticket_back_by_an_undo_can_lose_it_too(db, desk):
    view = await claimed(db, desk)
    command = Transfer(ticket_id=view.id, actor=ANNA, assignee=BRUNO, note="yours")
    await do(db, desk, transfer, command, NOW + hours(1))
    event = await last_event(db, view.id, "transferred")
    back = UndoEvent(ticket_id=view.id, event_id=event.id, actor=ANNA)
    await do(db, desk, undo_event, back, NOW + hours(1) + minutes(0.1))
    await look(db, desk, WARNED + hours(1) + minutes(0.1))
    assert (await last_event(db, view.id, "claim_ends_soon")).data["called"] == [ANNA]


async def test_the_time_is_the_business_time_of_the_inbox(db, desk):
    await claimed(db, desk, inbox=SHOP)
    late = NOW + hours(7)  # 17:00 in Rome, an hour before the shop closes
    view = await ticket(db)
    await do(db, desk, release, Release(ticket_id=view.id, actor=ANNA), late)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA), late)
    (row,) = await rows(db, tables.claim_watch)
    assert (row.due_at, row.ends_at) == (NOW + hours(23.5), NOW + hours(24))


async def test_after_a_stop_of_the_desk_the_owner_still_has_a_quarter_of_the_time(db, desk):
    view = await claimed(db, desk)
    await look(db, desk, NOW + hours(5))
    assert (await ticket(db)).assignee == ANNA
    await look(db, desk, NOW + hours(5) + minutes(29))
    assert (await ticket(db)).assignee == ANNA
    await look(db, desk, NOW + hours(5) + minutes(30))
    assert (await ticket(db)).assignee is None
    assert (await event_types(db, view.id)).count("claim_ends_soon") == 1


async def test_the_loop_that_fires_pings_ends_claims_too_also_after_a_restart(db, desk):
    await claimed(db, desk)
    clock = HandClock(WARNED)
    await Ticker(db, lambda: desk, clock).tick()
    assert (await ticket(db)).assignee == ANNA
    clock.move(30 * 60)
    await Ticker(db, lambda: desk, clock).tick()
    assert (await ticket(db)).assignee is None


async def test_without_the_setting_no_claim_ends(db, desk):
    view = await a_ticket(db, a_desk())
    await do(db, a_desk(), claim, Claim(ticket_id=view.id, actor=ANNA))
    assert await rows(db, tables.claim_watch) == []


async def test_a_setting_taken_away_ends_no_claim_that_was_watched(db, desk):
    await claimed(db, desk)
    for at in (WARNED, ENDED):
        await look(db, a_desk(), at)
    assert (await ticket(db)).assignee == ANNA
    assert await rows(db, tables.claim_watch) == []
