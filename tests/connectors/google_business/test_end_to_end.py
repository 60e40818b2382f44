"""A review's ticket, from the customer's stars to the public answer and back."""

from datetime import timedelta

from sandbox.markets.google_business import GoogleBusinessMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.google_business.bench import GoogleBench

config = GoogleBench().config
GOOGLE = "connectors.google_business"


async def test_a_bad_review_is_answered_once_and_our_copy_changes_nothing() -> None:
    async with desk_with(GOOGLE, config, GoogleBusinessMarket) as world:
        await world.market.says(Author.CUSTOMER, "", stars=1)
        await world.poll()
        assert world.ticket(1).subject == "★☆☆☆☆ Bottega Salici Milano"
        assert await world.answer(1, "We are sorry and have called you.") == "sent"
        await world.pass_time(timedelta(minutes=6))
        await world.poll()

        assert world.market.texts_sent == ["We are sorry and have called you."]
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_invariant_6_an_answer_typed_at_google_stops_the_clock() -> None:
    async with desk_with(GOOGLE, config, GoogleBusinessMarket) as world:
        await world.market.says(Author.CUSTOMER, "Closed")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.AGENT, "We are sorry.")
        await world.poll()

        assert world.ticket(1).state == "answered"


async def test_a_changed_review_waits_again_in_its_own_ticket() -> None:
    async with desk_with(GOOGLE, config, GoogleBusinessMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Closed")
        await world.poll()
        await world.answer(1, "We are sorry.")
        await world.pass_time(timedelta(hours=2))
        world.market.change(review, text="Closed again", stars=1)
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"
        assert await world.answer(1, "Once more, sorry.") == "failed"


async def test_an_answer_refused_afterwards_lets_the_clock_run_again() -> None:
    async with desk_with(GOOGLE, config, GoogleBusinessMarket) as world:
        await world.market.says(Author.CUSTOMER, "Closed")
        await world.poll()
        assert await world.answer(1, "Visit our shop!") == "sent"
        await world.poll()
        await world.pass_time(timedelta(minutes=10))
        world.market.moderation = "refused"
        await world.poll()

        assert world.ticket(1).state == "open"
        assert world.ticket(1).waiting_since is not None


async def test_an_answer_that_google_keeps_checking_is_left_to_a_person() -> None:
    async with desk_with(GOOGLE, config, GoogleBusinessMarket) as world:
        await world.market.says(Author.CUSTOMER, "Closed")
        await world.poll()
        world.market.moderation = "held"

        assert await world.answer(1, "We are sorry.") == "unsure"
        assert world.market.changes == 1
        assert world.ticket(1).state == "open"


async def test_a_review_taken_down_leaves_a_line_and_a_person_decides() -> None:
    async with desk_with(GOOGLE, config, GoogleBusinessMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Closed")
        await world.poll()
        world.market.take_down(review)
        await world.poll()

        assert [one.type for one in world.history(1)].count("verdict") == 1
        assert world.ticket(1).state == "open"
