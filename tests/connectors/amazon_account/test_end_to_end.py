"""Feedback and the account's health through the whole desk."""

from datetime import timedelta

import pytest

from bot.usecases.answered import AnsweredElsewhere, answered_elsewhere
from bot.usecases.outbound import NothingGoesOut
from sandbox.markets.selling_partner import SellingPartnerMarket
from sla_rules.vocabulary import Author
from tests.builders import ANNA
from tests.connectors.amazon_account.bench import AccountBench
from tests.connectors.desk_world import desk_with

PACKAGE = "connectors.amazon_account"


async def test_feedback_is_a_ticket_under_amazons_rules_answered_in_seller_central() -> None:
    config = AccountBench().config
    async with desk_with(PACKAGE, config, SellingPartnerMarket, replies_in_portal=True) as world:
        await world.market.says(Author.CUSTOMER, "Two weeks late, nobody answers")
        await world.poll()
        (ticket,) = world.tickets()
        assert (ticket.state, str(ticket.topic)) == ("open", "negative_feedback")
        assert {clock.policy for clock in ticket.clocks} == {"amazon.negative_feedback"}
        with pytest.raises(NothingGoesOut, match="own console only"):
            await world.answer(1, "We are sorry.")
        said = AnsweredElsewhere(ticket_id=ticket.id, actor=ANNA)
        await world.database.write(
            lambda tx: answered_elsewhere(tx, world.desk, said), now=world.clock.now()
        )
        assert {str(clock.state) for clock in world.ticket(1).clocks} == {"met"}


async def test_invariant_6_a_public_answer_in_the_next_report_stops_the_clock() -> None:
    async with desk_with(PACKAGE, AccountBench().config, SellingPartnerMarket) as world:
        await world.market.says(Author.CUSTOMER, "Two weeks late, nobody answers")
        await world.poll()
        await world.market.says(Author.AGENT, "We refunded you.")
        await world.pass_time(timedelta(days=1, minutes=1))
        await world.poll()
        assert world.ticket(1).state == "answered"


async def test_a_trouble_of_the_account_is_one_notice_without_a_clock() -> None:
    async with desk_with(PACKAGE, AccountBench().config, SellingPartnerMarket) as world:
        world.market.account.rates["orderDefectRate"] = 0.013
        for _ in range(3):
            await world.poll()
            await world.pass_time(timedelta(days=1, minutes=1))
        (ticket,) = world.tickets()
        assert ticket.subject.startswith("Account health: IT: order defect rate (own shipping)")
        assert ticket.clocks == []
        assert ticket.tags == ["account_risk"]
        assert world.quarantined() == []


async def test_an_access_that_ended_pauses_the_inbox_and_is_told_once() -> None:
    async with desk_with(PACKAGE, AccountBench().config, SellingPartnerMarket) as world:
        world.market.withdrawn = True
        for _ in range(4):
            await world.poll()
            await world.pass_time(timedelta(hours=1))
        told = [payload for kind, payload in world.slack.posted if kind == "post_ops"]  # type: ignore[attr-defined]
        (line,) = told
        assert "takes the refresh token no more (invalid_grant)" in line["text"]
        world.market.withdrawn = False
        await world.market.says(Author.CUSTOMER, "Too late")
        await world.poll()
        assert len(world.tickets()) == 1
