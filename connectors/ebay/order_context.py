"""An order of eBay at a glance. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.capabilities import (
    Delivery,
    Money,
    Order,
    OrderContext,
    OrderItem,
    Payment,
)
from connectors.contract import Json
from connectors.ebay.orders import marketplace_of
from connectors.ebay.sites import order_page, site_of
from connectors.fields import Fields
from sla_rules.worded import marked

NO_ARRIVAL: Final = marked("eBay does not tell whether a parcel arrived")

_PAYMENTS: Final[Mapping[str, Payment]] = MappingProxyType(
    {
        "PAID": Payment.PAID,
        "PENDING": Payment.OPEN,
        "FAILED": Payment.OPEN,
        "FULLY_REFUNDED": Payment.REFUNDED,
        "PARTIALLY_REFUNDED": Payment.PARTLY_REFUNDED,
    }
)
_DELIVERIES: Final[Mapping[str, Delivery]] = MappingProxyType(
    {
        "NOT_STARTED": Delivery.NOT_SENT,
        "IN_PROGRESS": Delivery.PARTLY_SENT,
        "FULFILLED": Delivery.IN_TRANSIT,
    }
)

Row = dict[str, Json]


def order_context(row: Row, shipments: Sequence[Row], site: str) -> OrderContext:
    """The order, its parcels, and what eBay does not say."""
    order = Fields(row)
    order_id, lines = order.id("orderId", default=""), order.each("lineItems")
    sold_on = next((name for line in lines if (name := marketplace_of(line))), "")
    parcel = _last(shipments)
    numbers = {Fields(one).id("shipmentTrackingNumber", default="") for one in shipments} - {""}
    found = Order(
        order_id=order_id,
        placed_at=order.instant_or_none("creationDate"),
        items=tuple(_item(line) for line in lines),
        total=_money(order.inner("pricingSummary").inner("total")),
        payment=_PAYMENTS.get(order.text("orderPaymentStatus", default=""), Payment.UNKNOWN),
        delivery=_delivery(order),
        promised_by=_promised(lines),
        carrier=parcel.text("shippingCarrierCode", default="") if parcel else "",
        tracking_number=parcel.id("shipmentTrackingNumber", default="") if parcel else "",
        url=order_page(site_of(sold_on, site), order_id),
        note=f"{len(numbers)} parcels; this is the last" if len(numbers) > 1 else "",
    )
    return OrderContext(orders=(found,), gaps=(NO_ARRIVAL,) if parcel else ())


def _last(shipments: Sequence[Row]) -> Fields | None:
    def sent(one: Fields) -> str:
        return one.text("shippedDate", default="")

    return max(map(Fields, shipments), key=sent, default=None)


def _delivery(order: Fields) -> Delivery:
    if order.inner("cancelStatus").text("cancelState", default="") == "CANCELED":
        return Delivery.CANCELLED
    status = order.text("orderFulfillmentStatus", default="")
    return _DELIVERIES.get(status, Delivery.UNKNOWN)


def _promised(lines: Sequence[Fields]) -> datetime | None:
    """The day by which the last of the lines should be there."""
    told = (
        line.inner("lineItemFulfillmentInstructions").instant_or_none("maxEstimatedDeliveryDate")
        for line in lines
    )
    return max((day for day in told if day is not None), default=None)


def _item(line: Fields) -> OrderItem:
    return OrderItem(
        title=line.text("title", default=""),
        quantity=line.number("quantity", default=1),
        sku=line.text("sku", default=""),
        price=_money(line.inner("total")),
    )


def _money(amount: Fields) -> Money | None:
    value, currency = (
        amount.amount("value", default=Decimal(-1)),
        amount.text("currency", default=""),
    )
    return Money(amount=value, currency=currency) if value >= 0 and currency else None
