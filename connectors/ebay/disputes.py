"""Watching disputes: what is new, what changed, and what eBay stopped waiting for.

A summary has no number of its own for each change, so the state somebody was last told of stands
in the cursor, and only a change of it becomes an item.
"""

import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import InboxContext, Json, RawItem
from connectors.ebay.client import ORDERS_PAGE, Account, EbayClient, Row, stamp
from connectors.ebay.conversations import Batch
from connectors.ebay.dispute import Dispute, DisputeKind, Phase, read_dispute
from connectors.ebay.marks import Marks
from connectors.ebay.orders import OrderIndex
from connectors.errors import Malformed
from connectors.fields import Fields, rows
from connectors.pages import LARGEST_PAGE

EVERY: Final = timedelta(minutes=10)
WINDOW: Final = timedelta(days=90)
"""By day of creation. eBay reads ninety days at most where only the beginning is given."""

LIMIT: Final = 100
SHORTEST: Final = timedelta(minutes=1)
_MOST_PAGES: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search of the Post-Order API: its path, the name of its window, its list, and more."""

    kind: DisputeKind
    path: str
    window: str
    listed: str = "members"
    params: tuple[tuple[str, str], ...] = ()


SEARCHES: Final = (
    Search(
        kind=DisputeKind.RETURN,
        path="return/search",
        window="creation_date_range",
        params=(("role", "SELLER"),),
    ),
    Search(kind=DisputeKind.INQUIRY, path="inquiry/search", window="inquiry_creation_date_range"),
    Search(kind=DisputeKind.CASE, path="casemanagement/search", window="case_creation_date_range"),
    Search(
        kind=DisputeKind.CANCELLATION,
        path="cancellation/search",
        window="creation_date_range",
        listed="cancellations",
    ),
)

Found = tuple[Dispute, Row]


class Disputes:
    """The disputes of one account. `payments` are those that banks began."""

    def __init__(
        self, client: EbayClient, context: InboxContext, orders: OrderIndex, *, payments: bool
    ) -> None:
        self._client = client
        self._context = context
        self._orders = orders
        self._payments = payments
        self._due_at: datetime | None = None

    async def read(self, marks: Marks, _account: Account, site: str) -> AsyncGenerator[Batch]:
        """Items of what changed, every ten minutes, and the marks true once they are stored."""
        now = self._context.now()
        if self._due_at is not None and now < self._due_at:
            return
        found, unread = self._sorted(await self._all(now), site)
        changed = [(one, row) for one, row in found if _tells(one, marks.open.get(one.key))]
        for start in range(0, len(unread), LARGEST_PAGE):
            yield unread[start : start + LARGEST_PAGE], marks
        if changed:
            await self._orders.refresh()
        here = {one.key for one, _ in found}
        for start in range(0, len(changed), LARGEST_PAGE):
            part = changed[start : start + LARGEST_PAGE]
            items = [self._item(one, row, marks.open.get(one.key, ""), site) for one, row in part]
            marks = replace(marks, open=_told(marks, [one for one, _ in part], here))
            yield items, marks
        self._due_at = now + EVERY

    async def _all(self, now: datetime) -> Sequence[tuple[DisputeKind, Row]]:
        found: list[tuple[DisputeKind, Row]] = []
        for search in SEARCHES:
            listed = await self._search(search, now - WINDOW, now)
            found += [(search.kind, row) for row in listed]
        for number in range(_MOST_PAGES if self._payments else 0):
            page = await self._client.payment_disputes(number)
            found += [(DisputeKind.PAYMENT, row) for row in page]
            if len(page) < ORDERS_PAGE:
                break
        return found

    def _sorted(
        self, listed: Sequence[tuple[DisputeKind, Row]], site: str
    ) -> tuple[Sequence[Found], Sequence[RawItem]]:
        """The disputes, each once, and what cannot be read: a person has to see it all the same."""
        found: dict[str, Found] = {}
        unread: list[RawItem] = []
        for kind, row in listed:
            try:
                dispute = read_dispute(kind, Fields(row))
            except Malformed:
                payload: dict[str, Json] = {"kind": str(kind), "site": site, "summary": row}
                unread.append(self._raw(f"{kind}:unread:{_digest(row)}", payload))
                continue
            if kind is not DisputeKind.CANCELLATION or row.get("requestorType") != "SELLER":
                found[dispute.key] = dispute, row
        return list(found.values()), unread

    async def _search(self, search: Search, begin: datetime, end: datetime) -> Sequence[Row]:
        """All of a window. A full answer is asked for again in halves.

        What `offset` counts, entries or pages, is told differently by different readers.
        """
        params = {
            f"{search.window}_from": stamp(begin),
            f"{search.window}_to": stamp(end),
            "limit": str(LIMIT),
            **dict(search.params),
        }
        found = rows(await self._client.post_order(search.path, params), search.listed)
        if len(found) < LIMIT or end - begin <= SHORTEST:
            return found
        middle = begin + (end - begin) / 2
        return [
            *await self._search(search, begin, middle),
            *await self._search(search, middle, end),
        ]

    def _item(self, dispute: Dispute, row: Row, before: str, site: str) -> RawItem:
        sold = self._orders.of_item(dispute.buyer, dispute.item) if dispute.item else None
        payload: dict[str, Json] = {
            "kind": str(dispute.kind),
            "site": site,
            "before": before,
            "order": sold.as_json() if sold else None,
            "summary": row,
        }
        return self._raw(f"{dispute.key}:{before}>{dispute.state}", payload)

    def _raw(self, source_id: str, payload: Json) -> RawItem:
        return RawItem(
            source_id=source_id,
            received_at=self._context.now(),
            payload=json.dumps(payload).encode(),
        )


def _digest(row: Row) -> str:
    return hashlib.sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()


def _tells(dispute: Dispute, before: str | None) -> bool:
    """Whether a dispute is news: one nobody was told of that waits, or one that changed.

    A case is news while it is open: eBay itself decides it, whoever it waits for.
    """
    if before is None:
        waits = dispute.phase is Phase.SELLER
        return waits or (dispute.kind is DisputeKind.CASE and dispute.phase is Phase.OTHERS)
    if dispute.phase is Phase.OTHERS:
        return before.startswith(Phase.SELLER)
    return before != dispute.state


def _told(marks: Marks, disputes: Sequence[Dispute], here: set[str]) -> dict[str, str]:
    """What is open after these were told; what eBay lists no more is forgotten."""
    kept = {key: state for key, state in marks.open.items() if key in here}
    kept |= {one.key: one.state for one in disputes}
    closed = {one.key for one in disputes if one.phase is Phase.CLOSED}
    return {key: state for key, state in kept.items() if key not in closed}
