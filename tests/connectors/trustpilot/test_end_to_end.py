"""A review's ticket, from the customer's stars to the public answer and back."""

from datetime import timedelta

from sandbox.markets.trustpilot import TrustpilotMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.trustpilot.bench import TrustpilotBench

config = TrustpilotBench().config
TRUSTPILOT = "connectors.trustpilot"


async def test_a_bad_review_is_answered_once_and_our_copy_changes_nothing() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        await world.market.says(Author.CUSTOMER, "", stars=1)
        await world.poll()
        assert world.ticket(1).subject == "★☆☆☆☆"
        assert world.thread(1)[0].body == "★☆☆☆☆ no text"
        assert await world.answer(1, "We are sorry and have written to you.") == "sent"
        await world.pass_time(timedelta(minutes=6))
        await world.poll()

        assert world.market.texts_sent == ["We are sorry and have written to you."]
        assert world.ticket(1).state == "answered"
        assert len(world.thread(1)) == 2


async def test_invariant_6_an_answer_typed_at_trustpilot_stops_the_clock() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        await world.market.says(Author.CUSTOMER, "Never arrived")
        await world.poll()
        await world.pass_time(timedelta(hours=1))
        await world.market.says(Author.AGENT, "We look into it.")
        await world.poll()

        assert world.ticket(1).state == "answered"


async def test_a_changed_review_waits_again_and_is_answered_there() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Never arrived")
        await world.poll()
        await world.answer(1, "We look into it.")
        await world.pass_time(timedelta(hours=2))
        world.market.change(review, text="Still nothing", stars=1)
        await world.poll()
        assert world.ticket(1).state == "open"
        assert await world.answer(1, "It is on its way.") == "failed"
        await world.market.says(Author.AGENT, "It is on its way.")
        await world.poll()

        assert len(world.tickets()) == 1
        assert world.market.texts_sent == ["We look into it."]
        assert world.ticket(1).state == "answered"


async def test_a_review_taken_down_leaves_a_line_and_a_person_decides() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Never arrived")
        await world.poll()
        world.market.take_down(review)
        await world.webhook(world.market.call("service-review-deleted", review))
        await world.poll()

        assert [one.type for one in world.history(1)].count("verdict") == 1
        assert world.ticket(1).state == "open"


async def test_praise_without_words_makes_no_ticket() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        await world.market.says(Author.CUSTOMER, "", stars=5)
        await world.market.says(Author.CUSTOMER, "Wonderful", stars=5, thread="2")
        await world.poll()

        assert [ticket.subject for ticket in world.tickets()] == ["★★★★★"]
        assert world.quarantined() == []


async def test_a_call_wakes_the_poll() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Never arrived")
        answer = await world.webhook(world.market.webhook(review))

        assert answer.status == 200
        assert len(world.tickets()) == 1


async def test_praise_that_is_only_told_has_no_clock() -> None:
    def told(market: TrustpilotMarket) -> dict[str, object]:
        return {**config(market), "positive": "notice"}

    async with desk_with(TRUSTPILOT, told, TrustpilotMarket) as world:
        await world.market.says(Author.CUSTOMER, "Wonderful", stars=4)
        await world.poll()

        assert world.ticket(1).state == "open"
        assert world.ticket(1).waiting_since is None


async def test_praise_in_place_of_blame_is_told_in_the_ticket() -> None:
    async with desk_with(TRUSTPILOT, config, TrustpilotMarket) as world:
        review = await world.market.says(Author.CUSTOMER, "Never arrived", stars=1)
        await world.poll()
        await world.answer(1, "We look into it.")
        await world.pass_time(timedelta(hours=2))
        world.market.change(review, text="", stars=5)
        await world.poll()

        assert world.thread(1)[-1].body == "★★★★★ (changed)\nno text"
        assert world.ticket(1).state == "answered"
