from dataclasses import replace

import pytest

from bot.domain.card import CardStage
from bot.errors import DeskError, NotAllowed
from bot.usecases.acknowledge import Acknowledge, acknowledge
from bot.usecases.assign import Assign, assign
from bot.usecases.claim import Claim, claim
from bot.usecases.clocks import replan
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.note import NOTE_LIMIT, AddNote, add_note
from bot.usecases.release import Release, release
from bot.usecases.resolve import Reopen, Resolve, reopen, resolve
from bot.usecases.snooze import Snooze, snooze
from tests.builders import (
    ANNA,
    BRUNO,
    GONE,
    NOW,
    VIEWER,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    days,
    hours,
    minutes,
    ticket,
)
from tests.db.reading import (
    deadline_states,
    effects,
    event_types,
    fire,
    last_event,
    mark_posted,
    ping_steps,
)

pytestmark = pytest.mark.postgres(first=2)


AT = NOW + hours(1)


async def do(db, desk, verb, command, at=AT):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


async def test_a_ticket_is_given_to_a_colleague(db, desk):
    view = await a_ticket(db, desk)
    command = Assign(ticket_id=view.id, actor=ANNA, assignee=BRUNO)
    outcome = await do(db, desk, assign, command)
    assert (outcome.changed, outcome.ticket.assignee) == (True, BRUNO)
    assert not (await do(db, desk, assign, command)).changed
    event = await last_event(db, view.id, "assigned")
    assert (event.actor, event.data["to_agent"]) == (ANNA, BRUNO)


@pytest.mark.parametrize("assignee", [GONE, VIEWER, "U0NOBODY"])
async def test_nobody_is_given_a_ticket_who_cannot_work_it(db, desk, assignee):
    view = await a_ticket(db, desk)
    with pytest.raises(NotAllowed, match="cannot be given"):
        await do(db, desk, assign, Assign(ticket_id=view.id, actor=ANNA, assignee=assignee))


async def test_a_released_ticket_is_anybodys(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
    command = Release(ticket_id=view.id, actor=ANNA)
    assert (await do(db, desk, release, command)).ticket.assignee is None
    assert not (await do(db, desk, release, command)).changed
    assert (await event_types(db, view.id)).count("released") == 1


async def test_invariant_8_a_note_goes_to_the_thread_and_nowhere_else(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    command = AddNote(ticket_id=view.id, actor=ANNA, text="call the carrier\x00")
    await do(db, desk, add_note, command)
    assert await effects(db) == ["post_log"]
    assert (await last_event(db, view.id, "note")).data["text"] == "call the carrier"


@pytest.mark.parametrize("text", ["", "  \n", "x" * (NOTE_LIMIT + 1)])
async def test_an_empty_or_endless_note_is_refused_with_the_reason(db, desk, text):
    view = await a_ticket(db, desk)
    with pytest.raises(DeskError, match="note"):
        await do(db, desk, add_note, AddNote(ticket_id=view.id, actor=ANNA, text=text))


async def test_a_snooze_silences_warnings_until_its_end(db, desk):
    view = await a_ticket(db, desk)
    until = NOW + hours(8)
    await do(db, desk, snooze, Snooze(ticket_id=view.id, actor=ANNA, until=until))
    assert (await fire(db, desk, NOW + hours(7))).fired == 0
    assert (await ticket(db)).card_stage is CardStage.SOON
    assert (await fire(db, desk, NOW + hours(10))).fired == 1


@pytest.mark.parametrize("until", [NOW, NOW + hours(1), NOW + days(31)])
async def test_a_snooze_that_is_past_or_endless_is_refused(db, desk, until):
    view = await a_ticket(db, desk)
    with pytest.raises(DeskError, match="snooze"):
        await do(db, desk, snooze, Snooze(ticket_id=view.id, actor=ANNA, until=until))


async def test_an_acknowledged_breach_is_not_repeated(db, desk):
    view = await a_ticket(db, desk)
    missed = NOW + hours(12)
    assert (await fire(db, desk, missed)).fired == 1
    outcome = await do(
        db, desk, acknowledge, Acknowledge(ticket_id=view.id, actor=ANNA), at=missed + minutes(10)
    )
    assert outcome.quiet_until == missed + minutes(10) + desk.acknowledge_for
    assert (await fire(db, desk, missed + minutes(30))).fired == 0
    assert (await fire(db, desk, missed + minutes(60))).fired == 0
    assert (await ticket(db)).acknowledged_by == ANNA


async def test_an_acknowledgement_holds_as_long_as_the_desk_says(db, desk):
    view = await a_ticket(db, desk)
    missed = NOW + hours(12)
    brief = replace(desk, acknowledge_for=minutes(30))
    await fire(db, brief, missed)
    await do(db, brief, acknowledge, Acknowledge(ticket_id=view.id, actor=ANNA), at=missed)
    assert (await fire(db, brief, missed + minutes(29))).fired == 0
    assert (await fire(db, brief, missed + minutes(60))).fired == 1


async def on_it(db, desk, at):
    view = await a_ticket(db, desk)
    await fire(db, desk, NOW + hours(12))
    await do(db, desk, acknowledge, Acknowledge(ticket_id=view.id, actor=ANNA), at=at)
    return view


async def test_who_was_on_it_and_sent_nothing_is_named_once_more(db, desk):
    seen = NOW + hours(12) + minutes(10)
    view = await on_it(db, desk, seen)
    assert "on_it" in await ping_steps(db, view.id)
    assert (await fire(db, desk, seen + hours(4) - minutes(1))).fired == 0
    assert (await fire(db, desk, seen + hours(4))).fired == 1
    assert (await last_event(db, view.id, "ping")).data["step"] == "on_it"
    assert (await fire(db, desk, seen + hours(5))).fired == 0


async def test_pressing_on_it_again_puts_the_reminder_off(db, desk):
    seen = NOW + hours(12) + minutes(10)
    view = await on_it(db, desk, seen)
    again = seen + hours(3)
    await do(db, desk, acknowledge, Acknowledge(ticket_id=view.id, actor=BRUNO), at=again)
    assert (await fire(db, desk, seen + hours(4))).fired == 0
    assert (await fire(db, desk, again + hours(4))).fired == 1


async def test_an_answer_ends_the_reminder_of_who_was_on_it(db, desk):
    seen = NOW + hours(12) + minutes(10)
    view = await on_it(db, desk, seen)
    await answer(db, desk, view.id, at=seen + hours(1))
    assert (await fire(db, desk, seen + hours(4))).fired == 0
    assert await ping_steps(db, view.id) == []


async def test_the_reminder_of_who_was_on_it_outlives_another_plan_of_the_ticket(db, desk):
    seen = NOW + hours(12) + minutes(10)
    view = await on_it(db, desk, seen)
    await db.write(lambda tx: replan(tx, desk, [view.id]), now=seen + hours(1))
    assert "on_it" in await ping_steps(db, view.id)


async def test_nothing_missed_yet_is_nothing_to_remind_of(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, acknowledge, Acknowledge(ticket_id=view.id, actor=ANNA))
    assert "on_it" not in await ping_steps(db, view.id)


async def test_no_answer_needed_satisfies_the_clocks_and_cancels_their_pings(db, desk):
    view = await a_ticket(db, desk)
    outcome = await do(db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=view.id, actor=ANNA))
    assert (outcome.ticket.state, outcome.ticket.card_stage) == ("answered", CardStage.ANSWERED)
    assert set((await deadline_states(db, view.id)).values()) == {"met"}
    assert await ping_steps(db, view.id) == []
    assert (await fire(db, desk, NOW + days(3))).fired == 0


async def test_no_answer_needed_covers_nothing_that_came_in_later(db, desk):
    view = await a_ticket(db, desk, an_inbound(thread="c"))
    await do(
        db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=view.id, actor=ANNA), NOW + hours(1)
    )
    # Written before the click, but seen only after it.
    late = an_inbound(thread="c", sent_at=NOW + minutes(50))
    await arrive(db, desk, late, now=NOW + minutes(70))
    after = await ticket(db)
    assert (after.state, after.waiting_since) == ("open", NOW + minutes(50))


