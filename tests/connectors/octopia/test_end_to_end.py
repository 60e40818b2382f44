"""A customer's discussion, from the question to the answer and back."""

from datetime import timedelta

from sandbox.markets.octopia import OctopiaMarket
from sla_rules.vocabulary import Author, Risk
from tests.connectors.desk_world import desk_with
from tests.connectors.octopia.bench import OctopiaBench

config = OctopiaBench().config
OCTOPIA = "connectors.octopia"


async def test_a_question_is_answered_once_and_our_copy_changes_nothing() -> None:
    async with desk_with(OCTOPIA, config, OctopiaMarket) as world:
        await world.market.says(Author.CUSTOMER, "Où est mon colis ?")
        await world.poll()
        assert await world.answer(1, "Il part aujourd'hui.") == "sent"
        await world.pass_time(timedelta(minutes=2))
        await world.poll()

        assert world.market.texts_sent == ["Il part aujourd'hui."]
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_invariant_6_an_answer_in_the_seller_area_stops_the_clock() -> None:
    async with desk_with(OCTOPIA, config, OctopiaMarket) as world:
        await world.market.says(Author.CUSTOMER, "Où est mon colis ?")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.AGENT, "Il est en route.")
        await world.poll()

        assert world.ticket(1).state == "answered"


async def test_invariant_6_neither_customer_service_nor_a_word_to_it_answers_the_customer() -> None:
    async with desk_with(OCTOPIA, config, OctopiaMarket) as world:
        await world.market.says(Author.CUSTOMER, "Où est mon colis ?")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.PLATFORM, "Merci de répondre au client.")
        await world.market.says(Author.AUTO, "Votre demande est enregistrée.")
        await world.market.says(Author.AGENT, "Nous le ferons.", to=["GrcOperator"])
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"
        assert world.ticket(1).waiting_since is not None


async def test_an_answered_discussion_that_becomes_a_claim_waits_again() -> None:
    async with desk_with(OCTOPIA, config, OctopiaMarket) as world:
        await world.market.says(Author.CUSTOMER, "Où est mon colis ?")
        await world.poll()
        await world.answer(1, "Il part aujourd'hui.")
        await world.pass_time(timedelta(hours=3))
        await world.poll()
        world.market.raise_to("7001", "Claim")
        await world.pass_time(timedelta(minutes=3))
        await world.poll()

        assert len(world.tickets()) == 1
        assert (world.ticket(1).state, world.ticket(1).risk) == ("open", Risk.CRITICAL)


async def test_a_discussion_closed_elsewhere_waits_for_nobody() -> None:
    async with desk_with(OCTOPIA, config, OctopiaMarket) as world:
        await world.market.says(Author.CUSTOMER, "C'est réglé.")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        world.market.shut("7001")
        await world.poll()

        assert world.ticket(1).state == "answered"
        assert world.quarantined() == []
