"""Reports: asked for once a day, awaited across polls and restarts, read once."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from connectors.contract import Verdict
from connectors.errors import Unavailable
from connectors.registry import load_spec
from sandbox.markets.selling_partner import SellingPartnerMarket
from sandbox.markets.selling_partner_shapes import ITALY
from sla_rules.vocabulary import Author
from tests.connectors.amazon_account.bench import account

DAY = timedelta(days=1, minutes=1)


def asked_for(market: SellingPartnerMarket) -> list[str]:
    return [str(one["reportType"]) for one in market.asked_for]


async def test_a_report_is_asked_for_once_a_day_and_each_marketplace_has_its_own():
    async with account(marketplaces=["it", "de"]) as (stage, market):
        await stage.poll()
        await stage.poll()
        feedback = [one for one in market.asked_for if "FEEDBACK" in one["reportType"]]
        assert [one["marketplaceIds"] for one in feedback] == [[ITALY], ["A1PA6795UKMFR9"]]
        assert len(market.asked_for) == 3
        stage.time.advance(DAY)
        await stage.poll()
        assert len(market.asked_for) == 6


async def test_a_slow_report_is_read_by_a_later_poll_and_not_asked_for_again():
    async with account() as (stage, market):
        market.slowness = 7
        await market.says(Author.CUSTOMER, "Broken on arrival")
        assert await stage.poll() == []
        await stage.restart()
        found = [*await stage.poll(), *await stage.poll()]
        assert [one.text for one in found] == ["Broken on arrival"]
        assert len(market.asked_for) == 2


async def test_a_report_that_takes_half_a_day_is_given_up_and_asked_for_anew():
    async with account() as (stage, market):
        market.slowness = 10_000
        await stage.poll()
        stage.time.advance(timedelta(hours=12, minutes=1))
        await stage.poll()
        assert len(market.asked_for) == 2
        stage.time.advance(timedelta(hours=1, minutes=1))
        market.slowness = 0
        await market.says(Author.CUSTOMER, "Never came")
        assert [one.text for one in await stage.poll()] == ["Never came"]


@pytest.mark.parametrize(("ends", "hours"), [("FATAL", 1), ("CANCELLED", 24)])
async def test_a_report_that_was_not_written_is_asked_for_again_in_time(ends: str, hours: int):
    async with account() as (stage, market):
        market.ends = ends
        assert await stage.poll() == []
        stage.time.advance(timedelta(hours=hours) - timedelta(minutes=5))
        await stage.poll()
        assert len(market.asked_for) == 2
        stage.time.advance(timedelta(minutes=6))
        await stage.poll()
        assert len(market.asked_for) == 4


async def test_an_answer_given_in_seller_central_is_seen_with_the_next_report():
    async with account() as (stage, market):
        await market.says(Author.CUSTOMER, "Too late")
        (asked,) = await stage.poll()
        stage.time.advance(DAY)
        await market.says(Author.AGENT, "We refunded the order.")
        (answered,) = await stage.poll()
        assert answered.verdict is Verdict.ANSWERED_ELSEWHERE
        assert answered.thread_keys == asked.thread_keys
        assert answered.sent_at > asked.sent_at


async def test_stars_that_a_buyer_changed_join_the_same_conversation():
    async with account() as (stage, market):
        await market.says(Author.CUSTOMER, "Too late")
        (first,) = await stage.poll()
        market.messages[0].more["rating"] = 2
        stage.time.advance(DAY)
        (second,) = await stage.poll()
        assert second.thread_keys == first.thread_keys
        assert second.external_id != first.external_id


async def test_more_than_three_stars_are_no_ticket():
    async with account() as (stage, market):
        await market.says(Author.CUSTOMER, "Great", rating=5)
        await market.says(Author.CUSTOMER, "Fine", rating=3)
        assert [one.subject for one in await stage.poll()] == ["Neutral feedback: 3 of 5 stars"]


async def test_no_address_of_a_rater_is_in_what_is_stored():
    async with account() as (stage, market):
        await market.says(Author.CUSTOMER, "Too late")
        await stage.poll()
        assert stage.stored
        assert not [one for one in stage.stored.values() if b"marketplace.amazon" in one.payload]


async def test_a_trouble_is_told_when_it_begins_and_not_every_day():
    async with account() as (stage, market):
        assert await stage.poll() == []
        told = []
        for rates, statuses in (
            ({"lateShipmentRate": 0.05}, {}),
            ({"lateShipmentRate": 0.06}, {}),
            ({"lateShipmentRate": 0.06}, {ITALY: "AT_RISK"}),
            ({"lateShipmentRate": 0.01}, {}),
            ({"lateShipmentRate": 0.05}, {}),
        ):
            market.account.rates, market.account.statuses = dict(rates), dict(statuses)
            stage.time.advance(DAY)
            told.append([one.subject for one in await stage.poll()])
    late = "Account health: IT: late shipment rate is 5 %; Amazon wants below 4 %"
    assert told == [[late], [], ["Account health: IT: the account is at risk"], [], [late]]


async def test_invariant_1_a_notice_whose_page_was_not_stored_is_told_again():
    async with account() as (stage, market):
        market.account.warnings = {"spammingSellerMessaging": "BAD"}
        await stage.poll(stop_after=2)
        await stage.restart()
        found = await stage.poll()
        assert [one.tags for one in found] == [("account_risk",)]
        assert "spammingSellerMessaging" in found[0].text


async def test_a_document_that_is_no_report_is_said_and_asked_for_again_in_an_hour():
    async with account() as (stage, market):
        await market.says(Author.CUSTOMER, "Too late")
        market.spoilt = b"<html>502</html>"
        with pytest.raises(Unavailable, match="no table that could be read; performance: "):
            await stage.poll()
        market.spoilt = None
        assert await stage.poll() == []
        stage.time.advance(timedelta(hours=1, minutes=1))
        assert [one.text for one in await stage.poll()] == ["Too late"]


async def test_invariant_10_one_marketplaces_bad_report_stops_no_other():
    async with account(marketplaces=["de", "it"]) as (stage, market):
        await market.says(Author.CUSTOMER, "Too late")
        market.account.statuses = {ITALY: "AT_RISK"}
        market.spoilt_for = "A1PA6795UKMFR9"
        with pytest.raises(Unavailable, match=r"^feedback:de: "):
            await stage.poll()
        found = [stage.connector.normalise(item) for item in stage.stored.values()]
        assert {one.verdict for one in found} == {Verdict.CUSTOMER, Verdict.NOTICE}


@pytest.mark.parametrize("wrong", [{"marketplaces": ["us"]}, {"marketplaces": []}, {"region": "x"}])
def test_marketplaces_of_another_region_are_refused(wrong: dict[str, object]) -> None:
    spec = load_spec("connectors.amazon_account")
    market = SellingPartnerMarket(lambda: None)  # type: ignore[arg-type, return-value]
    with pytest.raises(ValidationError):
        spec.config_model.model_validate({**market.settings(), "marketplaces": ["it"], **wrong})
