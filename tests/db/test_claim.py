import asyncio

import pytest
from sqlalchemy import update

from bot.db import tables
from bot.db.ticket_rows import change_ticket, lock_tickets
from bot.errors import Conflict, NoSuchTicket, NotAllowed
from bot.usecases.claim import AlreadyYours, Claim, Claimed, HeldBy, claim
from tests.builders import ANNA, BRUNO, GONE, NOW, STRANGER, VIEWER, a_ticket, hours, ticket
from tests.db.reading import effects, event_types

pytestmark = pytest.mark.postgres(first=2)


async def claiming(db, desk, ticket_id, actor, *, take_over_from=None, at=NOW):
    command = Claim(ticket_id=ticket_id, actor=actor, take_over_from=take_over_from)
    return await db.write(lambda tx: claim(tx, desk, command), now=at, urgent=True)


async def test_a_claim_shows_on_the_card_only(db, desk):
    view = await a_ticket(db, desk)
    outcome = await claiming(db, desk, view.id, ANNA)
    assert isinstance(outcome, Claimed)
    assert outcome.ticket.assignee == ANNA
    assert outcome.ticket.version > view.version
    assert await effects(db) == ["post_root", "update_card"]
    assert await event_types(db, view.id) == ["opened", "claimed"]


async def test_of_two_claims_at_once_one_wins_and_the_other_hears_who(db, desk):
    view = await a_ticket(db, desk)
    outcomes = await asyncio.gather(
        *(claiming(db, desk, view.id, actor) for actor in (ANNA, BRUNO))
    )
    (won,) = [each for each in outcomes if isinstance(each, Claimed)]
    (lost,) = [each for each in outcomes if isinstance(each, HeldBy)]
    assert lost.agent == won.ticket.assignee == (await ticket(db)).assignee
    assert lost.since == NOW
    assert (await event_types(db, view.id)).count("claimed") == 1


async def test_claiming_twice_changes_nothing(db, desk):
    view = await a_ticket(db, desk)
    await claiming(db, desk, view.id, ANNA)
    before = await ticket(db)
    assert isinstance(await claiming(db, desk, view.id, ANNA), AlreadyYours)
    assert await ticket(db) == before


async def test_a_ticket_is_taken_over_only_from_the_owner_one_means(db, desk):
    view = await a_ticket(db, desk)
    await claiming(db, desk, view.id, ANNA)
    assert isinstance(await claiming(db, desk, view.id, BRUNO, take_over_from="U0CARLA"), HeldBy)
    outcome = await claiming(db, desk, view.id, BRUNO, take_over_from=ANNA, at=NOW + hours(1))
    assert isinstance(outcome, Claimed)
    assert "taken_over" in await event_types(db, view.id)
    assert "post_log" in await effects(db)


async def test_somebody_who_left_holds_no_ticket(db, desk):
    view = await a_ticket(db, desk)
    await db.write(lambda tx: tx.conn.execute(update(tables.ticket).values(assignee=GONE)), now=NOW)
    assert isinstance(await claiming(db, desk, view.id, ANNA), Claimed)


@pytest.mark.parametrize("actor", [STRANGER, VIEWER, GONE])
async def test_who_may_not_work_may_not_claim(db, desk, actor):
    view = await a_ticket(db, desk)
    with pytest.raises(NotAllowed):
        await claiming(db, desk, view.id, actor)
    assert (await ticket(db)).assignee is None


async def test_an_unknown_ticket_is_refused(db, desk):
    with pytest.raises(NoSuchTicket):
        await claiming(db, desk, 404, ANNA)


async def test_a_change_on_what_somebody_else_changed_meanwhile_is_refused(db, desk):
    view = await a_ticket(db, desk)

    def stale(tx):
        seen = lock_tickets(tx.conn, [view.id])[view.id]
        change_ticket(tx.conn, seen, tx.now, assignee=ANNA)
        change_ticket(tx.conn, seen, tx.now, assignee=BRUNO)

    with pytest.raises(Conflict, match="#1"):
        await db.write(stale, now=NOW)
    assert (await ticket(db)).assignee is None
