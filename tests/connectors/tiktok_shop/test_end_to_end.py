"""A desk with a TikTok Shop inbox: from a buyer's words to the answer in the chat."""

from datetime import timedelta

from connectors.testing.market import Fault
from sandbox.markets.tiktok_shop import TikTokShopMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.tiktok_shop.stand import settings_for


def a_desk():
    return desk_with("tiktok_shop", settings_for, TikTokShopMarket)


async def test_a_question_is_answered_in_the_chat_it_came_from():
    async with a_desk() as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        assert await world.answer(1, "It left yesterday.") == "sent"
        assert world.market.texts_sent == ["It left yesterday."]
        await world.poll()
        assert world.ticket(1).state == "answered"
        assert [each.body for each in world.thread(1)] == [
            "Where is my parcel?",
            "It left yesterday.",
        ]


async def test_invariant_2_a_chat_is_one_ticket_whatever_else_is_said_in_it():
    async with a_desk() as world:
        for author, text in (
            (Author.CUSTOMER, "Hello"),
            (Author.AUTO, "Choose a topic"),
            (Author.PLATFORM, "Salici joined"),
            (Author.CUSTOMER, "Where is my parcel?"),
        ):
            await world.market.says(author, text)
            world.time.advance(timedelta(seconds=20))
            await world.poll()
        (ticket,) = world.tickets()
        assert ticket.state == "open"


async def test_invariant_6_an_answer_typed_in_seller_center_stops_the_clock():
    async with a_desk() as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        world.time.advance(timedelta(minutes=5))
        await world.market.says(Author.AUTO, "We answer within a day.")
        await world.poll()
        assert world.ticket(1).state == "open"
        await world.market.says(Author.AGENT, "It left yesterday.")
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_invariant_3_a_lost_answer_is_found_in_the_chat_and_not_sent_twice():
    async with a_desk() as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        world.market.cut_next_reply = True
        assert await world.answer(1, "It left yesterday.") == "sent"
        assert world.market.texts_sent == ["It left yesterday."]


async def test_a_call_of_tiktoks_brings_the_message_at_once():
    async with a_desk() as world:
        await world.poll()
        message = await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        call = world.market.webhook(message)
        assert (await world.webhook(call)).status == 200
        await world.webhook(call)
        assert len(world.tickets()) == 1


async def test_a_return_request_is_settled_by_its_decision():
    async with a_desk() as world:
        now = int(world.time.now().timestamp())
        request = {
            "return_id": "4035",
            "order_id": "5776",
            "return_type": "REFUND",
            "return_status": "RETURN_OR_REFUND_REQUEST_PENDING",
            "create_time": now,
            "update_time": now,
            "seller_next_action_response": [
                {"action": "SELLER_RESPOND_REFUND", "deadline": now + 48 * 3600}
            ],
        }
        world.market.returns = [request]
        await world.poll()
        assert world.ticket(1).state == "open"
        world.time.advance(timedelta(minutes=15))
        decided = {"return_status": "RETURN_OR_REFUND_REQUEST_SUCCESS", "update_time": now + 600}
        world.market.returns = [request | decided | {"seller_next_action_response": []}]
        await world.poll()
        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "answered"


async def test_invariant_1_a_message_nobody_understands_is_set_aside_and_the_rest_goes_on():
    async with a_desk() as world:
        await world.market.says(Author.CUSTOMER, "broken", thread="61", role="")
        await world.market.says(Author.CUSTOMER, "fine", thread="62")
        await world.poll()
        assert len(world.quarantined()) == 1
        assert "fine" in {
            each.body for ticket in world.tickets() for each in world.thread(ticket.number)
        }


async def test_a_silent_platform_loses_nothing():
    async with a_desk() as world:
        await world.market.says(Author.CUSTOMER, "before the storm")
        world.market.fail(Fault.FAILS)
        await world.poll()
        world.market.fail(None)
        world.time.advance(timedelta(minutes=20))
        await world.poll()
        assert len(world.tickets()) == 1
