"""A customer's review, and a desk that cannot answer it by itself."""

from datetime import timedelta

import pytest

from bot.usecases.outbound import NothingGoesOut
from sandbox.markets.feedaty import FeedatyMarket
from sla_rules.topics import Topic
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.feedaty.bench import FeedatyBench

config = FeedatyBench().config
FEEDATY = "connectors.feedaty"


async def test_a_bad_review_waits_and_nothing_can_be_sent_to_it() -> None:
    async with desk_with(FEEDATY, config, FeedatyMarket, replies_in_portal=True) as world:
        await world.market.says(Author.CUSTOMER, "Si è rotto subito.", stars=1)
        await world.poll()
        ticket = world.ticket(1)
        with pytest.raises(NothingGoesOut):
            await world.answer(1, "Ci dispiace.")

        assert (ticket.topic, ticket.state) == (Topic.NEGATIVE_REVIEW, "open")
        assert ticket.order_id == "IT7001"


async def test_each_review_is_a_ticket_of_its_own_and_comes_once() -> None:
    async with desk_with(FEEDATY, config, FeedatyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Lenti.", stars=2)
        await world.market.says(Author.CUSTOMER, "Rotto.", stars=1, product="TRAIN-1")
        await world.poll()
        await world.pass_time(timedelta(minutes=15))
        await world.poll()

        assert len(world.tickets()) == 2
        assert world.quarantined() == []
