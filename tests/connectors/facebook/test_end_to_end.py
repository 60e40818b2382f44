"""A Facebook Page through the whole desk."""

from datetime import timedelta

from sandbox.markets.facebook import FacebookMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.meta.worlds import facebook_settings


async def test_a_message_of_messenger_is_answered_from_the_desk() -> None:
    async with desk_with("facebook", facebook_settings, FacebookMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wo ist mein Paket?")
        await world.poll()

        assert await world.answer(1, "Es kommt morgen.") == "sent"
        assert world.market.texts_sent == ["Es kommt morgen."]
        await world.pass_time(timedelta(minutes=5))
        await world.poll()
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_a_long_answer_is_one_answer_in_the_thread() -> None:
    async with desk_with("facebook", facebook_settings, FacebookMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wie geht die Rückgabe?")
        await world.poll()
        assert await world.answer(1, "Ein langer Satz über die Rückgabe. " * 80) == "sent"
        await world.pass_time(timedelta(minutes=5))
        await world.poll()

        assert len(world.market.texts_sent) == 2
        assert [message.direction for message in world.thread(1)].count("in") == 1
        assert world.ticket(1).state == "answered"


async def test_a_second_message_continues_the_ticket_and_opens_it_again() -> None:
    async with desk_with("facebook", facebook_settings, FacebookMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wo ist mein Paket?")
        await world.poll()
        await world.answer(1, "Es kommt morgen.")
        await world.pass_time(timedelta(hours=2))
        await world.market.says(Author.CUSTOMER, "Es ist nicht gekommen.")
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"


async def test_invariant_1_what_came_while_the_token_was_refused_is_read_afterwards() -> None:
    async with desk_with("facebook", facebook_settings, FacebookMarket) as world:
        good, world.market.token = world.market.token, "another-token"
        await world.market.says(Author.CUSTOMER, "Wo ist mein Paket?")
        assert (await world.poll()).error is not None
        assert world.tickets() == []

        world.market.token = good
        await world.pass_time(timedelta(minutes=30))
        assert (await world.poll()).error is None
        assert len(world.tickets()) == 1
