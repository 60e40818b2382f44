import pytest

from bot.db import tables
from bot.errors import DeskError, NotAllowed
from bot.usecases.claim import Claim, claim
from bot.usecases.clocks import replan
from bot.usecases.link import Link, link, unlink
from bot.usecases.merge import Merge, Unmerge, merge, unmerge
from bot.usecases.no_response import NoAnswerNeeded, no_answer_needed
from bot.usecases.reclassify import Reclassify, reclassify
from bot.usecases.resolve import Resolve, resolve
from connectors.contract import Verdict
from sla_rules.vocabulary import Kind, Risk
from tests.builders import (
    ANNA,
    NOW,
    SHOP,
    VIEWER,
    a_ticket,
    an_inbound,
    answer,
    arrive,
    hours,
    minutes,
    queue,
    ticket,
)
from tests.db.reading import deadline_states, event_types, last_event, ping_steps, rows

pytestmark = pytest.mark.postgres(first=2)

BUYER = "mara@marketplace.example"


AT = NOW + hours(2)


async def do(db, desk, verb, command, at=AT):
    return await db.write(lambda tx: verb(tx, desk, command), now=at, urgent=True)


def from_the_buyer(thread, at=NOW, **changes):
    return an_inbound(
        thread=thread,
        sender_handle=BUYER,
        sent_at=at,
        reply_context={"to": f"{thread}@marketplace.example"},
        **changes,
    )


LATER = NOW + hours(1)


async def two_tickets(db, desk, *, first=NOW, second=LATER):
    """Two conversations of one customer, `a` and `b`."""
    one = await a_ticket(db, desk, from_the_buyer("a", first))
    other = await a_ticket(db, desk, from_the_buyer("b", second))
    return one, other


async def replies_go_to(db):
    return [row.reply_context["to"] for row in await rows(db, tables.message, direction="out")]


def own_target(view):
    return next(each for each in view.clocks if each.scope == "internal")


async def test_a_merged_ticket_is_closed_and_points_to_the_one_that_goes_on(db, desk):
    into, old = await two_tickets(db, desk)
    done = await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    assert (done.number, done.into, done.moved) == (2, 1, 1)
    after, other = await ticket(db, 2), await ticket(db, 1)
    assert after.relations.merged_into is not None
    assert (after.state, after.relations.merged_into.number) == ("resolved", 1)
    assert [each.number for each in other.relations.merged] == [2]
    assert set((await deadline_states(db, old.id)).values()) == {"cancelled"}
    assert await ping_steps(db, old.id) == []


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 0)])
async def test_the_earlier_wait_of_the_two_holds(db, desk, first, second):
    into, old = await two_tickets(db, desk, first=NOW + hours(first), second=NOW + hours(second))
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    after = await ticket(db, 1)
    assert after.waiting_since == NOW
    assert own_target(after).started_at == NOW


async def test_an_answer_of_before_the_merge_answers_nothing_of_the_other_conversation(db, desk):
    into, old = await two_tickets(db, desk)
    await answer(db, desk, into.id, at=NOW + hours(2))
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA), NOW + hours(3))
    after = await ticket(db, 1)
    assert (after.state, after.waiting_since) == ("open", NOW + hours(1))
    assert own_target(after).state == "running"


async def test_nor_does_a_resolution_or_a_word_that_none_is_needed(db, desk):
    into, old = await two_tickets(db, desk)
    await do(db, desk, no_answer_needed, NoAnswerNeeded(ticket_id=into.id, actor=ANNA))
    await do(db, desk, resolve, Resolve(ticket_id=into.id, actor=ANNA))
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA), NOW + hours(3))
    after = await ticket(db, 1)
    assert (after.state, after.waiting_since) == ("open", NOW + hours(1))


async def test_an_answer_after_the_merge_answers_both(db, desk):
    into, old = await two_tickets(db, desk)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    await answer(db, desk, into.id, at=NOW + hours(3))
    after = await ticket(db, 1)
    assert (after.state, after.waiting_since) == ("answered", None)
    # In the conversation that the customer wrote in last.
    assert await replies_go_to(db) == ["b@marketplace.example"]


