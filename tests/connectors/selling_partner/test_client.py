"""Calls to the selling API: what is asked, how often, and how a refusal is worded."""

from datetime import UTC, datetime

import pytest
from aiohttp import ClientSession
from pydantic import ValidationError

from connectors.errors import AccessWithdrawn, AuthExpired, RateLimited, Rejected, Unavailable
from connectors.selling_partner.client import INCLUDED, ORDERS, TOKEN_HEADER
from connectors.selling_partner.config import SellingPartnerConfig
from connectors.selling_partner.operations import (
    CREATE_REPORT,
    GET_ORDER,
    hold_after,
    told_rate,
    wait_when_throttled,
)
from connectors.selling_partner.regions import regions
from connectors.testing.market import Fault
from sandbox.markets.selling_partner import PERSONAL
from sandbox.markets.selling_partner_shapes import ITALY, an_order
from tests.connectors.selling_partner.bench import ORDER, access

FEEDBACK = "GET_SELLER_FEEDBACK_DATA"


async def test_an_order_is_asked_for_without_any_personal_data():
    async with access() as a:
        a.market.orders[ORDER] = an_order()
        found = await a.api.order(ORDER)
        assert found is not None
        assert a.market.included == [frozenset(INCLUDED)]
        assert not a.market.included[0] & PERSONAL
    assert frozenset(INCLUDED) == {"FULFILLMENT", "PACKAGES", "CANCELLATION"}


@pytest.mark.parametrize("wanted", ["BUYER", "FULFILLMENT,RECIPIENT", "TAX"])
async def test_personal_data_would_be_refused_by_the_fake_that_proves_it(wanted: str) -> None:
    async with access() as a, ClientSession() as session:
        await a.api.sign_in()
        a.market.orders[ORDER] = an_order()
        address = f"{a.market.url}{ORDERS}/{ORDER}?includedData={wanted}"
        headers = {TOKEN_HEADER: a.market.token}
        async with session.get(address, headers=headers) as answer:
            assert answer.status == 403


async def test_an_order_nobody_knows_is_none():
    async with access() as a:
        assert await a.api.order(ORDER) is None


async def test_one_token_serves_until_most_of_its_life_is_over():
    async with access() as a:
        a.market.orders[ORDER] = an_order()
        for _ in range(3):
            await a.api.order(ORDER)
        assert a.market.logins == 1
        await a.time.sleep(3000)
        await a.api.order(ORDER)
        assert a.market.logins == 2


async def test_a_burst_is_free_and_then_the_documented_rate_holds():
    async with access() as a:
        for _ in range(GET_ORDER.burst):
            await a.api.order(ORDER)
        assert a.time.slept == 0
        await a.api.order(ORDER)
        assert a.time.slept == pytest.approx(1 / GET_ORDER.per_second)


async def test_each_operation_has_a_bucket_of_its_own():
    async with access() as a:
        for _ in range(CREATE_REPORT.burst):
            await a.api.create_report(FEEDBACK, [ITALY])
        with pytest.raises(RateLimited) as refusal:
            await a.api.create_report(FEEDBACK, [ITALY])
        assert refusal.value.retry_after == pytest.approx(1 / CREATE_REPORT.per_second, rel=0.01)
        assert await a.api.order(ORDER) is None


async def test_a_smaller_rate_that_amazon_grants_is_kept():
    async with access() as a:
        a.market.orders[ORDER] = an_order()
        a.market.granted = 0.1
        await a.api.order(ORDER)
        await a.api.order(ORDER)
        assert a.time.slept == pytest.approx(10)


@pytest.mark.parametrize("told", ["", "fast", "nan", "inf", "-1", "0"])
def test_a_rate_that_says_nothing_is_passed_over(told: str) -> None:
    headers = {"x-amzn-ratelimit-limit": told}
    assert told_rate(headers) is None
    assert hold_after(headers, GET_ORDER) == 0
    assert wait_when_throttled(headers, GET_ORDER) == pytest.approx(2)


