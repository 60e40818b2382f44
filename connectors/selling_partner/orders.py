"""An order as the selling API tells it without personal data, as a card shows it. Pure.

A gift's message, a buyer's own note and everything about buyer and recipient is passed over even
if Amazon should send it.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from connectors.capabilities import Delivery, Money, Order, OrderItem
from connectors.fields import Fields
from connectors.selling_partner.regions import regions

_WHOLE: Final[Mapping[str, Delivery]] = {
    "PENDING_AVAILABILITY": Delivery.NOT_SENT,
    "PENDING": Delivery.NOT_SENT,
    "UNSHIPPED": Delivery.NOT_SENT,
    "PARTIALLY_SHIPPED": Delivery.PARTLY_SENT,
    "SHIPPED": Delivery.IN_TRANSIT,
    "CANCELLED": Delivery.CANCELLED,
    "UNFULFILLABLE": Delivery.FAILED,
}
"""`FulfillmentStatus` of Orders 2026-01-01."""

_PARCEL: Final[Mapping[str, Delivery]] = {
    "DELIVERED": Delivery.DELIVERED,
    "UNDELIVERABLE": Delivery.FAILED,
    "CANCELLED": Delivery.NOT_SENT,
}
"""`PackageStatus` where it says more than the order as a whole."""

_DETAILED: Final[Mapping[str, Delivery]] = {
    "RETURNED_TO_SELLER": Delivery.RETURNED,
    "RETURNING_TO_SELLER": Delivery.FAILED,
    "REJECTED_BY_BUYER": Delivery.FAILED,
    "LOST": Delivery.FAILED,
    "DAMAGED": Delivery.FAILED,
}

BY_AMAZON: Final = "AMAZON"
ASKED_BY_BUYER: Final = "BUYER"


def order_of(raw: Fields) -> Order:
    """The order at a glance; what Amazon did not tell is left out."""
    fulfilment = raw.inner("fulfillment")
    parcels = raw.each("packages")
    # The last parcel made says how far things are; its number is what a buyer asks for.
    parcel = parcels[-1] if parcels else Fields({})
    items = tuple(_item(one) for one in raw.each("orderItems"))
    return Order(
        order_id=raw.text("orderId", default=""),
        placed_at=raw.instant_or_none("createdTime"),
        items=items,
        total=_total(items),
        delivery=_delivery(fulfilment, parcels),
        promised_by=fulfilment.inner("deliverByWindow").instant_or_none("latestDateTime"),
        carrier=parcel.text("carrier", default=""),
        tracking_number=parcel.text("trackingNumber", default=""),
        url=console_page(raw),
        note="; ".join(_notes(raw, fulfilment, len(parcels))),
    )


def console_page(raw: Fields) -> str | None:
    """The order's page in the Seller Central of its marketplace."""
    known = regions().by_id(raw.inner("salesChannel").text("marketplaceId", default=""))
    order_id = raw.text("orderId", default="")
    if known is None or not order_id.replace("-", "").isalnum():
        return None
    return f"https://{known[1].console}/orders-v3/order/{order_id}"


def buyer_cancels(raw: Fields) -> bool:
    """Whether the buyer asked to cancel a line of the order that nobody has cancelled yet."""
    return any(
        one.inner("cancellation").inner("cancellationRequest").text("requester", default="")
        == ASKED_BY_BUYER
        and not one.inner("cancellation").inner("cancellationExecution").value
        for one in raw.each("orderItems")
    )


def _item(raw: Fields) -> OrderItem:
    product = raw.inner("product")
    quantity = raw.number("quantityOrdered", default=1)
    unit = _money(product.inner("price").inner("unitPrice"))
    return OrderItem(
        title=product.text("title", default="") or product.text("asin", default=""),
        quantity=quantity,
        sku=product.text("sellerSku", default=""),
        price=Money(amount=unit.amount * quantity, currency=unit.currency) if unit else None,
    )


def _total(items: Sequence[OrderItem]) -> Money | None:
    """The lines' worth, where each has a price in one currency. Shipping is not part of it."""
    prices = [one.price for one in items if one.price is not None]
    currencies = {price.currency for price in prices}
    if len(prices) != len(items) or len(currencies) != 1:
        return None
    return Money(amount=sum((one.amount for one in prices), Decimal(0)), currency=currencies.pop())


def _delivery(fulfilment: Fields, parcels: Sequence[Fields]) -> Delivery:
    whole = _WHOLE.get(fulfilment.text("fulfillmentStatus", default=""), Delivery.UNKNOWN)
    if whole is not Delivery.IN_TRANSIT or not parcels:
        return whole
    states = [_parcel(one.inner("packageStatus")) for one in parcels]
    if all(one is Delivery.DELIVERED for one in states):
        return Delivery.DELIVERED
    return next((one for one in reversed(states) if one in _GONE_WRONG), whole)


_GONE_WRONG: Final = frozenset({Delivery.FAILED, Delivery.RETURNED})


def _parcel(status: Fields) -> Delivery:
    detailed = _DETAILED.get(status.text("detailedStatus", default=""))
    return detailed or _PARCEL.get(status.text("status", default=""), Delivery.IN_TRANSIT)


def _notes(raw: Fields, fulfilment: Fields, parcels: int) -> Sequence[str]:
    notes = []
    if buyer_cancels(raw):
        notes.append("the buyer asks to cancel")
    if fulfilment.text("fulfilledBy", default="") == BY_AMAZON:
        notes.append("fulfilled by Amazon")
    ship_by = fulfilment.inner("shipByWindow").instant_or_none("latestDateTime")
    unsent = _WHOLE.get(fulfilment.text("fulfillmentStatus", default=""))
    if ship_by is not None and unsent in {Delivery.NOT_SENT, Delivery.PARTLY_SENT}:
        notes.append(f"to be shipped by {ship_by:%Y-%m-%d %H:%M} UTC")
    if parcels > 1:
        notes.append(f"{parcels} parcels, the newest is shown")
    return notes


def _money(raw: Fields) -> Money | None:
    amount = raw.amount("amount", default=Decimal(-1))
    currency = raw.text("currencyCode", default="")
    return Money(amount=amount, currency=currency) if amount >= 0 and currency else None