async def test_what_the_customer_writes_to_the_old_conversation_arrives_where_it_goes_on(db, desk):
    into, old = await two_tickets(db, desk)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    await arrive(db, desk, from_the_buyer("b", NOW + hours(3)), now=NOW + hours(3))
    assert "customer_wrote" in await event_types(db, into.id)
    assert (await ticket(db, 2)).state == "resolved"
    await queue(db, desk, into.id, at=NOW + hours(4))
    assert await replies_go_to(db) == ["b@marketplace.example"]


async def test_what_was_answered_before_stays_where_it_was(db, desk):
    into, old = await two_tickets(db, desk)
    await answer(db, desk, old.id, at=NOW + hours(2))
    command = Merge(ticket_id=old.id, into_id=into.id, actor=ANNA)
    done = await do(db, desk, merge, command, NOW + hours(3))
    assert done.moved == 0
    assert (await ticket(db, 1)).waiting_since == NOW


async def test_invariant_7_recomputing_merged_tickets_gives_the_same_rows(db, desk):
    into, old = await two_tickets(db, desk)
    await answer(db, desk, into.id, at=NOW + hours(2))
    at = NOW + hours(3)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA), at)
    before = await rows(db, tables.deadline)
    await db.write(lambda tx: replan(tx, desk, [into.id, old.id]), now=at)
    assert await rows(db, tables.deadline) == before


async def test_the_graver_class_holds(db, desk):
    into, old = await two_tickets(db, desk)
    command = Reclassify(ticket_id=old.id, actor=ANNA, risk=Risk.CRITICAL, vip=True)
    await do(db, desk, reclassify, command)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    after = await ticket(db, 1)
    assert (after.risk, after.vip) == (Risk.CRITICAL, True)
    await do(db, desk, unmerge, Unmerge(ticket_id=old.id, actor=ANNA), NOW + hours(3))
    after = await ticket(db, 1)
    assert (after.risk, after.vip) == (into.risk, False)


async def test_unmerging_sets_both_back_as_they_were(db, desk):
    into, old = await two_tickets(db, desk)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    await do(db, desk, unmerge, Unmerge(ticket_id=old.id, actor=ANNA), NOW + hours(3))
    one, other = await ticket(db, 1), await ticket(db, 2)
    assert (one.clocks, other.clocks) == (into.clocks, old.clocks)
    assert (one.state, other.state, other.relations.merged_into) == ("open", "open", None)
    await arrive(db, desk, from_the_buyer("b", NOW + hours(4)), now=NOW + hours(4))
    assert (await event_types(db, old.id))[-1] == "customer_wrote"


@pytest.mark.parametrize("said", ["by the customer", "by us"])
async def test_once_somebody_said_something_they_stay_one(db, desk, said):
    into, old = await two_tickets(db, desk)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    if said == "by us":
        await queue(db, desk, into.id, at=NOW + hours(3))
    else:
        await arrive(db, desk, from_the_buyer("a", NOW + hours(3)), now=NOW + hours(3))
    with pytest.raises(DeskError, match="Somebody wrote or answered in #1"):
        await do(db, desk, unmerge, Unmerge(ticket_id=old.id, actor=ANNA), NOW + hours(4))


async def test_a_merged_ticket_takes_no_other_verb(db, desk):
    into, old = await two_tickets(db, desk)
    command = Merge(ticket_id=old.id, into_id=into.id, actor=ANNA)
    await do(db, desk, merge, command)
    for verb, other in ((claim, Claim(ticket_id=old.id, actor=ANNA)), (merge, command)):
        with pytest.raises(DeskError, match="#2 was merged into #1"):
            await do(db, desk, verb, other)


