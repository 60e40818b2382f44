"""Reading conversations: only those that changed are opened.

eBay promises no order of its list, and an old conversation may get a new message. So pages are
read until one is wholly older than what was read before, and once an hour further, whatever
their order.
"""

import json
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import InboxContext, Json, RawItem
from connectors.ebay.client import MEMBERS, PAGE, Account, EbayClient, Row
from connectors.ebay.marks import OVERLAP, Marks
from connectors.ebay.orders import OrderIndex
from connectors.fields import Fields
from connectors.pages import LARGEST_PAGE

SWEEP_EVERY: Final = timedelta(hours=1)
SWEEP_PAGES: Final = 20
"""Pages of a sweep: a thousand conversations, whatever their order."""

MOST_PAGES: Final = 200
MOST_OPENED: Final = 100
"""Conversations opened in one poll; the next poll goes on with the others, oldest first."""

MOST_KNOWN: Final = 5000
"""Conversations whose latest message is remembered; one that was forgotten is opened once more."""

BATCH: Final = 10
BEFORE: Final = 3
"""Earlier messages that go along with one: they tell an automatic answer from a person's."""

MARGIN: Final = timedelta(days=1)
"""Messages of an opened conversation are handed over from so long before what was read."""

_UNREAD: Final = "UNREAD"

