"""Orders at a glance. Pure; nothing of the customer's person is read."""

from collections.abc import Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.allegro.links import order_link
from connectors.capabilities import Delivery, Money, Order, OrderItem, Payment
from connectors.fields import Fields

_DELIVERY: Final = MappingProxyType(
    {
        "NEW": Delivery.NOT_SENT,
        "PROCESSING": Delivery.NOT_SENT,
        "READY_FOR_SHIPMENT": Delivery.NOT_SENT,
        "SUSPENDED": Delivery.NOT_SENT,
        "SENT": Delivery.IN_TRANSIT,
        "READY_FOR_PICKUP": Delivery.IN_TRANSIT,
        "PICKED_UP": Delivery.DELIVERED,
        "RETURNED": Delivery.RETURNED,
        "CANCELLED": Delivery.CANCELLED,
    }
)
"""What the seller says of an order (CheckoutForm, `fulfillment.status`)."""


def order_of(raw: Fields, shipments: Sequence[Fields], seller_id: str) -> Order:
    """One order. Raises Malformed without an id."""
    order_id, lines = raw.id("id"), raw.each("lineItems")
    parcel = next((one for one in shipments if one.text("waybill", default="")), Fields({}))
    bought = [at for line in lines if (at := line.instant_or_none("boughtAt")) is not None]
    return Order(
        order_id=order_id,
        placed_at=min(bought, default=None),
        items=tuple(_item(line) for line in lines),
        total=_money(raw.inner("summary").inner("totalToPay")),
        payment=_payment(raw.inner("payment")),
        delivery=_delivery(raw),
        promised_by=raw.inner("delivery").inner("time").instant_or_none("to"),
        carrier=_carrier(parcel),
        tracking_number=parcel.text("waybill", default=""),
        url=order_link(order_id, seller_id),
        note=_note(raw, len(shipments)),
    )


def _item(line: Fields) -> OrderItem:
    offer = line.inner("offer")
    count = max(line.number("quantity", default=1), 1)
    price = _money(line.inner("price"))
    whole = Money(amount=price.amount * count, currency=price.currency) if price else None
    name = offer.text("name", default="") or offer.id("id", default="")
    sku = offer.inner("external").id("id", default="")
    return OrderItem(title=name, quantity=count, sku=sku, price=whole)


def _money(raw: Fields) -> Money | None:
    amount, currency = raw.amount("amount", default=Decimal(-1)), raw.text("currency", default="")
    return Money(amount=amount, currency=currency) if currency and amount >= 0 else None


def _payment(payment: Fields) -> Payment:
    """Refunds stand elsewhere; cash on delivery is open until the parcel is paid for."""
    if payment.instant_or_none("finishedAt") is not None:
        return Payment.PAID
    return Payment.OPEN if payment.text("type", default="") else Payment.UNKNOWN


def _delivery(raw: Fields) -> Delivery:
    fulfilment = raw.inner("fulfillment")
    state = _DELIVERY.get(fulfilment.text("status", default=""), Delivery.UNKNOWN)
    if raw.text("status", default="") == "CANCELLED":
        return Delivery.CANCELLED
    sent = fulfilment.inner("shipmentSummary").text("lineItemsSent", default="")
    is_part = sent == "SOME" and state in {Delivery.NOT_SENT, Delivery.IN_TRANSIT}
    return Delivery.PARTLY_SENT if is_part else state


def _carrier(parcel: Fields) -> str:
    return parcel.text("carrierName", default="") or parcel.text("carrierId", default="")


def _note(raw: Fields, parcels: int) -> str:
    method = raw.inner("delivery").inner("method").text("name", default="")
    named = (method, f"{parcels} parcels" if parcels > 1 else "")
    return ", ".join(part for part in named if part)
