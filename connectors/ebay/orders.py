"""Which buyer bought which item: what tells a question after a purchase from one before.

A message names its listing and its writer, never an order. The index is kept in memory, read once
when it is first needed and then only for what changed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from connectors.contract import Json
from connectors.ebay.client import ORDERS_PAGE, EbayClient, Row
from connectors.fields import Fields

REMEMBERED: Final = timedelta(days=90)
"""How far back getOrders reads by itself (Fulfillment API); a buyer rarely asks later."""

FRESH: Final = timedelta(seconds=60)
_OVERLAP: Final = timedelta(minutes=5)
_MOST_PAGES: Final = 50
"""Of one reading: ten thousand orders. Beyond, no question is called one before a purchase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """One order, as far as a message needs it."""

    order_id: str
    buyers: tuple[str, ...]
    items: tuple[str, ...]
    placed_at: datetime
    total: Decimal | None
    currency: str
    marketplace: str

    def as_json(self) -> Json:
        """What goes into a message's raw item."""
        return {
            "orderId": self.order_id,
            "total": str(self.total) if self.total is not None else None,
            "currency": self.currency,
            "marketplaceId": self.marketplace,
        }


class OrderIndex:
    """`whole` says that every recent order is in it, so that a miss is an answer too."""

    def __init__(self, client: EbayClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._read_at: datetime | None = None
        self._by_buyer: dict[str, dict[str, Sold]] = {}
        self.whole = False

    async def refresh(self) -> None:
        """Read what changed since the last time, unless that was a moment ago."""
        now = self._now()
        if self._read_at is not None and now - self._read_at < FRESH:
            return
        since = now - REMEMBERED if self._read_at is None else self._read_at - _OVERLAP
        first = self._read_at is None
        for number in range(_MOST_PAGES):
            page = await self._client.orders(since, number)
            if page is None:
                self.whole = False
                break
            for row in page:
                self._remember(row)
            if len(page) < ORDERS_PAGE:
                self.whole = self.whole or first
                break
        else:
            self.whole = False
        self._read_at = now
        self._forget(now - REMEMBERED)

    def tells(self, buyer: str, item: str) -> bool:
        """Whether finding no order means that there is none.

        A buyer of several things who names no item means one of them, and nobody knows which.
        """
        return self.whole and bool(item or not self._by_buyer.get(buyer.casefold()))

    def find(self, buyer: str, item: str, before: datetime) -> Sold | None:
        """The newest order of this buyer for this item; for no item, the only one they have.

        `before` is when the buyer wrote: what they bought afterwards they did not ask about.
        """
        bought = [
            sold
            for sold in self._by_buyer.get(buyer.casefold(), {}).values()
            if sold.placed_at <= before
        ]
        if item:
            bought = [sold for sold in bought if item in sold.items]
        elif len(bought) > 1:
            return None
        return max(bought, key=lambda sold: sold.placed_at, default=None)

    def of_item(self, buyer: str, item: str) -> Sold | None:
        """The newest order of this buyer for this item, whenever it was placed."""
        return self.find(buyer, item, self._now())

    def _forget(self, before: datetime) -> None:
        for buyer, bought in list(self._by_buyer.items()):
            kept = {known: sold for known, sold in bought.items() if sold.placed_at >= before}
            if kept:
                self._by_buyer[buyer] = kept
            else:
                del self._by_buyer[buyer]

    def _remember(self, row: Row) -> None:
        sold = read_order(row)
        if sold is None:
            return
        for buyer in sold.buyers:
            self._by_buyer.setdefault(buyer.casefold(), {})[sold.order_id] = sold


def read_order(row: Row) -> Sold | None:
    """An order of getOrders, or None for one that names no id, no buyer or no day."""
    fields = Fields(row)
    order_id, placed_at = fields.id("orderId", default=""), fields.instant_or_none("creationDate")
    buyer = fields.inner("buyer")
    buyers = tuple(_named([buyer.text("username", default=""), buyer.id("userId", default="")]))
    if not order_id or placed_at is None or not buyers:
        return None
    lines = fields.each("lineItems")
    total = fields.inner("pricingSummary").inner("total")
    return Sold(
        order_id=order_id,
        buyers=buyers,
        items=tuple(_named(line.id("legacyItemId", default="") for line in lines)),
        placed_at=placed_at,
        total=total.amount("value", default=Decimal(-1)) if total.value else None,
        currency=total.text("currency", default=""),
        marketplace=next(_named(marketplace_of(line) for line in lines), ""),
    )


def marketplace_of(line: Fields) -> str:
    """The site a line was bought on, or else the one it was listed on."""
    bought = line.text("purchaseMarketplaceId", default="")
    return bought or line.text("listingMarketplaceId", default="")


def _named(values: Iterable[str]) -> Iterator[str]:
    return (value for value in values if value)
