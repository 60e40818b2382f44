"""The Admin API's customer and orders, as the card shows them. Pure."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from connectors.capabilities import (
    Delivery,
    Money,
    Order,
    OrderContext,
    OrderItem,
    Payment,
)
from connectors.fields import Fields
from connectors.shopify.client import Told
from connectors.shopify.config import Config
from connectors.shopify.known import vip_tags

ADMIN: Final = "https://admin.shopify.com/store"
_NUMBER: Final = re.compile(r"\d{1,20}")

_PAYMENT: Final[Mapping[str, Payment]] = {
    "PAID": Payment.PAID,
    "PARTIALLY_PAID": Payment.OPEN,
    "PENDING": Payment.OPEN,
    "AUTHORIZED": Payment.OPEN,
    "PARTIALLY_REFUNDED": Payment.PARTLY_REFUNDED,
    "REFUNDED": Payment.REFUNDED,
}

_PARCEL: Final[Mapping[str, Delivery]] = {
    "DELIVERED": Delivery.DELIVERED,
    "PICKED_UP": Delivery.DELIVERED,
    "FAILURE": Delivery.FAILED,
    "NOT_DELIVERED": Delivery.FAILED,
    "ATTEMPTED_DELIVERY": Delivery.IN_TRANSIT,
    "CARRIER_PICKED_UP": Delivery.IN_TRANSIT,
    "DELAYED": Delivery.IN_TRANSIT,
    "FULFILLED": Delivery.IN_TRANSIT,
    "IN_TRANSIT": Delivery.IN_TRANSIT,
    "MARKED_AS_FULFILLED": Delivery.IN_TRANSIT,
    "OUT_FOR_DELIVERY": Delivery.IN_TRANSIT,
}
"""What the newest parcel says; a label that was only printed says nothing is on its way."""

_WHOLE: Final[Mapping[str, Delivery]] = {
    "FULFILLED": Delivery.IN_TRANSIT,
    "PARTIALLY_FULFILLED": Delivery.PARTLY_SENT,
    "UNFULFILLED": Delivery.NOT_SENT,
    "OPEN": Delivery.NOT_SENT,
    "IN_PROGRESS": Delivery.NOT_SENT,
    "ON_HOLD": Delivery.NOT_SENT,
    "PENDING_FULFILLMENT": Delivery.NOT_SENT,
    "SCHEDULED": Delivery.NOT_SENT,
    "REQUEST_DECLINED": Delivery.NOT_SENT,
}

_OPEN_DISPUTES: Final = frozenset({"NEEDS_RESPONSE", "UNDER_REVIEW"})


def context_of(told: Told, *, email: str, order_id: str | None, config: Config) -> OrderContext:
    """What the card may show. An order that belongs to another address is kept back."""
    customer = told.data.inner("customer")
    gaps = [str(one) for one in told.problems]
    orders = [_order(one, config) for one in customer.inner("orders").each("nodes")]
    named = [one for one in told.data.inner("orders").each("nodes") if _name(one) == order_id]
    theirs = [one for one in named if _is_of(one, email)]
    gaps += [_kept_back(one) for one in named if one not in theirs]
    asked = [_order(one, config) for one in theirs]
    asked = asked or [one for one in orders if one.order_id == order_id]
    spent = _money(customer.inner("amountSpent"))
    count = customer.number("numberOfOrders", default=-1)
    return OrderContext(
        orders=(
            *asked,
            *(one for one in orders if one.order_id not in {a.order_id for a in asked}),
        ),
        order_count=count if count >= 0 else None,
        lifetime_value=spent,
        customer_tags=vip_tags(
            customer.texts("tags"),
            config,
            spent=spent.amount if spent else None,
            orders=count if count >= 0 else None,
        ),
        locale=customer.text("locale", default="") or None,
        gaps=tuple(dict.fromkeys(gaps)),
    )


def order_page(config: Config, legacy_id: object) -> str | None:
    """The order in Shopify's own pages."""
    return _page(config, "orders", legacy_id)