async def test_a_refusal_keeps_codes_and_the_request_id_and_no_message():
    async with access() as a:
        with pytest.raises(Rejected) as refusal:
            await a.api.create_report("GET_ORDERS_WITH_ADDRESSES", [ITALY])
    said = str(refusal.value)
    assert said == (
        "createReport: InvalidInput (400), Amazon's request id 3f0c2f6e-7c1b-4f0a-9d55-1c2f00a7be21"
    )


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Fault.REFUSED, AuthExpired), (Fault.THROTTLED, RateLimited), (Fault.FAILS, Unavailable)],
)
async def test_faults_have_their_errors(fault: Fault, error: type[Exception]) -> None:
    async with access() as a:
        a.market.fail(fault)
        with pytest.raises(error):
            await a.api.order(ORDER)


async def test_a_withdrawn_refresh_token_is_told_from_a_wrong_secret():
    async with access() as a:
        a.market.withdrawn = True
        with pytest.raises(AccessWithdrawn, match="invalid_grant"):
            await a.api.sign_in()
    async with access(client_secret="another") as a:
        with pytest.raises(AuthExpired, match="invalid_client") as refusal:
            await a.api.sign_in()
        assert not isinstance(refusal.value, AccessWithdrawn)


@pytest.mark.parametrize("packed", [True, False])
async def test_a_report_is_asked_for_awaited_and_downloaded(packed: bool) -> None:
    async with access() as a:
        a.market.packed, a.market.slowness = packed, 1
        since = datetime(2026, 2, 8, 9, 0, tzinfo=UTC)
        report_id = await a.api.create_report(FEEDBACK, [ITALY], since=since)
        first = await a.api.report(report_id)
        second = await a.api.report(report_id)
        assert first is not None
        assert second is not None
        assert (first.status, second.status) == ("IN_QUEUE", "DONE")
        content = await a.api.document(second.document)
        assert content.startswith(b"Data\tValutazione")
        assert a.market.asked_for[0]["dataStartTime"] == "2026-02-08T09:00:00Z"
        assert await a.api.report("no-such-report") is None


async def test_a_broken_document_is_unavailable():
    async with access() as a:
        report = await a.api.report(await a.api.create_report(FEEDBACK, [ITALY]))
        assert report is not None
        a.market.packed = False
        plain = await a.api.document(report.document)
        assert plain
        # Announced as packed, and plain bytes behind it.
        a.market.lies_about_packing = True
        with pytest.raises(Unavailable, match="broken"):
            await a.api.document(report.document)


def test_every_marketplace_is_in_a_region_that_has_an_endpoint() -> None:
    known = regions()
    assert {one.region for one in known.marketplaces.values()} == set(known.regions)
    assert len({one.id for one in known.marketplaces.values()}) == len(known.marketplaces)
    assert known.by_id("APJ6JRA9NG5V4") == ("it", known.marketplaces["it"])
    assert known.by_id("A0") is None


def test_settings_hide_what_is_secret() -> None:
    config = SellingPartnerConfig.model_validate(
        {"client_id": "c", "client_secret": "s3cr3t", "refresh_token": "r3fr3sh", "region": "fe"}
    )
    assert "s3cr3t" not in repr(config)
    assert "r3fr3sh" not in repr(config)
    assert config.endpoint == "https://sellingpartnerapi-fe.amazon.com"
    assert config.login == "https://api.amazon.com"


@pytest.mark.parametrize(
    "url", ["http://sellingpartnerapi.example", "ftp://x", "http://localhost.example"]
)
def test_an_address_without_encryption_is_refused_but_on_this_machine(url: str) -> None:
    plain = {"client_id": "c", "client_secret": "s", "refresh_token": "r", "region": "eu"}
    with pytest.raises(ValidationError):
        SellingPartnerConfig.model_validate({**plain, "base_url": url})
    SellingPartnerConfig.model_validate({**plain, "base_url": "http://127.0.0.1:8080"})
