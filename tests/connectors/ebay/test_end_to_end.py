"""A desk over the fake eBay: questions, answers, disputes, clocks."""

from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest

from connectors.ebay.disputes import EVERY
from connectors.testing.market import Fault
from sandbox.markets.ebay import EbayMarket
from sandbox.markets.ebay.inbox import stamp
from sla_rules.vocabulary import Author, ClockState, Kind, Scope
from tests.connectors.desk_world import DeskWorld, desk_with

pytestmark = pytest.mark.e2e


def desk() -> AbstractAsyncContextManager[DeskWorld[EbayMarket]]:
    return desk_with("ebay", EbayMarket.settings, EbayMarket)


def clocks(world: DeskWorld[EbayMarket], number: int, scope: Scope) -> list[Any]:
    return [clock for clock in world.ticket(number).clocks if clock.scope is scope]


async def test_a_question_is_answered_from_the_desk_and_its_copy_changes_nothing() -> None:
    async with desk() as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        ticket = world.ticket(1)
        assert (ticket.state, ticket.order_id) == ("open", "12-34567-89012")
        assert await world.answer(1, "It leaves today.") == "sent"
        assert world.market.texts_sent == ["It leaves today."]
        await world.poll()
        assert world.ticket(1).state == "answered"
        assert [message.direction for message in world.thread(1)] == ["in", "out"]


async def test_our_answer_read_back_in_other_words_is_still_ours() -> None:
    async with desk() as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        assert await world.answer(1, "It leaves today.") == "sent"
        world.market.messages[-1].text = "It leaves today. [removed by eBay]"
        await world.poll()
        assert [message.direction for message in world.thread(1)] == ["in", "out"]


async def test_an_answer_typed_in_ebay_stops_the_clock_and_an_automatic_one_does_not() -> None:
    async with desk() as world:
        await world.market.says(Author.CUSTOMER, "Is it oak?", thread="7002")
        world.time.advance(timedelta(seconds=3))
        await world.market.says(Author.AUTO, "We answer on Monday.", thread="7002")
        await world.poll()
        assert world.ticket(1).state == "open"
        await world.pass_time(timedelta(minutes=20))
        await world.market.says(Author.AGENT, "Yes, it is.", thread="7002")
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_invariant_3_an_answer_whose_fate_is_unknown_is_found_and_not_sent_again() -> None:
    async with desk() as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        world.market.fail(Fault.CUT_AFTER)
        assert await world.answer(1, "It leaves today.") in {"unsure", "sent"}
        world.market.fail(None)
        await world.poll()
        assert world.market.texts_sent == ["It leaves today."]


async def test_a_return_has_ebays_own_limit_until_it_is_decided_in_ebay() -> None:
    async with desk() as world:
        due = world.time.now() + timedelta(days=2)
        row = {
            "returnId": "5001",
            "buyerLoginName": "nora_7001",
            "state": "RETURN_REQUESTED",
            "orderId": "12-34567-89012",
            "creationInfo": {
                "creationDate": {"value": stamp(world.time.now() - timedelta(hours=1))},
                "item": {"itemId": "200000007001"},
                "comments": {"content": "It came chipped."},
            },
            "sellerResponseDue": {
                "activityDue": "SELLER_APPROVE_REQUEST",
                "respondByDate": {"value": stamp(due)},
            },
        }
        world.market.disputes["return"].append(row)
        await world.poll()
        ticket = world.ticket(1)
        assert ticket.kind is Kind.RETURN_REQUEST
        assert [clock.due_at for clock in clocks(world, 1, Scope.MARKETPLACE)] == [due]
        world.market.disputes["return"][0] = row | {
            "state": "READY_FOR_SHIPPING",
            "sellerResponseDue": None,
        }
        await world.pass_time(EVERY)
        await world.poll()
        assert world.ticket(1).state == "answered"
        assert {clock.state for clock in clocks(world, 1, Scope.MARKETPLACE)} == {ClockState.MET}
        refund_by = world.time.now() + timedelta(days=2)
        world.market.disputes["return"][0] = row | {
            "state": "ITEM_DELIVERED",
            "sellerResponseDue": {
                "activityDue": "SELLER_ISSUE_REFUND",
                "respondByDate": {"value": stamp(refund_by)},
            },
        }
        await world.pass_time(EVERY)
        await world.poll()
        assert world.ticket(1).state == "open"
        running = [
            clock.due_at
            for clock in clocks(world, 1, Scope.MARKETPLACE)
            if clock.state is ClockState.RUNNING
        ]
        assert running == [refund_by]
        assert len(world.tickets()) == 1


async def test_a_case_keeps_to_itself_and_ends_when_ebay_closes_it() -> None:
    async with desk() as world:
        case = {
            "caseId": 6001,
            "buyer": "nora_7001",
            "itemId": 200000007001,
            "caseStatusEnum": "OPEN",
            "creationDate": {"value": stamp(world.time.now())},
            "respondByDate": {"value": stamp(world.time.now() + timedelta(days=1))},
        }
        world.market.disputes["casemanagement"].append(case)
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        kinds = sorted(ticket.kind for ticket in world.tickets())
        assert kinds == [Kind.CLAIM, Kind.MESSAGE]
        number = next(one.number for one in world.tickets() if one.kind is Kind.CLAIM)
        world.market.disputes["casemanagement"][0] = case | {"caseStatusEnum": "CS_CLOSED"}
        await world.pass_time(EVERY)
        await world.poll()
        running = [
            clock for clock in world.ticket(number).clocks if clock.state is ClockState.RUNNING
        ]
        assert running == []
        assert len(world.tickets()) == 2


async def test_invariant_10_a_refused_search_of_disputes_does_not_hold_up_messages() -> None:
    async with desk() as world:
        world.market.lacks.add("commerce.feedback")
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        report = await world.poll()
        assert report.error is not None
        assert "permission" in report.error
        assert [ticket.state for ticket in world.tickets()] == ["open"]


async def test_a_push_brings_the_message_with_the_next_look() -> None:
    async with desk() as world:
        known = await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        answer = await world.webhook(world.market.webhook(known))
        assert answer.status == 200
        assert len(world.tickets()) == 1


async def test_invariant_1_an_item_nobody_can_read_is_set_aside_and_the_rest_goes_on() -> None:
    async with desk() as world:
        world.market.disputes["return"].append(
            {"creationInfo": {"creationDate": {"value": stamp(world.time.now())}}}
        )
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        assert len(world.quarantined()) == 1
        assert world.quarantined()[0].startswith("return:unread:")
        assert "Where is my parcel?" in {
            m.body for t in world.tickets() for m in world.thread(t.number)
        }
