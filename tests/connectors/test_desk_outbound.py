"""The last gate before a platform, and what goes with an answer, over the example connector."""

from dataclasses import replace

from bot.usecases.call_budget import spent_today
from sandbox.markets.toy import ToyMarket
from sla_rules.vocabulary import Author
from tests.builders import minutes, queue
from tests.connectors.desk_world import INBOX, DeskWorld, desk_with
from tests.connectors.toy_contract import ToyContract

config = ToyContract().config


def watched(world: DeskWorld[ToyMarket]) -> None:
    route = replace(world.desk.inboxes[INBOX], observe=True)
    world.desk = replace(world.desk, inboxes={INBOX: route})


async def test_invariant_3_an_answer_queued_before_the_inbox_was_observed_is_not_sent() -> None:
    async with desk_with("sandbox.toy", config, ToyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        now = world.clock.now()
        queued = await queue(world.database, world.desk, world.ticket(1).id, at=now)
        watched(world)
        await world.pass_time(minutes(5))

        assert world.state_of(queued.message_id) == "failed"
        assert world.market.texts_sent == []
        assert world.ticket(1).state == "open"


async def test_calls_for_answers_are_counted_apart_from_those_for_reading() -> None:
    async with desk_with("sandbox.toy", config, ToyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        await world.answer(1, "It leaves today.")
        now = world.clock.now()
        spent = (await world.database.read(lambda conn: spent_today(conn, now)))[INBOX]
        assert spent.reads >= 1
        assert spent.replies == 1
        assert spent.reads + spent.replies == world.market.calls
