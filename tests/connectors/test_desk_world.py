"""The builder itself, over the example connector."""

from datetime import timedelta

from connectors.testing.market import Fault
from connectors.testing.virtual_time import VirtualTime
from sandbox.markets.toy import ToyMarket
from sla_rules.vocabulary import Author
from tests.connectors.desk_parts import RecordedSlack
from tests.connectors.desk_world import desk_with
from tests.connectors.toy_contract import ToyContract

TOY = "sandbox.toy"
config = ToyContract().config


async def test_a_question_becomes_a_ticket_and_its_answer_reaches_the_platform() -> None:
    async with desk_with(TOY, config, ToyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()

        assert [ticket.state for ticket in world.tickets()] == ["open"]
        assert await world.answer(1, "It leaves today.") == "sent"
        assert world.market.texts_sent == ["It leaves today."]
        assert world.ticket(1).state == "answered"
        assert [message.direction for message in world.thread(1)] == ["in", "out"]


async def test_our_answer_read_back_changes_nothing() -> None:
    async with desk_with(TOY, config, ToyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        await world.answer(1, "It leaves today.")
        await world.poll()

        assert len(world.thread(1)) == 2
        assert world.quarantined() == []


async def test_a_call_of_the_platform_brings_what_a_poll_would_bring_once() -> None:
    async with desk_with(TOY, config, ToyMarket) as world:
        said = await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        call = world.market.webhook(said)
        assert (await world.webhook(call)).status == 200
        assert (await world.webhook(call)).status == 200

        assert len(world.tickets()) == 1
        assert len(world.thread(1)) == 1
        assert world.door.counts == {("inbox", "taken"): 1, ("inbox", "repeated"): 1}


async def test_pings_fire_while_time_passes() -> None:
    slack = RecordedSlack()
    async with desk_with(TOY, config, ToyMarket, slack=slack) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        await world.pass_time(timedelta(days=3))

        kinds = [kind for kind, _ in slack.posted]
        assert kinds[0] == "post_root"
        assert "post_ping" in kinds


async def test_a_running_fake_and_plain_settings_do_as_well() -> None:
    time = VirtualTime()
    async with (
        ToyMarket(time.now) as market,
        desk_with(TOY, config(market), market, time=time) as world,
    ):
        market.fail(Fault.FAILS)
        assert (await world.poll()).error is not None
        market.fail(None)
        assert (await world.poll()).error is None


async def test_an_answer_whose_fate_nobody_can_tell_is_handed_over_once() -> None:
    async with desk_with(TOY, config, ToyMarket) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        world.market.fail(Fault.CUT_AFTER)

        assert await world.answer(1, "It leaves today.") == "unsure"
        assert world.market.texts_sent == ["It leaves today."]
        assert world.ticket(1).state == "open"
