"""Instagram through the whole desk: poll, ticket, clocks, answer, and what the app answers itself."""

from datetime import timedelta
from typing import Any

from connectors.testing.market import Fault
from sandbox.markets.instagram import InstagramMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.meta.worlds import instagram_settings


def config(**changes: Any) -> Any:
    return lambda market: instagram_settings(market) | changes


async def test_a_direct_message_is_answered_from_the_desk() -> None:
    async with desk_with("instagram", config(), InstagramMarket) as world:
        await world.market.says(Author.CUSTOMER, "È disponibile in verde?")
        await world.poll()

        assert await world.answer(1, "Sì, da lunedì.") == "sent"
        assert world.market.texts_sent == ["Sì, da lunedì."]
        await world.pass_time(timedelta(minutes=5))
        await world.poll()
        assert world.ticket(1).state == "answered"
        assert [message.direction for message in world.thread(1)] == ["in", "out"]
        assert world.quarantined() == []


async def test_invariant_6_an_away_message_leaves_the_ticket_open_and_a_persons_answer_closes_it() -> (
    None
):
    async with desk_with("instagram", config(), InstagramMarket) as world:
        await world.market.says(Author.CUSTOMER, "È disponibile in verde?")
        world.time.advance(timedelta(seconds=3))
        await world.market.says(Author.AUTO, "Grazie, torniamo lunedì.")
        await world.poll()
        assert world.ticket(1).state == "open"

        await world.pass_time(timedelta(minutes=20))
        await world.market.says(Author.AGENT, "Sì, in verde e in blu.")
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_a_webhook_and_a_poll_bring_one_message_once() -> None:
    async with desk_with("instagram", config(), InstagramMarket) as world:
        said = await world.market.says(Author.CUSTOMER, "Spedite in Svizzera?")
        call = world.market.webhook(said)
        assert (await world.webhook(call)).status == 200
        assert (await world.webhook(call)).status == 200
        await world.poll()

        assert len(world.tickets()) == 1
        assert len(world.thread(1)) == 1


async def test_invariant_3_a_lost_answer_is_found_and_not_sent_twice() -> None:
    async with desk_with("instagram", config(), InstagramMarket) as world:
        await world.market.says(Author.CUSTOMER, "Quanto costa?")
        await world.poll()
        world.market.fail(Fault.CUT_AFTER)
        sending = await world.answer(1, "39 euro.")
        world.market.fail(None)
        await world.pass_time(timedelta(minutes=10))

        assert sending != "failed"
        assert world.market.texts_sent == ["39 euro."]


async def test_comments_are_tickets_beside_the_direct_messages() -> None:
    async with desk_with("instagram", config(), InstagramMarket) as world:
        await world.market.says(Author.CUSTOMER, "Quanto costa?")
        await world.market.says(Author.CUSTOMER, "Prezzo?", thread="88", comment=True)
        await world.poll()

        assert {ticket.state for ticket in world.tickets()} == {"open"}
        assert sorted(tuple(ticket.tags) for ticket in world.tickets()) == [(), ("comment",)]


async def test_after_the_window_the_desk_is_told_and_nothing_is_sent() -> None:
    async with desk_with("instagram", config(), InstagramMarket) as world:
        await world.market.says(Author.CUSTOMER, "Quanto costa?")
        await world.poll()
        await world.pass_time(timedelta(hours=25))

        assert await world.answer(1, "39 euro.") == "failed"
        assert world.market.texts_sent == []
        assert world.ticket(1).state == "open"
