"""Walmart through the whole desk: the relay in, the relay out."""

from datetime import timedelta

from sandbox.markets.profile_mail import WalmartMail
from sla_rules.vocabulary import Author
from tests.connectors.desk_world import desk_with
from tests.connectors.walmart.test_contract import TestWalmartMail as Contract


async def test_a_customer_asks_is_answered_through_the_relay_and_asks_again() -> None:
    async with desk_with("walmart", Contract().config, WalmartMail) as world:
        await world.market.says(Author.CUSTOMER, "Where is my parcel?")
        await world.poll()
        ticket = world.ticket(1)
        due = {str(clock.scope): clock.due_at for clock in ticket.clocks}
        assert due["marketplace"] - ticket.opened_at == timedelta(hours=48)
        assert await world.answer(1, "It leaves today.") == "sent"
        (sent,) = world.market.mail.sent
        assert sent.recipients[0].endswith("@relay.walmart.com")
        await world.market.says(Author.CUSTOMER, "Thank you!")
        await world.poll()
        assert [len(world.tickets()), len(world.thread(1))] == [1, 3]


async def test_invariant_6_an_absence_notice_through_the_relay_starts_no_clock() -> None:
    async with desk_with("walmart", Contract().config, WalmartMail) as world:
        await world.market.says(Author.AUTO, "I am away.")
        await world.poll()
        assert world.tickets() == []
