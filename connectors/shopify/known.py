"""What the Admin API knew of a mail's writer when the mail was fetched, kept with the mail.

It goes before the mail as one header line of our own, so that the raw item holds all that
understanding needs. Every item begins with that line: nothing a customer writes can pretend to it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.shopify.config import Config

HEADER: Final = b"X-Threadline-Shop: "

NEW_CUSTOMER: Final = timedelta(days=60)
"""Whoever ordered within this may well ask about that order, even where a form names none. Our own
number; Shopify shows apps the orders of 60 days unless more is granted."""

VIP: Final = "vip"
"""The tag that rules can match on, whatever made the customer one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedOrder:
    """The order a mail names: the number in Shopify's own addresses, and what it cost."""

    legacy_id: str
    total: Decimal | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A customer as Shopify knows them. None is "not told", never zero."""

    customer_id: str = ""
    tags: tuple[str, ...] = ()
    orders: int | None = None
    spent: Decimal | None = None
    ordered_at: datetime | None = None
    order: NamedOrder | None = None

    def has_ordered_lately(self, at: datetime) -> bool:
        """Whether the newest order is young enough to be what the customer writes about."""
        return self.ordered_at is not None and at - self.ordered_at < NEW_CUSTOMER


NOBODY: Final = Known()


def with_known(item: RawItem, told: Mapping[str, Json]) -> RawItem:
    """The mail with the line before it."""
    line = json.dumps(told, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return replace(item, payload=HEADER + line + b"\r\n" + item.payload)


def without_known(item: RawItem) -> tuple[RawItem, Known]:
    """The mail as it came, and what was known. A line that cannot be read says nothing."""
    if not item.payload.startswith(HEADER):
        return item, NOBODY
    line, _, mail = item.payload[len(HEADER) :].partition(b"\n")
    return replace(item, payload=mail), _read(line)


def tags_of(known: Known, config: Config) -> tuple[str, ...]:
    """The shop's own tags of the customer, and `vip` where the settings make them one."""
    return vip_tags(known.tags, config, spent=known.spent, orders=known.orders)


def vip_tags(
    tags: Collection[str],
    config: Config,
    *,
    spent: Decimal | None = None,
    orders: int | None = None,
) -> tuple[str, ...]:
    """`tags`, with `vip` at their head if any of the three signs is there."""
    wanted = {one.casefold() for one in config.vip_tags}
    is_vip = (
        any(one.casefold() in wanted for one in tags)
        or (config.vip_spent is not None and spent is not None and spent >= config.vip_spent)
        or (config.vip_orders is not None and orders is not None and orders >= config.vip_orders)
    )
    own = tuple(one for one in tags if one.casefold() != VIP)
    return (VIP, *own) if is_vip else tuple(tags)


def _read(line: bytes) -> Known:
    try:
        told: Json = json.loads(line)
    except (ValueError, RecursionError):
        return NOBODY
    if not isinstance(told, dict):
        return NOBODY
    fields = Fields(told)
    customer = fields.inner("customer")
    orders = customer.number("numberOfOrders", default=-1)
    return Known(
        customer_id=customer.id("legacyResourceId", default=""),
        tags=tuple(customer.texts("tags")),
        orders=orders if orders >= 0 else None,
        spent=_amount(customer.inner("amountSpent").value),
        ordered_at=customer.inner("lastOrder").instant_or_none("createdAt"),
        order=_order(fields.inner("order")),
    )


def _order(raw: Fields) -> NamedOrder | None:
    legacy = raw.id("legacyResourceId", default="")
    if not legacy:
        return None
    money = raw.inner("totalPriceSet").inner("shopMoney")
    return NamedOrder(
        legacy_id=legacy,
        total=_amount(money.value),
        currency=money.text("currencyCode", default="") or None,
    )


def _amount(money: Mapping[str, Json]) -> Decimal | None:
    amount = Fields(dict(money)).amount("amount", default=Decimal(-1))
    return amount if amount >= 0 else None
