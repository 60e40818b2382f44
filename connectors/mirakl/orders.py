"""Orders at a glance, from OR11. Pure."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final
from urllib.parse import quote

from connectors.capabilities import Delivery, Money, Order, OrderItem, Payment
from connectors.fields import Fields

_NOTHING: Final = Decimal(-1)

_DELIVERY: Final = MappingProxyType(
    {
        "STAGING": Delivery.NOT_SENT,
        "WAITING_ACCEPTANCE": Delivery.NOT_SENT,
        "WAITING_DEBIT": Delivery.NOT_SENT,
        "WAITING_DEBIT_PAYMENT": Delivery.NOT_SENT,
        "SHIPPING": Delivery.NOT_SENT,
        "SHIPPED": Delivery.IN_TRANSIT,
        "TO_COLLECT": Delivery.IN_TRANSIT,
        "RECEIVED": Delivery.DELIVERED,
        "CLOSED": Delivery.DELIVERED,
        "REFUSED": Delivery.CANCELLED,
        "CANCELED": Delivery.CANCELLED,
    }
)
"""States of orders as sellers' programs list them; CLOSED follows RECEIVED."""


def order_of(raw: Fields, back_office: str) -> Order:
    """One order. Raises Malformed without an id."""
    order_id = raw.id("order_id")
    currency = raw.text("currency_iso_code", default="")
    lines = raw.each("order_lines")
    received = [at for one in lines if (at := one.instant_or_none("received_date"))]
    return Order(
        order_id=order_id,
        placed_at=raw.instant_or_none("created_date"),
        items=tuple(_item(line, currency) for line in lines),
        total=_money(raw, "total_price", currency),
        payment=_payment(raw),
        delivery=_DELIVERY.get(raw.text("order_state", default=""), Delivery.UNKNOWN),
        promised_by=raw.inner("delivery_date").instant_or_none("latest"),
        delivered_at=max(received, default=None),
        carrier=raw.text("shipping_company", default=""),
        tracking_number=raw.text("shipping_tracking", default=""),
        tracking_url=_https(raw.text("shipping_tracking_url", default="")),
        url=order_url(back_office, order_id),
        note="an incident is open" if raw.flag("has_incident") else "",
    )


def order_url(back_office: str, order_id: str) -> str | None:
    """The order in the operator's back office; None where its address is not known."""
    return f"{back_office}/mmp/shop/order/{quote(order_id, safe='')}" if back_office else None


def _item(line: Fields, currency: str) -> OrderItem:
    return OrderItem(
        title=line.text("product_title", default="") or line.text("offer_sku", default=""),
        quantity=max(line.number("quantity", default=1), 0),
        sku=line.text("offer_sku", default=""),
        price=_money(line, "total_price", currency),
    )


def _money(raw: Fields, key: str, currency: str) -> Money | None:
    amount = raw.amount(key, default=_NOTHING)
    return Money(amount=amount, currency=currency) if currency and amount >= 0 else None


def _payment(raw: Fields) -> Payment:
    refunds = [one for line in raw.each("order_lines") for one in line.each("refunds")]
    back = sum(
        (max(one.amount("amount", default=_NOTHING), Decimal(0)) for one in refunds), Decimal(0)
    )
    if back > 0:
        total = raw.amount("total_price", default=_NOTHING)
        return Payment.REFUNDED if 0 < total <= back else Payment.PARTLY_REFUNDED
    return Payment.PAID if raw.instant_or_none("customer_debited_date") else Payment.UNKNOWN


def _https(url: str) -> str | None:
    return url if url.startswith("https://") else None
