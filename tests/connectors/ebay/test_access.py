"""Tokens, permissions, pushes, and what `doctor` says of them."""

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.capabilities import ContextRequest, Delivery, Payment, WebhookRequest
from connectors.ebay.config import Config
from connectors.errors import AuthExpired, WebhookRefused
from connectors.testing.market import Fault
from sandbox.markets.ebay.market import FIRST_ORDER, EbayMarket
from sla_rules.vocabulary import Author
from tests.connectors.ebay.ebay_contract import bench, ebay


def grants(market: EbayMarket) -> int:
    return sum(call.path.endswith("/oauth2/token") for call in market.log)


async def test_a_token_is_renewed_before_it_ends_and_shared_by_all_calls() -> None:
    async with bench().running() as stage:
        await stage.poll()
        assert grants(ebay(stage.market)) == 1
        stage.time.advance(timedelta(hours=3))
        await stage.market.says(Author.CUSTOMER, "hello")
        assert len(await stage.poll()) == 1
        assert grants(ebay(stage.market)) == 2


async def test_a_token_that_ebay_forgot_early_is_renewed_without_losing_the_poll() -> None:
    async with bench().running() as stage:
        await stage.poll()
        ebay(stage.market).forget_token()
        await stage.market.says(Author.CUSTOMER, "hello")
        assert len(await stage.poll()) == 1


async def test_a_consent_taken_back_asks_for_a_new_one() -> None:
    async with bench().running() as stage:
        ebay(stage.market).revoked = True
        with pytest.raises(AuthExpired, match="consent again"):
            await stage.poll()
        health = await stage.connector.check()
        assert (health.ok, "consent again" in health.detail) == (False, True)


@pytest.mark.parametrize(
    ("consented_on", "ok", "words"),
    [
        ("2026-03-01", True, "signed in as bottega-salici"),
        ("2024-11-01", True, "ends in 45 days"),
        ("2024-09-20", False, "ends in 3 days"),
        ("2024-01-01", False, "ends in 0 days"),
    ],
)
async def test_doctor_warns_before_a_consent_ends(consented_on: str, ok: bool, words: str) -> None:
    async with bench(consented_on=consented_on).running() as stage:
        health = await stage.connector.check()
        assert health.ok is ok
        assert words in health.detail
        assert "4988 Message API calls left" in health.detail


@pytest.mark.parametrize(
    ("scope", "setting"),
    [("commerce.feedback", "feedback"), ("sell.payment.dispute", "payment_disputes")],
)
async def test_doctor_names_the_permission_that_lacks_and_the_setting_that_does_without(
    scope: str, setting: str
) -> None:
    async with bench().running() as stage:
        ebay(stage.market).lacks.add(scope)
        health = await stage.connector.check()
        assert not health.ok
        assert "lacks the permission" in health.detail
        assert f"set {setting} = false" in health.detail
    async with bench(**{setting: False}).running() as stage:
        ebay(stage.market).lacks.add(scope)
        assert (await stage.connector.check()).ok


def test_pushes_are_set_up_whole_or_not_at_all() -> None:
    given: dict[str, Any] = {"client_id": "a", "client_secret": "b", "refresh_token": "c"}
    assert Config.model_validate(given).marketplace == "it"
    with pytest.raises(ValueError, match="go together"):
        Config.model_validate(given | {"push_endpoint": "https://desk.example/hook"})
    short = {"push_endpoint": "https://desk.example/hook", "verification_token": "short"}
    with pytest.raises(ValueError, match="32 to 80"):
        Config.model_validate(given | short)


def with_header(request: WebhookRequest, **changes: str) -> WebhookRequest:
    header = json.loads(base64.b64decode(request.headers["x-ebay-signature"])) | changes
    text = base64.b64encode(json.dumps(header).encode()).decode()
    return replace(request, headers={"x-ebay-signature": text})


async def test_a_push_makes_the_desk_look_and_its_key_is_fetched_once() -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        market = ebay(stage.market)
        push = market.webhook(await market.says(Author.CUSTOMER, "hello"))
        outcome = await connector.parse_webhook(push)
        assert await connector.parse_webhook(push) == outcome
        assert (outcome.poll, outcome.items) == (True, ())
        assert outcome.delivery_id
        keys = [call for call in market.log if "/public_key/" in call.path]
        assert len(keys) == 1
        stage.time.advance(timedelta(hours=2))
        await connector.parse_webhook(push)
        assert len([call for call in market.log if "/public_key/" in call.path]) == 2


