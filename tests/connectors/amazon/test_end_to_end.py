"""Amazon's mails through the whole desk: what runs a clock, what stops one, what starts it again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sandbox.markets import amazon_notices as notices
from sandbox.markets.amazon import OWN_PROVIDER, AmazonMail
from tests.connectors.desk_parts import RecordedSlack
from tests.connectors.desk_world import DeskWorld, desk_with

ORDER = "202-5555555-6666666"
MINUTE = timedelta(minutes=1)


def settings(market: AmazonMail) -> dict[str, object]:
    return {**market.settings(), "trusted_authserv": OWN_PROVIDER}


@asynccontextmanager
async def seller() -> AsyncIterator[DeskWorld[AmazonMail]]:
    async with desk_with("amazon", settings, AmazonMail) as world:
        yield world


async def asks(world: DeskWorld[AmazonMail], *questions: notices.Notice) -> None:
    for question in questions:
        await world.market.sends(question)
    await world.poll()
    await world.pass_time(10 * MINUTE)


async def then(world: DeskWorld[AmazonMail], *sent: notices.Notice) -> list[str]:
    """Amazon sends these; what state the tickets are in afterwards."""
    for each in sent:
        await world.market.sends(each)
    await world.poll()
    return [str(each.state) for each in world.tickets()]


async def test_an_answer_typed_in_seller_central_before_a_sale_stops_the_one_buyers_clock() -> None:
    async with seller() as world:
        await asks(
            world,
            notices.question("Maria Silva", "m1", "Is it in stock?"),
            notices.question("Owen Tarrant", "o1", "Is it oak?"),
        )
        states = await then(world, notices.answer_copy("Maria Silva", "It is."))
        assert states == ["answered", "open"]
        assert world.thread(1)[-1].body == "It is."


async def test_invariant_6_two_buyers_of_one_name_are_both_to_be_checked() -> None:
    async with seller() as world:
        await asks(
            world,
            notices.question("Maria Silva", "m1", "Is it in stock?"),
            notices.question("Maria Silva", "m2", "Does it come in white?"),
        )
        states = await then(world, notices.answer_copy("Maria Silva", "It does."))
        assert states == ["open", "open"]
        for number in (1, 2):
            assert "check in the marketplace" in str(world.history(number)[-1].data["reason"])


async def test_a_copy_that_overtakes_its_question_waits_for_it() -> None:
    async with seller() as world:
        asked_at = world.clock.now()
        await world.pass_time(10 * MINUTE)
        assert await then(world, notices.answer_copy("Maria Silva", "It is.")) == []
        await world.pass_time(10 * MINUTE)
        question = notices.question("Maria Silva", "m1", "Is it in stock?")
        await world.market.sends(question, at=asked_at)
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_amazons_copy_of_our_own_mail_is_no_second_answer() -> None:
    async with seller() as world:
        await asks(world, notices.question("Owen Tarrant", "o1", "Where is it?", order=ORDER))
        assert await world.answer(1, "It comes\ntomorrow.") == "sent"
        await then(world, notices.answer_copy("Owen Tarrant", "It comes tomorrow.", order=ORDER))
        assert [each.body for each in world.thread(1)] == ["Where is it?", "It comes\ntomorrow."]


async def test_invariant_6_an_opt_out_that_names_the_order_starts_the_clock_again() -> None:
    async with seller() as world:
        await asks(world, notices.question("Owen Tarrant", "o1", "Where is it?", order=ORDER))
        before = world.ticket(1).clocks
        assert await world.answer(1, "It comes tomorrow.") == "sent"
        assert world.ticket(1).state == "answered"
        assert await then(world, notices.opted_out(ORDER)) == ["open"]
        assert [clock.due_at for clock in world.ticket(1).clocks] == [
            each.due_at for each in before
        ]


async def test_invariant_6_a_refused_or_undelivered_mail_starts_the_clock_again() -> None:
    async with seller() as world:
        await asks(world, notices.question("Owen Tarrant", "o1", "Where is it?", order=ORDER))
        assert await world.answer(1, "It comes tomorrow.") == "sent"
        await world.market.returns(world.market.mail.sent[-1])
        assert await then(world) == ["open"]
        assert await world.answer(1, "It comes on Tuesday.") == "sent"
        head = world.market.mail.sent[-1].content.decode()
        (own_id,) = [line[12:] for line in head.splitlines() if line.startswith("Message-ID: ")]
        assert await then(world, notices.undelivered(own_id)) == ["open"]


async def test_a_return_a_cancellation_a_claim_and_refunds_of_one_order_are_kept_apart() -> None:
    async with seller() as world:
        await asks(world, notices.question("Owen Tarrant", "o1", "It is broken.", order=ORDER))
        await then(
            world,
            notices.return_request(ORDER),
            notices.cancel_request(ORDER),
            notices.refund(ORDER, "10.00"),
            notices.refund(ORDER, "5.00"),
            notices.claim(ORDER, days=3),
            notices.chargeback("202-7777777-8888888"),
        )
        kinds = [(str(each.kind), each.clocks[0].policy) for each in world.tickets()]
        assert kinds == [
            ("message", "amazon.message"),
            ("return_request", "amazon.return"),
            ("cancel_request", "amazon.cancel_request"),
            ("claim", "amazon.claim"),
            ("claim", "amazon.chargeback"),
        ]
        assert "Tracking: QF0000000001GB" in world.thread(2)[0].body
        assert sum("refunded" in each.body for each in world.thread(1)) == 2
        assert (await then(world, notices.claim_closed(ORDER)))[3] == "resolved"


async def test_what_is_new_is_shown_and_told_once() -> None:
    async with seller() as world:
        await then(world, notices.unheard_of("NEW_THING"), notices.unheard_of("NEW_THING"))
        assert [str(each.kind) for each in world.tickets()] == ["notice", "notice"]
        assert isinstance(world.slack, RecordedSlack)
        told = [payload for kind, payload in world.slack.posted if kind == "post_ops"]
        assert len(told) == 1
        assert "NEW_THING" in told[0]["text"]


async def test_a_mailbox_with_history_opens_with_it_closed_and_only_what_is_new_runs() -> None:
    def far_back(market: AmazonMail) -> dict[str, object]:
        return settings(market) | {"since_days": 30}

    async with desk_with("amazon", far_back, AmazonMail) as world:
        await world.market.sends(notices.question("Maria Silva", "m1", "Long ago", order=ORDER))
        world.time.advance(timedelta(days=8))
        await world.market.sends(notices.question("Owen Tarrant", "o1", "Just now"))
        await world.poll()
        assert [str(each.state) for each in world.tickets()] == ["resolved", "open"]
