"""Feedback that buyers left: what is not praise, from the day the inbox was set up.

eBay dates feedback only by how many days ago it was left, so what is there at the first look is
remembered and not told, and what is new later counts from when it was seen.
"""

import json
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import InboxContext, Json, RawItem
from connectors.ebay.client import Account, EbayClient, Row
from connectors.ebay.conversations import Batch
from connectors.ebay.marks import Marks
from connectors.ebay.orders import OrderIndex
from connectors.fields import Fields
from connectors.pages import LARGEST_PAGE

EVERY: Final = timedelta(hours=1)
RECENT_DAYS: Final = 30
"""The shortest span eBay tells; older feedback that comes into view is history."""

PRAISE: Final = "POSITIVE"
_DAYS: Final = {"DAY": 1, "WEEK": 7, "MONTH": 30, "YEAR": 365}


class Ratings:
    """The feedback of one account."""

    def __init__(self, client: EbayClient, context: InboxContext, orders: OrderIndex) -> None:
        self._client = client
        self._context = context
        self._orders = orders
        self._due_at: datetime | None = None

    async def read(self, marks: Marks, account: Account, site: str) -> AsyncGenerator[Batch]:
        """Items of what is new and no praise, once an hour, and the marks true once stored."""
        now = self._context.now()
        if self._due_at is not None and now < self._due_at:
            return
        listed = await self._client.feedback(account.username)
        blamed = {known: row for row in listed if (known := _blame(row))}
        if marks.rated is None:
            yield (), replace(marks, rated=tuple(blamed))
            self._due_at = now + EVERY
            return
        new = [known for known, row in blamed.items() if known not in marks.rated and _recent(row)]
        if new:
            await self._orders.refresh()
        for start in range(0, len(new), LARGEST_PAGE):
            part = new[start : start + LARGEST_PAGE]
            marks = replace(marks, rated=(*(marks.rated or ()), *part))
            yield [self._item(known, blamed[known], site) for known in part], marks
        self._due_at = now + EVERY

    def _item(self, known: str, row: Row, site: str) -> RawItem:
        fields = Fields(row)
        buyer = fields.inner("providerUserDetail").text("userId", default="")
        item = fields.inner("orderLineItemSummary").id("listingId", default="")
        sold = self._orders.of_item(buyer, item) if buyer and item else None
        payload: Json = {
            "kind": "feedback",
            "site": site,
            "order": sold.as_json() if sold else None,
            "feedback": row,
        }
        return RawItem(
            source_id=f"feedback:{known}",
            received_at=self._context.now(),
            payload=json.dumps(payload).encode(),
        )


def _blame(row: Row) -> str:
    """The id of feedback that is no praise; empty for praise, and for what has no id."""
    fields = Fields(row)
    praise = fields.text("commentType", default="") == PRAISE
    return "" if praise else fields.id("feedbackId", default="")


def _recent(row: Row) -> bool:
    ago = Fields(row).inner("feedbackEnteredPeriod")
    unit = _DAYS.get(ago.text("unit", default="").upper(), 0)
    return ago.number("value", default=0) * unit <= RECENT_DAYS
