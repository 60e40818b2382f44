import pytest

from bot.db import tables
from bot.errors import DeskError, NotAllowed
from bot.usecases.merge import Merge, merge
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.split import Split, split
from tests.builders import (
    ANNA,
    NOW,
    VIEWER,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    queue,
    ticket,
)
from tests.db.reading import effects, event_types, mark_posted, rows

pytestmark = pytest.mark.postgres(first=2)

BUYER = "mara@marketplace.example"
AT = NOW + hours(3)
SECOND = NOW + hours(2)


async def do(db, desk, verb, command, at=AT):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


def a_word(at=NOW, **changes):
    return an_inbound(thread="c", sender_handle=BUYER, sent_at=at, **changes)


async def two_questions(db, desk):
    view = await a_ticket(db, desk, a_word())
    await arrive(db, desk, a_word(SECOND), now=SECOND)
    return view


async def test_the_newest_message_gets_a_ticket_and_clocks_of_its_own(db, desk):
    view = await two_questions(db, desk)
    await mark_posted(db, view.id)
    done = await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA))
    assert (done.number, done.other) == (1, 2)
    old, new = await ticket(db, 1), await ticket(db, 2)
    assert (old.waiting_since, new.waiting_since) == (NOW, SECOND)
    assert old.clocks == view.clocks
    assert {clock.started_at for clock in new.clocks} == {SECOND}
    assert (new.state, new.assignee) == ("open", None)
    assert [each.number for each in new.relations.linked] == [1]
    assert sorted(await effects(db)) == ["post_log", "post_root", "update_card"]


async def test_an_answer_to_either_stops_its_own_clocks_alone(db, desk):
    view = await two_questions(db, desk)
    await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA))
    new = await ticket(db, 2)
    await answer(db, desk, new.id, at=NOW + hours(4))
    assert (await ticket(db, 1)).state == "open"
    assert (await ticket(db, 2)).state == "answered"


async def test_the_conversation_stays_with_the_old_ticket(db, desk):
    view = await two_questions(db, desk)
    await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA))
    new = await ticket(db, 2)
    await arrive(db, desk, a_word(NOW + hours(4)), now=NOW + hours(4))
    assert (await event_types(db, view.id))[-1] == "customer_wrote"
    assert await event_types(db, new.id) == ["split_from"]


async def test_the_two_can_be_merged_again(db, desk):
    view = await two_questions(db, desk)
    await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA))
    new = await ticket(db, 2)
    await do(db, desk, merge, Merge(ticket_id=new.id, into_id=view.id, actor=ANNA))
    messages = await rows(db, tables.message, direction="in")
    assert {row.ticket_id for row in messages} == {view.id}
    assert (await ticket(db, 1)).waiting_since == NOW


async def test_one_message_alone_is_not_split_off(db, desk):
    view = await a_ticket(db, desk, a_word())
    with pytest.raises(DeskError, match="one message only"):
        await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA))


async def test_nor_is_one_that_waits_for_no_answer(db, desk):
    view = await two_questions(db, desk)
    await do(db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=view.id, actor=ANNA))
    with pytest.raises(DeskError, match="waits for no answer"):
        await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA), NOW + hours(4))


async def test_nor_one_whose_answer_is_on_its_way(db, desk):
    view = await two_questions(db, desk)
    await queue(db, desk, view.id, at=AT)
    with pytest.raises(DeskError, match="on its way"):
        await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA), AT)


async def test_nor_one_that_came_by_a_merge(db, desk):
    view = await a_ticket(db, desk, a_word())
    other = await a_ticket(db, desk, an_inbound(thread="d", sender_handle=BUYER, sent_at=SECOND))
    await do(db, desk, merge, Merge(ticket_id=other.id, into_id=view.id, actor=ANNA))
    with pytest.raises(DeskError, match="came by a merge"):
        await do(db, desk, split, Split(ticket_id=view.id, actor=ANNA))


async def test_who_may_only_look_splits_nothing(db, desk):
    with pytest.raises(NotAllowed):
        await do(db, desk, split, Split(ticket_id=1, actor=VIEWER))