async def test_only_conversations_of_one_customer_in_one_inbox_are_merged(db, desk):
    one = await a_ticket(db, desk, from_the_buyer("a"))
    stranger = await a_ticket(db, desk)
    shop = await a_ticket(db, desk, from_the_buyer("c"), inbox=SHOP)
    claimed = await a_ticket(db, desk, from_the_buyer("d", kind=Kind.CLAIM))
    for other, why in (
        (stranger, "different customers"),
        (shop, "came through"),
        (claimed, "clocks of its own"),
        (one, "into itself"),
    ):
        with pytest.raises(DeskError, match=why):
            await do(db, desk, merge, Merge(ticket_id=other.id, into_id=one.id, actor=ANNA))


async def test_nothing_is_merged_while_an_answer_is_on_its_way(db, desk):
    into, old = await two_tickets(db, desk)
    await queue(db, desk, old.id, at=NOW + hours(2))
    with pytest.raises(DeskError, match="An answer to #2 is on its way"):
        await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))


async def test_three_conversations_are_merged_into_one_and_never_in_a_chain(db, desk):
    into, old = await two_tickets(db, desk)
    third = await a_ticket(db, desk, from_the_buyer("c", NOW + minutes(90)))
    await do(db, desk, merge, Merge(ticket_id=third.id, into_id=old.id, actor=ANNA))
    with pytest.raises(DeskError, match="merge the other way round"):
        await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    await do(db, desk, merge, Merge(ticket_id=into.id, into_id=old.id, actor=ANNA))
    after = await ticket(db, 2)
    assert [each.number for each in after.relations.merged] == [1, 3]
    assert after.waiting_since == NOW


async def test_the_thread_that_goes_on_shows_what_waits_there_now(db, desk):
    into, old = await two_tickets(db, desk)
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA))
    event = await last_event(db, into.id, "merged_in")
    assert event.data["text"].startswith("Where is my parcel?")


async def test_a_bounce_of_its_old_answer_opens_a_merged_ticket_again(db, desk):
    into, old = await two_tickets(db, desk)
    _, sent_as = await answer(db, desk, old.id, at=NOW + hours(2))
    await do(db, desk, merge, Merge(ticket_id=old.id, into_id=into.id, actor=ANNA), NOW + hours(3))
    bounce = an_inbound(
        thread=None, verdict=Verdict.BOUNCE, refers_to=[sent_as], sent_at=NOW + hours(4)
    )
    await arrive(db, desk, bounce, now=NOW + hours(4))
    after = await ticket(db, 2)
    assert (after.state, after.waiting_since) == ("open", NOW + hours(1))
    done = await do(db, desk, claim, Claim(ticket_id=old.id, actor=ANNA), NOW + hours(5))
    assert done.ticket.assignee == ANNA


async def test_linked_tickets_name_each_other_and_no_clock_moves(db, desk):
    one = await a_ticket(db, desk)
    other = await a_ticket(db, desk)
    command = Link(ticket_id=other.id, other_id=one.id, actor=ANNA)
    assert (await do(db, desk, link, command)).changed
    backwards = Link(ticket_id=one.id, other_id=other.id, actor=ANNA)
    assert not (await do(db, desk, link, backwards)).changed
    first, second = await ticket(db, 1), await ticket(db, 2)
    assert [each.number for each in first.relations.linked] == [2]
    assert [each.number for each in second.relations.linked] == [1]
    assert (first.clocks, second.clocks) == (one.clocks, other.clocks)
    assert (await do(db, desk, unlink, backwards)).changed
    assert not (await do(db, desk, unlink, command)).changed
    assert not (await ticket(db, 1)).relations.linked


async def test_who_may_only_look_merges_and_links_nothing(db, desk):
    for verb, command in (
        (merge, Merge(ticket_id=1, into_id=2, actor=VIEWER)),
        (unmerge, Unmerge(ticket_id=1, actor=VIEWER)),
        (link, Link(ticket_id=1, other_id=2, actor=VIEWER)),
    ):
        with pytest.raises(NotAllowed):
            await do(db, desk, verb, command)
