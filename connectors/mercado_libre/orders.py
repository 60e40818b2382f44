"""Orders at a glance, from an order and its parcel. Pure."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.capabilities import Delivery, Money, Order, OrderItem, Payment
from connectors.fields import Fields
from connectors.mercado_libre.sites import sale_url

_NOTHING: Final = Decimal(-1)

_DELIVERY: Final = MappingProxyType(
    {
        "pending": Delivery.NOT_SENT,
        "handling": Delivery.NOT_SENT,
        "ready_to_ship": Delivery.NOT_SENT,
        "shipped": Delivery.IN_TRANSIT,
        "delivered": Delivery.DELIVERED,
        "not_delivered": Delivery.FAILED,
        "cancelled": Delivery.CANCELLED,
    }
)
"""States of a shipment, from the page on shipments."""


def order_of(raw: Fields, parcel: Fields | None, site: str) -> Order:
    """One order. Raises Malformed without an id."""
    order_id = raw.id("id")
    currency = raw.text("currency_id", default="")
    sent = parcel or Fields({})
    lead = sent.inner("lead_time")
    cancelled = raw.text("status", default="") == "cancelled"
    delivery = _DELIVERY.get(sent.text("status", default=""), Delivery.UNKNOWN)
    return Order(
        order_id=order_id,
        placed_at=raw.instant_or_none("date_created"),
        items=tuple(_item(line, currency) for line in raw.each("order_items")),
        total=_money(raw.amount("total_amount", default=_NOTHING), currency),
        payment=_payment(raw),
        delivery=Delivery.CANCELLED if cancelled else delivery,
        promised_by=lead.inner("estimated_delivery_limit").instant_or_none("date")
        or lead.inner("estimated_delivery_time").instant_or_none("date"),
        delivered_at=sent.inner("status_history").instant_or_none("date_delivered"),
        carrier=sent.text("tracking_method", default=""),
        tracking_number=sent.text("tracking_number", default=""),
        url=sale_url(raw.inner("context").text("site", default="") or site, _sale(raw, order_id)),
        note="sent from Mercado Libre's warehouse (Full)" if _is_full(sent) else "",
    )


def shipment_of(raw: Fields) -> str:
    """The number of an order's parcel; "" where it has none."""
    return raw.inner("shipping").id("id", default="")


def _sale(raw: Fields, order_id: str) -> str:
    return raw.id("pack_id", default="") or order_id


def _is_full(parcel: Fields) -> bool:
    kinds = (
        parcel.inner("logistic").text("type", default=""),
        parcel.text("logistic_type", default=""),
    )
    return "fulfillment" in kinds


def _item(line: Fields, currency: str) -> OrderItem:
    item = line.inner("item")
    count = max(line.number("quantity", default=1), 0)
    price = line.amount("unit_price", default=_NOTHING)
    return OrderItem(
        title=item.text("title", default="") or item.id("id", default=""),
        quantity=count,
        sku=item.text("seller_sku", default=""),
        price=_money(price * count, currency),
    )


def _money(amount: Decimal, currency: str) -> Money | None:
    return Money(amount=amount, currency=currency) if currency and amount >= 0 else None


def _payment(raw: Fields) -> Payment:
    payments = raw.each("payments")
    states = {one.text("status", default="") for one in payments}
    back = sum(
        (
            max(one.amount("transaction_amount_refunded", default=_NOTHING), Decimal(0))
            for one in payments
        ),
        Decimal(0),
    )
    if {"charged_back", "in_mediation"} & states:
        return Payment.DISPUTED
    if back > 0:
        total = raw.amount("total_amount", default=_NOTHING)
        return Payment.REFUNDED if 0 < total <= back else Payment.PARTLY_REFUNDED
    if "approved" in states or raw.text("status", default="") == "paid":
        return Payment.PAID
    return Payment.OPEN if states & {"pending", "in_process", "authorized"} else Payment.UNKNOWN
