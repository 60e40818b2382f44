from dataclasses import replace

import pytest

from bot.db import queries
from bot.domain.roster import Agent, Role, Roster
from bot.errors import DeskError, NotAllowed
from bot.usecases.claim import Claim, claim
from bot.usecases.escalate import Deescalate, Escalate, deescalate, escalate
from bot.usecases.note import NOTE_LIMIT
from bot.usecases.resolve import Reopen, Resolve, reopen, resolve
from bot.usecases.transfer import Transfer, transfer
from tests.builders import (
    ANNA,
    BRUNO,
    CARLA,
    DORA,
    GONE,
    NOW,
    STRANGER,
    VIEWER,
    a_ticket,
    hours,
    minutes,
    ticket,
)
from tests.db.reading import effects, event_types, last_event, mark_posted

pytestmark = pytest.mark.postgres(first=2)

AT = NOW + hours(1)


async def do(db, desk, verb, command, at=AT):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


def handing(view, **changes):
    command = Transfer(
        ticket_id=view.id, actor=ANNA, assignee=BRUNO, note="The promise was Friday.", key="f1"
    )
    return replace(command, **changes)


async def test_a_hand_over_is_one_act_with_one_mention(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=ANNA))
    await mark_posted(db, view.id)
    done = await do(db, desk, transfer, handing(view))
    assert (done.changed, done.ticket.assignee) == (True, BRUNO)
    event = await last_event(db, view.id, "transferred")
    assert (event.data["called"], event.data["text"]) == ([BRUNO], "The promise was Friday.")
    assert event.data["from_agent"] == ANNA
    assert sorted(await effects(db)) == ["post_log", "update_card"]


async def test_the_same_hand_over_happens_once(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, transfer, handing(view))
    assert not (await do(db, desk, transfer, handing(view))).changed
    assert (await event_types(db, view.id)).count("transferred") == 1


async def test_nobody_is_called_for_what_they_take_themselves(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, transfer, handing(view, assignee=ANNA))
    assert (await last_event(db, view.id, "transferred")).data["called"] == []


@pytest.mark.parametrize("assignee", [GONE, VIEWER, STRANGER])
async def test_nothing_is_handed_to_somebody_who_cannot_work_tickets(db, desk, assignee):
    view = await a_ticket(db, desk)
    with pytest.raises(NotAllowed, match="cannot be given"):
        await do(db, desk, transfer, handing(view, assignee=assignee))
    assert "transferred" not in await event_types(db, view.id)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"note": "  "}, "what they need to know"),
        ({"note": "x" * (NOTE_LIMIT + 1)}, "at most"),
    ],
)
async def test_a_hand_over_needs_words_that_can_be_shown(db, desk, changes, why):
    view = await a_ticket(db, desk)
    with pytest.raises(DeskError, match=why):
        await do(db, desk, transfer, handing(view, **changes))


async def test_a_ticket_is_not_handed_to_its_owner(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, claim, Claim(ticket_id=view.id, actor=BRUNO))
    with pytest.raises(DeskError, match="is with Bruno Conti already"):
        await do(db, desk, transfer, handing(view))


def escalating(view, reason="angry, threatens a chargeback", actor=ANNA):
    return Escalate(ticket_id=view.id, actor=actor, reason=reason)


async def test_an_escalation_calls_the_leads_and_managers_in_one_message(db, desk):
    view = await a_ticket(db, desk)
    await mark_posted(db, view.id)
    done = await do(db, desk, escalate, escalating(view))
    assert set(done.called) == {CARLA, DORA}
    assert sorted(await effects(db)) == ["post_log", "update_card"]
    found = (await ticket(db)).escalation
    assert found is not None
    assert (found.by, found.reason) == (ANNA, "angry, threatens a chargeback")


async def test_whoever_escalates_is_not_called(db, desk):
    view = await a_ticket(db, desk)
    done = await do(db, desk, escalate, escalating(view, actor=CARLA))
    assert done.called == (DORA,)


async def test_the_same_reason_calls_nobody_again_within_the_hour(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, escalate, escalating(view))
    again = escalating(view, reason=" Angry,  threatens a CHARGEBACK", actor=BRUNO)
    assert (await do(db, desk, escalate, again, AT + minutes(59))).called == ()
    assert (await event_types(db, view.id)).count("escalated") == 1
    assert (await do(db, desk, escalate, again, AT + hours(1))).called


async def test_another_reason_calls_them_at_once(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, escalate, escalating(view))
    another = escalating(view, reason="a lawyer wrote")
    assert (await do(db, desk, escalate, another, AT + minutes(1))).called
    found = (await ticket(db)).escalation
    assert found is not None
    assert found.reason == "a lawyer wrote"


async def test_the_same_reason_after_somebody_took_care_shows_and_calls_nobody(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, escalate, escalating(view))
    await do(db, desk, deescalate, Deescalate(ticket_id=view.id, actor=CARLA))
    assert (await do(db, desk, escalate, escalating(view), AT + minutes(5))).called == ()
    assert (await ticket(db)).escalation is not None


async def test_it_shows_until_somebody_takes_care_of_it(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, escalate, escalating(view))
    command = Deescalate(ticket_id=view.id, actor=CARLA)
    assert (await do(db, desk, deescalate, command)).changed
    assert (await ticket(db)).escalation is None
    assert not (await do(db, desk, deescalate, command)).changed


async def test_or_until_it_is_resolved(db, desk):
    view = await a_ticket(db, desk)
    await do(db, desk, escalate, escalating(view))
    await do(db, desk, resolve, Resolve(ticket_id=view.id, actor=ANNA))
    assert (await ticket(db)).escalation is None
    await do(db, desk, reopen, Reopen(ticket_id=view.id, actor=ANNA))
    assert (await ticket(db)).escalation is None


async def test_an_escalation_without_a_reason_or_of_a_settled_ticket_is_refused(db, desk):
    view = await a_ticket(db, desk)
    for reason, why in ((" ", "Say why"), ("x" * 301, "at most")):
        with pytest.raises(DeskError, match=why):
            await do(db, desk, escalate, escalating(view, reason=reason))
    await do(db, desk, resolve, Resolve(ticket_id=view.id, actor=ANNA))
    with pytest.raises(DeskError, match="resolved"):
        await do(db, desk, escalate, escalating(view))


async def test_a_desk_without_leads_calls_its_admins_or_says_that_there_is_nobody(db, desk):
    view = await a_ticket(db, desk)
    anna = Agent(slack_id=ANNA, name="Anna Bassi", role=Role.AGENT)
    owner = Agent(slack_id=DORA, name="Dora Elmi", role=Role.ADMIN)
    alone = replace(desk, roster=Roster(agents={ANNA: anna}))
    small = replace(desk, roster=Roster(agents={ANNA: anna, DORA: owner}))
    with pytest.raises(DeskError, match="nobody to call"):
        await do(db, alone, escalate, escalating(view))
    assert (await do(db, small, escalate, escalating(view))).called == (DORA,)


async def test_who_may_only_look_hands_nothing_on(db, desk):
    view = await a_ticket(db, desk)
    for verb, command in (
        (transfer, handing(view, actor=VIEWER)),
        (escalate, escalating(view, actor=VIEWER)),
        (deescalate, Deescalate(ticket_id=view.id, actor=VIEWER)),
    ):
        with pytest.raises(NotAllowed):
            await do(db, desk, verb, command)
    assert len(await db.read(lambda conn: queries.events(conn, view.id))) == 1
