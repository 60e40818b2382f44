"""A shop on a marketplace, from the customer's question to the answer and back."""

from datetime import timedelta

from sandbox.markets.mirakl import MiraklMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.mirakl.bench import MiraklBench

config = MiraklBench().config
MIRAKL = "connectors.mirakl"


async def test_a_question_is_answered_once_and_our_copy_changes_nothing() -> None:
    async with desk_with(MIRAKL, config, MiraklMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        assert await world.answer(1, "It leaves today.") == "sent"
        await world.pass_time(timedelta(minutes=1))
        await world.poll()

        assert world.market.texts_sent == ["It leaves today."]
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_invariant_6_an_answer_in_the_back_office_stops_the_clock() -> None:
    async with desk_with(MIRAKL, config, MiraklMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.AGENT, "It left yesterday.")
        await world.poll()

        assert world.ticket(1).state == "answered"


async def test_invariant_6_no_reply_needed_stops_the_clock() -> None:
    async with desk_with(MIRAKL, config, MiraklMarket) as world:
        await world.market.says(Author.CUSTOMER, "Thank you!")
        await world.poll()
        await world.pass_time(timedelta(minutes=10))
        world.market.press_no_reply("7001")
        await world.poll()

        assert world.ticket(1).state == "answered"


async def test_invariant_6_a_word_with_the_operator_leaves_the_customers_clock_running() -> None:
    async with desk_with(MIRAKL, config, MiraklMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        await world.pass_time(timedelta(minutes=10))
        await world.market.says(Author.PLATFORM, "What is going on?", to=["SHOP"])
        await world.market.says(Author.AGENT, "We are on it.", to=["OPERATOR"])
        await world.poll()

        assert world.ticket(1).state == "open"
        assert world.ticket(1).waiting_since is not None
        assert len(world.tickets()) == 2


async def test_an_incident_and_a_question_about_one_order_are_two_tickets() -> None:
    async with desk_with(MIRAKL, config, MiraklMarket) as world:
        await world.market.says(Author.CUSTOMER, "It is broken.")
        world.market.incident("7001-A")
        await world.poll()
        kinds = sorted(ticket.kind for ticket in world.tickets())
        world.market.close_incident("7001-A")
        await world.pass_time(timedelta(minutes=6))
        await world.poll()

        assert kinds == ["claim", "message"]
        assert world.quarantined() == []
