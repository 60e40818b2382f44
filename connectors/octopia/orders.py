"""Orders at a glance. Pure."""

from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.capabilities import Delivery, Money, Order, OrderItem, Payment
from connectors.fields import Fields

_NOTHING: Final = Decimal(-1)
_CURRENCY: Final = "EUR"
"""Where an order names none: the sales channels known so far sell in euros."""

_DELIVERY: Final = MappingProxyType(
    {
        "accepted": Delivery.NOT_SENT,
        "inpreparation": Delivery.NOT_SENT,
        "shipped": Delivery.IN_TRANSIT,
        "delivered": Delivery.DELIVERED,
        "cancelled": Delivery.CANCELLED,
    }
)
"""States of orders that Octopia's pages name; others say nothing of the parcel."""


def order_of(raw: Fields, reference: str) -> Order:
    """One order, named as its discussion names it."""
    currency = raw.text("currencyCode", default="") or _CURRENCY
    state = raw.text("status", default="")
    cancelled = state.lower() == "cancelled"
    return Order(
        order_id=raw.id("reference", default="") or raw.id("orderId", default="") or reference,
        placed_at=raw.instant_or_none("createdAt"),
        items=tuple(_item(line, currency) for line in raw.each("lines")),
        total=_money(raw.inner("totalPrice"), ("sellingPrice", "offerPrice"), currency),
        payment=Payment.UNKNOWN,
        delivery=_DELIVERY.get(state.lower(), Delivery.UNKNOWN),
        note="cancelled at the sales channel" if cancelled else "",
    )


def _item(line: Fields, currency: str) -> OrderItem:
    offer = line.inner("offer")
    sku = offer.text("sellerProductId", default="")
    return OrderItem(
        title=offer.text("productTitle", default="") or sku,
        quantity=max(line.number("quantity", default=1), 0),
        sku=sku,
        price=_money(line.inner("totalPrice"), ("sellingPrice", "offerPrice"), currency),
    )


def _money(raw: Fields, names: tuple[str, ...], currency: str) -> Money | None:
    amounts = (raw.amount(name, default=_NOTHING) for name in names)
    found = next((amount for amount in amounts if amount >= 0), None)
    return Money(amount=found, currency=currency) if found is not None else None
