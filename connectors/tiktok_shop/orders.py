"""TikTok Shop's orders at a glance. Pure. Fields are those of the page "Get Order Detail"."""

from decimal import Decimal
from typing import Final

from connectors.capabilities import Delivery, Money, Order, OrderItem, Payment
from connectors.fields import Fields

DELIVERY: Final = {
    "UNPAID": Delivery.NOT_SENT,
    "ON_HOLD": Delivery.NOT_SENT,
    "AWAITING_SHIPMENT": Delivery.NOT_SENT,
    "AWAITING_COLLECTION": Delivery.NOT_SENT,
    "PARTIALLY_SHIPPING": Delivery.PARTLY_SENT,
    "IN_TRANSIT": Delivery.IN_TRANSIT,
    "DELIVERED": Delivery.DELIVERED,
    "COMPLETED": Delivery.DELIVERED,
    "CANCELLED": Delivery.CANCELLED,
}


def order_of(raw: Fields) -> Order:
    """One order. Raises Malformed for one without an id."""
    payment = raw.inner("payment")
    currency = payment.text("currency", default="")
    status = raw.text("status", default="")
    return Order(
        order_id=raw.id("id"),
        placed_at=raw.instant_or_none("create_time"),
        items=_items(raw, currency),
        total=_money(payment, "total_amount", currency),
        payment=_payment(raw, status),
        delivery=DELIVERY.get(status, Delivery.UNKNOWN),
        promised_by=raw.instant_or_none("delivery_sla_time"),
        delivered_at=raw.instant_or_none("delivery_time"),
        carrier=raw.text("shipping_provider", default=""),
        tracking_number=raw.text("tracking_number", default=""),
        note=_note(raw),
    )


def _payment(raw: Fields, status: str) -> Payment:
    if status == "UNPAID":
        return Payment.OPEN
    return Payment.PAID if raw.number("paid_time", default=0) else Payment.UNKNOWN


def _note(raw: Fields) -> str:
    asked = "The buyer asks to cancel." if raw.flag("is_buyer_request_cancel") else ""
    return " ".join(part for part in (asked, raw.text("buyer_message", default="")) if part)


def _items(raw: Fields, currency: str) -> tuple[OrderItem, ...]:
    """TikTok lists every piece by itself; equal ones become one line."""
    lines: dict[str, list[Fields]] = {}
    for one in raw.each("line_items"):
        lines.setdefault(one.id("sku_id", default="") or one.id("id", default=""), []).append(one)
    return tuple(_item(pieces, currency) for pieces in lines.values())


def _item(pieces: list[Fields], currency: str) -> OrderItem:
    first = pieces[0]
    name, variant = first.text("product_name", default=""), first.text("sku_name", default="")
    prices = [one.amount("sale_price", default=Decimal(0)) for one in pieces]
    priced = bool(currency) and "sale_price" in first.value
    return OrderItem(
        title=f"{name} ({variant})" if variant else name,
        quantity=len(pieces),
        sku=first.text("seller_sku", default=""),
        price=Money(amount=sum(prices, Decimal(0)), currency=currency) if priced else None,
    )


def _money(raw: Fields, key: str, currency: str) -> Money | None:
    if not currency or key not in raw.value:
        return None
    return Money(amount=raw.amount(key, default=Decimal(0)), currency=currency)
