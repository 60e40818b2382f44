"""A seller's ticket, from the customer's question to the answer and back."""

from datetime import timedelta

from sandbox.markets.kaufland import KauflandMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.kaufland.bench import KauflandBench

config = KauflandBench().config
KAUFLAND = "connectors.kaufland"


async def test_a_question_is_answered_once_and_our_copy_changes_nothing() -> None:
    async with desk_with(KAUFLAND, config, KauflandMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wo ist mein Paket?")
        await world.poll()
        assert await world.answer(1, "Es geht heute raus.") == "sent"
        await world.pass_time(timedelta(minutes=2))
        await world.poll()

        assert world.market.texts_sent == ["Es geht heute raus."]
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_invariant_6_an_answer_in_the_seller_portal_stops_the_clock() -> None:
    async with desk_with(KAUFLAND, config, KauflandMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wo ist mein Paket?")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.AGENT, "Es ist unterwegs.")
        await world.poll()

        assert world.ticket(1).state == "answered"


async def test_invariant_6_customer_service_does_not_answer_for_the_seller() -> None:
    async with desk_with(KAUFLAND, config, KauflandMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wo ist mein Paket?")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.PLATFORM, "Bitte antworten Sie dem Kunden.")
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"
        assert world.ticket(1).waiting_since is not None


async def test_a_ticket_closed_elsewhere_waits_for_nobody() -> None:
    async with desk_with(KAUFLAND, config, KauflandMarket) as world:
        await world.market.says(Author.CUSTOMER, "Hat sich erledigt.")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        world.market.shut("7001", "buyer_closed")
        await world.poll()

        assert world.ticket(1).state == "answered"
        assert world.quarantined() == []