def customer_page(config: Config, legacy_id: object) -> str | None:
    """The customer in Shopify's own pages."""
    return _page(config, "customers", legacy_id)


def _page(config: Config, kind: str, legacy_id: object) -> str | None:
    if not config.shop or not isinstance(legacy_id, str) or not _NUMBER.fullmatch(legacy_id):
        return None
    return f"{ADMIN}/{config.shop_name}/{kind}/{legacy_id}"


def _name(order: Fields) -> str:
    return order.text("name", default="").lstrip("#")


def _kept_back(order: Fields) -> str:
    """Why an order that was named is not shown."""
    if not order.text("email", default=""):
        return f"Shopify does not tell whose order {_name(order)} is, so it is not shown"
    return f"order {_name(order)} belongs to another address, so it is not shown"


def _is_of(order: Fields, email: str) -> bool:
    return order.text("email", default="").lower() == email.lower() != ""


def _order(raw: Fields, config: Config) -> Order:
    parcels = raw.each("fulfillments")
    # Shopify lists parcels in the order they were made; the newest says how far things are.
    parcel = parcels[-1] if parcels else Fields({})
    tracking = next(iter(parcel.each("trackingInfo")), Fields({}))
    return Order(
        order_id=_name(raw),
        placed_at=raw.instant_or_none("createdAt"),
        items=tuple(_item(one) for one in raw.inner("lineItems").each("nodes")),
        total=_money(raw.inner("totalPriceSet").inner("shopMoney")),
        payment=_payment(raw),
        delivery=_delivery(raw, parcel),
        promised_by=parcel.instant_or_none("estimatedDeliveryAt"),
        delivered_at=parcel.instant_or_none("deliveredAt"),
        carrier=tracking.text("company", default=""),
        tracking_number=tracking.text("number", default=""),
        tracking_url=_https(tracking.text("url", default="")),
        url=order_page(config, raw.id("legacyResourceId", default="")),
        note=_note(raw, len(parcels)),
    )


def _item(raw: Fields) -> OrderItem:
    return OrderItem(
        title=raw.text("title", default=""),
        quantity=raw.number("quantity", default=1),
        sku=raw.text("sku", default=""),
        price=_money(raw.inner("discountedTotalSet").inner("shopMoney")),
    )


def _payment(raw: Fields) -> Payment:
    if any(one.text("status", default="") in _OPEN_DISPUTES for one in raw.each("disputes")):
        return Payment.DISPUTED
    return _PAYMENT.get(raw.text("displayFinancialStatus", default=""), Payment.UNKNOWN)


def _delivery(raw: Fields, parcel: Fields) -> Delivery:
    if raw.instant_or_none("cancelledAt"):
        return Delivery.CANCELLED
    if raw.text("returnStatus", default="") == "RETURNED":
        return Delivery.RETURNED
    whole = _WHOLE.get(raw.text("displayFulfillmentStatus", default=""), Delivery.UNKNOWN)
    if whole is not Delivery.IN_TRANSIT:
        return whole
    return _PARCEL.get(parcel.text("displayStatus", default=""), whole)


def _note(raw: Fields, parcels: int) -> str:
    notes = []
    if parcels > 1:
        notes.append(f"{parcels} parcels, the newest is shown")
    if raw.inner("lineItems").inner("pageInfo").flag("hasNextPage"):
        notes.append("more than 10 lines")
    status = raw.text("returnStatus", default="NO_RETURN")
    if status not in {"NO_RETURN", "RETURNED"}:
        notes.append(f"return: {status.removeprefix('RETURN_').lower().replace('_', ' ')}")
    return "; ".join(notes)


def _money(raw: Fields) -> Money | None:
    amount = raw.amount("amount", default=Decimal(-1))
    currency = raw.text("currencyCode", default="")
    return Money(amount=amount, currency=currency) if amount >= 0 and currency else None


def _https(url: str) -> str | None:
    return url if url.startswith("https://") else None