async def test_a_member_who_leaves_ebay_and_a_test_push_change_nothing() -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        gone = ebay(stage.market).push("MARKETPLACE_ACCOUNT_DELETION", {"username": "x"}, "n1")
        outcome = await connector.parse_webhook(gone)
        assert (outcome.poll, outcome.status, outcome.items) == (False, 200, ())
        invented = {"conversationId": "0", "messageId": "0"}
        test = ebay(stage.market).push("NEW_MESSAGE", invented, "n2")
        assert (await connector.parse_webhook(test)).poll
        assert await stage.poll() == []


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": "00000000-0000-0000-0000-000000000000"},
        {"kid": "../../identity/v1/user"},
        {"kid": ""},
        {"signature": base64.b64encode(b"0" * 70).decode()},
        {"signature": "not base64!"},
    ],
)
async def test_a_push_that_is_not_ebays_is_answered_412(changes: dict[str, str]) -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        push = ebay(stage.market).push("NEW_MESSAGE", {}, "n1")
        with pytest.raises(WebhookRefused) as refusal:
            await connector.parse_webhook(with_header(push, **changes))
        assert refusal.value.status == 412


async def test_a_push_is_put_off_while_the_key_cannot_be_fetched() -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        push = ebay(stage.market).push("NEW_MESSAGE", {}, "n1")
        stage.market.fail(Fault.FAILS)
        with pytest.raises(WebhookRefused) as refusal:
            await connector.parse_webhook(push)
        assert refusal.value.status == 503


async def test_without_a_verification_token_no_push_is_taken() -> None:
    async with bench(verification_token=None, push_endpoint="").running() as stage:
        connector: Any = stage.connector
        with pytest.raises(WebhookRefused):
            await connector.parse_webhook(ebay(stage.market).push("NEW_MESSAGE", {}, "n1"))


async def test_an_order_comes_with_its_items_its_parcel_and_what_ebay_does_not_say() -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        market = ebay(stage.market)
        market.orders[FIRST_ORDER] |= {
            "orderFulfillmentStatus": "FULFILLED",
            "orderPaymentStatus": "PARTIALLY_REFUNDED",
        }
        market.parcels[FIRST_ORDER] = [
            {"shipmentTrackingNumber": "1Z1", "shippingCarrierCode": "UPS", "shippedDate": "2026-03-08"},
            {"shipmentTrackingNumber": "1Z2", "shippingCarrierCode": "DHL", "shippedDate": "2026-03-09"},
        ]  # fmt: skip
        wanted = ContextRequest(customer_handle="nora_7001", order_id=FIRST_ORDER, marketplace="de")
        found = await connector.fetch_context(wanted)
        (order,) = found.orders
        assert (order.delivery, order.payment) == (Delivery.IN_TRANSIT, Payment.PARTLY_REFUNDED)
        assert (order.carrier, order.tracking_number) == ("DHL", "1Z2")
        assert str(order.total.amount) == "39.80"
        assert [(one.title, one.quantity, one.sku) for one in order.items] == [
            ("Oak shelf, 60 cm", 2, "SHELF-60")
        ]
        assert order.url == f"https://www.ebay.it/sh/ord/details?orderid={FIRST_ORDER}"
        assert "2 parcels" in order.note
        assert found.gaps == ("eBay does not tell whether a parcel arrived",)


async def test_a_link_leads_to_the_order_on_its_site_and_else_to_the_messages() -> None:
    async with bench().running() as stage:
        connector: Any = stage.connector
        context = {"conversation": "1", "order": FIRST_ORDER, "site": "uk"}
        wanted = f"https://www.ebay.co.uk/sh/ord/details?orderid={FIRST_ORDER}"
        assert connector.deep_link(context) == wanted
        assert connector.deep_link({"conversation": "1", "site": "zz"}) == (
            "https://www.ebay.it/cnt/ViewMessage?group_type=CORE"
        )
        assert connector.deep_link({}) is None