Batch = tuple[Sequence[RawItem], Marks]


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A conversation in the list. `at` is the time of its latest message, None where untold."""

    id: str
    latest: str
    at: datetime | None
    row: Row
    message: Row

    def is_older(self, than: datetime) -> bool:
        """Whether its latest message certainly is; one without a time is looked into."""
        return self.at is not None and self.at < than


class Conversations:
    """The conversations of one kind: with members, or eBay's own. Read at most once in `every`."""

    def __init__(
        self,
        kind: str,
        client: EbayClient,
        context: InboxContext,
        orders: OrderIndex,
        *,
        every: timedelta = timedelta(),
    ) -> None:
        self._kind = kind
        self._client = client
        self._context = context
        self._orders = orders
        self._known: dict[str, str] = {}
        self._every = every
        self._due_at: datetime | None = None
        self._sweeps_at: datetime | None = None

    async def read(self, marks: Marks, account: Account, site: str) -> AsyncGenerator[Batch]:
        """Items of what changed, oldest conversation first, and the marks true once stored."""
        now = self._context.now()
        if self._due_at is not None and now < self._due_at:
            return
        sweep = self._kind == MEMBERS and (self._sweeps_at is None or now >= self._sweeps_at)
        newest = marks.newest if self._kind == MEMBERS else marks.system_newest
        floor = max(min(newest, marks.swept) if sweep else newest, marks.since) - OVERLAP
        floor = max(floor, marks.since)
        heads, to_the_end = await self._heads(floor, sweep=sweep)
        changed = [
            one
            for one in heads
            if not one.is_older(floor) and self._known.get(one.id) != one.latest
        ]
        opened = sorted(changed, key=lambda one: one.at or marks.since)[:MOST_OPENED]
        for start in range(0, len(opened), BATCH):
            batch = opened[start : start + BATCH]
            items = await self._open(batch, max(marks.since, floor - MARGIN), account, site)
            before = marks
            if to_the_end:
                # A time in the future would hide whatever is written until then.
                read_to = min(batch[-1].at or marks.since, now)
                marks = self._further(marks, read_to, sweep=sweep)
            for first in range(0, len(items), LARGEST_PAGE):
                last = first + LARGEST_PAGE >= len(items)
                yield items[first : first + LARGEST_PAGE], marks if last else before
            # Only now: a page that could not be stored is read again.
            self._remember(batch)
        self._due_at = now + self._every
        if sweep and to_the_end and len(opened) == len(changed):
            self._sweeps_at = now + SWEEP_EVERY
            if opened:
                yield (), replace(marks, swept=max(marks.swept, now))

    def _remember(self, opened: Sequence[Head]) -> None:
        for one in opened:
            self._known.pop(one.id, None)
            self._known[one.id] = one.latest
        while len(self._known) > MOST_KNOWN:
            self._known.pop(next(iter(self._known)))

    def _further(self, marks: Marks, at: datetime, *, sweep: bool) -> Marks:
        """The marks once everything up to `at` is stored."""
        if self._kind != MEMBERS:
            return replace(marks, system_newest=max(marks.system_newest, at))
        swept = max(marks.swept, at) if sweep else marks.swept
        return replace(marks, newest=max(marks.newest, at), swept=swept)

    async def _heads(self, floor: datetime, *, sweep: bool) -> tuple[Sequence[Head], bool]:
        """The conversations down to `floor`, each once, and whether the list was read that far."""
        found: dict[str, Head] = {}
        to_the_end = False
        for number in range(MOST_PAGES):
            page = [self._head(row) for row in await self._client.conversations(self._kind, number)]
            found |= {one.id: one for one in page if one is not None}
            older = all(one is None or one.is_older(floor) for one in page)
            if len(page) < PAGE or (older and (not sweep or number + 1 >= SWEEP_PAGES)):
                to_the_end = True
                break
        if sweep:
            unread = await self._client.conversations(self._kind, 0, status=_UNREAD)
            heads = (self._head(row) for row in unread)
            found |= {one.id: one for one in heads if one is not None}
        return list(found.values()), to_the_end

    def _head(self, row: Row) -> Head | None:
        fields = Fields(row)
        latest = fields.inner("latestMessage")
        at = latest.instant_or_none("createdDate")
        known = fields.id("conversationId", default="")
        if not known:
            return None
        return Head(
            id=known,
            latest=latest.id("messageId", default=""),
            at=min(at, self._context.now()) if at else None,
            row={key: value for key, value in row.items() if key != "latestMessage"},
            message=latest.value,
        )

    async def _open(
        self, batch: Sequence[Head], since: datetime, account: Account, site: str
    ) -> list[RawItem]:
        if self._kind == MEMBERS:
            await self._orders.refresh()
        items: list[RawItem] = []
        for head in batch:
            # One that cannot be opened any more still shows its latest message in the list.
            messages = await self._client.messages(head.id, self._kind) or [head.message]
            for number, message in enumerate(messages):
                at = Fields(message).instant_or_none("createdDate")
                if at is None or at >= since:
                    earlier = messages[max(0, number - BEFORE) : number]
                    items.append(self._item(head, message, earlier, account, site))
        return items

    def _item(
        self, head: Head, message: Row, earlier: Sequence[Row], account: Account, site: str
    ) -> RawItem:
        fields = Fields(message)
        payload: dict[str, Json] = {
            "kind": "message",
            "account": {"username": account.username, "userId": account.user_id},
            "site": site,
            "conversation": head.row,
            "message": message,
            "before": [
                {key: one.get(key) for key in ("createdDate", "senderUsername")} for one in earlier
            ],
        }
        if self._kind == MEMBERS:
            payload |= self._order(fields, Fields(head.row), account)
        known = fields.id("messageId", default="") or f"{head.id}:{fields.value.get('createdDate')}"
        return RawItem(
            source_id=f"message:{known}",
            received_at=self._context.now(),
            payload=json.dumps(payload).encode(),
        )

    def _order(self, message: Fields, head: Fields, account: Account) -> dict[str, Json]:
        names = {account.username.casefold(), account.user_id.casefold()}
        people = [message.text(key, default="") for key in ("senderUsername", "recipientUsername")]
        buyer = next((one for one in people if one and one.casefold() not in names), "")
        at = message.instant_or_none("createdDate") or self._context.now()
        item = head.id("referenceId", default="")
        sold = self._orders.find(buyer, item, at)
        return {
            "order": sold.as_json() if sold else None,
            "orders_known": self._orders.tells(buyer, item),
        }