async def test_resolving_without_an_answer_cancels_the_clocks(db, desk):
    view = await a_ticket(db, desk)
    command = Resolve(ticket_id=view.id, actor=ANNA)
    outcome = await do(db, desk, resolve, command)
    assert (outcome.changed, outcome.ticket.state) == (True, "resolved")
    assert set((await deadline_states(db, view.id)).values()) == {"cancelled"}
    assert await ping_steps(db, view.id) == []
    assert not (await do(db, desk, resolve, command)).changed


async def test_reopening_sets_the_clocks_back_as_they_were(db, desk):
    before = await a_ticket(db, desk)
    await do(db, desk, resolve, Resolve(ticket_id=before.id, actor=ANNA))
    command = Reopen(ticket_id=before.id, actor=ANNA)
    outcome = await do(db, desk, reopen, command, NOW + hours(2))
    assert (outcome.ticket.state, outcome.ticket.clocks) == ("open", before.clocks)
    assert not (await do(db, desk, reopen, command, NOW + hours(3))).changed


async def test_a_ticket_costs_six_slack_calls_from_claim_to_resolution(db, desk):
    view = await a_ticket(db, desk)
    sent = await effects(db)
    await mark_posted(db, view.id)
    for step in ("claim", "reply", "resolve"):
        if step == "claim":
            await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
        elif step == "reply":
            await answer(db, desk, view.id, at=NOW + hours(2))
        else:
            command = Resolve(ticket_id=view.id, actor=ANNA)
            await do(db, desk, resolve, command, NOW + hours(3))
        sent += await effects(db)
        await mark_posted(db, view.id)
    assert sorted(kind for kind in sent if kind != "send_reply") == [
        "post_log",
        "post_log",
        "post_root",
        "update_card",
        "update_card",
        "update_card",
    ]


@pytest.mark.parametrize(
    ("verb", "command"),
    [
        (release, Release(ticket_id=1, actor=VIEWER)),
        (add_note, AddNote(ticket_id=1, actor=VIEWER, text="x")),
        (snooze, Snooze(ticket_id=1, actor=VIEWER, until=NOW + days(1))),
        (acknowledge, Acknowledge(ticket_id=1, actor=VIEWER)),
        (no_answer_needed, NoAnswerNeeded(ticket_id=1, actor=VIEWER)),
        (resolve, Resolve(ticket_id=1, actor=VIEWER)),
        (reopen, Reopen(ticket_id=1, actor=VIEWER)),
        (assign, Assign(ticket_id=1, actor=VIEWER, assignee=ANNA)),
    ],
)
async def test_who_may_only_look_changes_nothing(db, desk, verb, command):
    with pytest.raises(NotAllowed):
        await do(db, desk, verb, command)
