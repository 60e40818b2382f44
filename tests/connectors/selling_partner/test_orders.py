"""An order as a card shows it, and what is never read of one."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.capabilities import Delivery, Money
from connectors.contract import Json
from connectors.fields import Fields
from connectors.selling_partner.orders import order_of
from sandbox.markets.selling_partner_shapes import an_item, an_order
from tests.connectors.selling_partner.bench import ORDER


def order(**changes: Any):
    raw: dict[str, Json] = {"orderId": ORDER, **an_order(**changes)}
    return order_of(Fields(raw))


def fulfilment(status: str, **more: Any) -> dict[str, Any]:
    return {"fulfillmentStatus": status, "fulfilledBy": "MERCHANT", **more}


def parcels(*states: dict[str, str]) -> list[dict[str, Any]]:
    return [{"packageReferenceId": str(n), "packageStatus": one} for n, one in enumerate(states)]


def test_a_card_gets_items_amounts_dates_and_the_newest_parcel() -> None:
    found = order()
    assert found.order_id == ORDER
    assert found.items[0].title == "Desk lamp, brass"
    assert found.items[0].price == Money(amount=Decimal("49.80"), currency="EUR")
    assert found.total == Money(amount=Decimal("49.80"), currency="EUR")
    assert found.delivery is Delivery.IN_TRANSIT
    assert found.promised_by == datetime(2026, 3, 12, 22, 59, 59, tzinfo=UTC)
    assert (found.carrier, found.tracking_number) == ("BRT", "1Z04417720")
    assert found.url == f"https://sellercentral.amazon.it/orders-v3/order/{ORDER}"
    assert found.note == "2 parcels, the newest is shown"


def test_a_gifts_message_a_buyer_and_an_address_are_passed_over_if_amazon_sends_them() -> None:
    found = order(
        buyer={"buyerName": "Pina Verdi", "buyerEmail": "x@marketplace.amazon.it"},
        recipient={"deliveryAddress": {"name": "Pina Verdi", "addressLine1": "Via Po 1"}},
    )
    for private in ("Auguri", "Verdi", "Via Po", "marketplace.amazon"):
        assert private not in repr(found)


@pytest.mark.parametrize(
    ("status", "packages", "delivery"),
    [
        ("PENDING", (), Delivery.NOT_SENT),
        ("UNSHIPPED", (), Delivery.NOT_SENT),
        ("PARTIALLY_SHIPPED", (), Delivery.PARTLY_SENT),
        ("SHIPPED", (), Delivery.IN_TRANSIT),
        ("CANCELLED", (), Delivery.CANCELLED),
        ("NO_SUCH_STATUS", (), Delivery.UNKNOWN),
        ("SHIPPED", ({"status": "DELIVERED"},), Delivery.DELIVERED),
        ("SHIPPED", ({"status": "DELIVERED"}, {"status": "IN_TRANSIT"}), Delivery.IN_TRANSIT),
        ("SHIPPED", ({"status": "UNDELIVERABLE"},), Delivery.FAILED),
        (
            "SHIPPED",
            ({"status": "IN_TRANSIT", "detailedStatus": "LOST"}, {"status": "DELIVERED"}),
            Delivery.FAILED,
        ),
        ("SHIPPED", ({"status": "SHIPPED", "detailedStatus": "RETURNED_TO_SELLER"},), Delivery.RETURNED),
    ],
)  # fmt: skip
def test_delivery_is_that_of_the_order_until_its_parcels_say_more(
    status: str, packages: tuple[dict[str, str], ...], delivery: Delivery
) -> None:
    found = order(fulfillment=fulfilment(status), packages=parcels(*packages))
    assert found.delivery is delivery


def test_a_buyers_wish_to_cancel_is_on_the_card_until_it_is_done() -> None:
    asked = {"cancellationRequest": {"requester": "BUYER", "cancelReason": "bought twice"}}
    done = {**asked, "cancellationExecution": {"cancelledBy": "MERCHANT"}}
    assert "the buyer asks to cancel" in order(orderItems=[an_item(cancellation=asked)]).note
    assert "cancel" not in order(orderItems=[an_item(cancellation=done)]).note


def test_when_it_has_to_be_shipped_is_said_while_it_is_not() -> None:
    window = {"shipByWindow": {"latestDateTime": "2026-03-11T22:59:59Z"}}
    waiting = order(fulfillment=fulfilment("UNSHIPPED", **window), packages=[])
    assert waiting.note == "to be shipped by 2026-03-11 22:59 UTC"
    assert order(fulfillment=fulfilment("SHIPPED", **window), packages=[]).note == ""


def test_amounts_that_are_missing_or_mixed_give_no_total() -> None:
    free = an_item(product={"title": "Gift"})
    yen = an_item(
        product={"title": "Fan", "price": {"unitPrice": {"amount": "9", "currencyCode": "JPY"}}}
    )
    assert order(orderItems=[an_item(), free]).total is None
    assert order(orderItems=[an_item(), yen]).total is None
    assert order(orderItems=[]).total is None


def test_an_order_of_an_unknown_marketplace_has_no_link() -> None:
    assert order(salesChannel={"channelName": "AMAZON", "marketplaceId": "A0"}).url is None
