"""Etsy through the whole desk: what cannot be answered from here is told apart and timed."""

from datetime import timedelta

import pytest

from bot.usecases.answered import AnsweredElsewhere, answered_elsewhere
from bot.usecases.outbound import NothingGoesOut
from connectors.capabilities import LinksDeep
from sandbox.markets.profile_mail import EtsyMail
from sla_rules.vocabulary import Author
from tests.builders import ANNA
from tests.connectors.desk_world import desk_with
from tests.connectors.etsy.test_contract import TestEtsyMail as Contract


async def test_a_message_on_etsy_becomes_a_ticket_with_etsys_own_limit_and_a_link() -> None:
    async with desk_with("etsy", Contract().config, EtsyMail) as world:
        await world.market.says(Author.CUSTOMER, "Is it solid oak?")
        await world.market.says(Author.PLATFORM, "Congratulations.")
        await world.poll()
        (ticket,) = world.tickets()
        assert ticket.state == "open"
        assert world.thread(1)[0].body == "Is it solid oak?"
        due = {str(clock.scope): clock.due_at for clock in ticket.clocks}
        assert due["marketplace"] - ticket.opened_at == timedelta(hours=24)
        assert isinstance(world.connector, LinksDeep)


async def test_an_answer_from_slack_is_refused_before_and_behind_the_desks_own_check() -> None:
    async with desk_with("etsy", Contract().config, EtsyMail) as world:
        await world.market.says(Author.CUSTOMER, "Is it solid oak?")
        await world.poll()
        assert await world.answer(1, "It is.") not in {"sent", "unsure"}
        assert world.market.mail.sent == []
        assert world.ticket(1).state == "open"
    async with desk_with("etsy", Contract().config, EtsyMail, replies_in_portal=True) as world:
        await world.market.says(Author.CUSTOMER, "Is it solid oak?")
        await world.poll()
        with pytest.raises(NothingGoesOut, match="own console only"):
            await world.answer(1, "It is.")


async def test_invariant_6_somebody_who_answered_on_etsy_says_so_and_the_clock_stops() -> None:
    async with desk_with("etsy", Contract().config, EtsyMail, replies_in_portal=True) as world:
        await world.market.says(Author.CUSTOMER, "Is it solid oak?")
        await world.poll()
        said = AnsweredElsewhere(ticket_id=world.ticket(1).id, actor=ANNA)
        await world.database.write(
            lambda tx: answered_elsewhere(tx, world.desk, said), now=world.clock.now()
        )
        assert {str(clock.state) for clock in world.ticket(1).clocks} == {"met"}
        await world.pass_time(timedelta(minutes=5))
        await world.market.says(Author.CUSTOMER, "Thank you. And in walnut?")
        await world.poll()
        assert len(world.tickets()) == 1
        assert world.ticket(1).state == "open"
