"""Orders at a glance, from their units. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from connectors.capabilities import Delivery, Money, Order, OrderItem, Payment
from connectors.fields import Fields

_DELIVERY: Final = MappingProxyType(
    {
        "open": Delivery.NOT_SENT,
        "need_to_be_sent": Delivery.NOT_SENT,
        "sent": Delivery.IN_TRANSIT,
        "sent_and_autopaid": Delivery.IN_TRANSIT,
        "received": Delivery.DELIVERED,
        "returned": Delivery.RETURNED,
        "returned_paid": Delivery.RETURNED,
        "cancelled": Delivery.CANCELLED,
    }
)
"""States of order units (OrderUnitStatus). Units of one order may differ."""


def order_of(raw: Fields) -> Order:
    """One order. Raises Malformed without an id."""
    units = raw.each("order_units")
    prices = [money for unit in units if (money := _price(unit)) is not None]
    return Order(
        order_id=raw.id("id_order"),
        placed_at=raw.instant_or_none("ts_created_iso"),
        items=tuple(_item(unit) for unit in units),
        total=_sum(prices),
        payment=_payment(units),
        delivery=_delivery(units),
        promised_by=_promised(units),
        note=_note(units),
    )


def _item(unit: Fields) -> OrderItem:
    product = unit.inner("product")
    offer = unit.text("id_offer", default="")
    return OrderItem(
        title=product.text("title", default="") or offer, sku=offer, price=_price(unit)
    )


def _price(unit: Fields) -> Money | None:
    cents, currency = unit.number("price", default=-1), unit.text("currency", default="")
    return (
        Money(amount=Decimal(cents) / 100, currency=currency) if currency and cents >= 0 else None
    )


def _sum(prices: list[Money]) -> Money | None:
    """Of one currency only; shipping is not in it."""
    currencies = {price.currency for price in prices}
    if len(currencies) != 1:
        return None
    return Money(amount=sum((p.amount for p in prices), Decimal(0)), currency=currencies.pop())


def _states(units: Sequence[Fields]) -> set[str]:
    return {unit.text("status", default="") for unit in units}


def _delivery(units: Sequence[Fields]) -> Delivery:
    found = {_DELIVERY.get(state, Delivery.UNKNOWN) for state in _states(units)}
    if len(found) == 1:
        return found.pop()
    sent = {Delivery.IN_TRANSIT, Delivery.DELIVERED}
    return Delivery.PARTLY_SENT if found & sent and Delivery.NOT_SENT in found else Delivery.UNKNOWN


def _payment(units: Sequence[Fields]) -> Payment:
    """A unit that came back paid was refunded; the seller's own payout says nothing of it."""
    states = _states(units)
    if "returned_paid" not in states:
        return Payment.UNKNOWN
    return Payment.REFUNDED if states == {"returned_paid"} else Payment.PARTLY_REFUNDED


def _promised(units: Sequence[Fields]) -> datetime | None:
    ends = [at for unit in units if (at := unit.instant_or_none("delivery_time_expires_iso"))]
    return max(ends, default=None)


def _note(units: Sequence[Fields]) -> str:
    reasons = {unit.text("cancel_reason", default="") for unit in units} - {""}
    return f"cancelled: {', '.join(sorted(reasons))}" if reasons else ""
