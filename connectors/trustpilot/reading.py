"""What is new at one business unit: reviews, changes of them, answers, and removals.

Trustpilot lists reviews by their creation and tells changes nowhere, so the reviews of the last
days are looked through in every poll, a hundred a call; what looks as it did when it was stored
last is passed over. Older ones are looked at when Trustpilot calls about them.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.called_about import CalledAbout
from connectors.contract import Page, RawItem
from connectors.errors import Rejected, Unavailable
from connectors.fields import Fields
from connectors.pages import pages_of
from connectors.trustpilot.client import A_PAGE, Row, TrustpilotClient
from connectors.trustpilot.items import PRODUCT, SERVICE, gone, of_conversation, of_review
from connectors.trustpilot.position import Position

OVERLAP: Final = timedelta(minutes=15)
"""Read again after a standstill: a review may come into view a little after its own time."""

PRODUCTS_EVERY: Final = timedelta(minutes=30)
"""Product reviews know no filter by time: all of them are walked, and not in every poll."""

MOST_PAGES: Final = 50
MOST_OPENED: Final = 50
"""Conversations and named reviews opened at one poll; the next one goes on with the others."""


@dataclass(frozen=True, slots=True)
class _Look:
    """A review as it was stored last: when it was left, and the items it made."""

    created: datetime | None
    items: Sequence[str]


class Reader:
    """Reads one business unit. `now` is the desk's clock, `window` how far back it looks again."""

    def __init__(
        self,
        client: TrustpilotClient,
        called: CalledAbout,
        now: Callable[[], datetime],
        *,
        window: timedelta,
        products: bool,
        most_pages: int = MOST_PAGES,
    ) -> None:
        self._client = client
        self._called = called
        self._now = now
        self._window = window
        self._products = products
        self._most_pages = most_pages
        self._stored: dict[str, _Look] = {}

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position, the oldest review first."""
        async for page in self._service(at):
            yield page
            at = Position.of(page.cursor, at.since)
        async for page in self._named(at):
            yield page
        if self._products and self._is_due(at):
            async for page in self._all_products(at):
                yield page

    async def _service(self, at: Position) -> AsyncIterator[Page]:
        start = max(at.first, min(at.since - OVERLAP, self._now() - self._window))
        seen: set[str] = set()
        for number in range(1, self._most_pages + 1):
            rows = await self._client.reviews(start, number)
            seen |= {_key(SERVICE, row) for row in rows}
            after = replace(at, since=max([at.since, *self._created(rows)]))
            found, marks = self._news(rows, SERVICE)
            if found or after != at:
                for page in pages_of(found, at.cursor(), after.cursor()):
                    yield page
            self._stored.update(marks)
            at = after
            if len(rows) < A_PAGE:
                break
        else:
            if at.since < self._now() - self._window:
                return  # a first look far back: the next poll goes on from here
            raise Unavailable(f"more than {self._most_pages * A_PAGE} reviews; lower revisit_days")
        async for page in self._removed(at, seen, start):
            yield page

    async def _removed(self, at: Position, seen: set[str], start: datetime) -> AsyncIterator[Page]:
        """Reviews that left the list, and not by their age."""
        missing = [one for one in self._stored if one.startswith(SERVICE) and one not in seen]
        aged = [one for one in missing if (self._stored[one].created or start) < start]
        for key in aged:
            del self._stored[key]
        for key in [one for one in missing if one in self._stored][:MOST_OPENED]:
            name = key.partition(":")[2]
            if await self._look_up(SERVICE, name) is None:
                yield Page(items=[gone(name, SERVICE, self._now())], cursor=at.cursor())
            self._stored.pop(key, None)

    async def _named(self, at: Position) -> AsyncIterator[Page]:
        """Reviews that Trustpilot called about, however old."""
        names = (await self._called.names())[:MOST_OPENED]
        for key in names:
            kind, _, name = key.partition(":")
            row = await self._look_up(kind, name)
            if row is None:
                yield Page(items=[gone(name, kind, self._now())], cursor=at.cursor())
                self._stored.pop(key, None)
                continue
            found, marks = self._news([row], kind)
            for page in pages_of(found, at.cursor(), at.cursor()) if found else ():
                yield page
            self._stored.update(marks)
        await self._called.forget(names)

    async def _look_up(self, kind: str, name: str) -> Row | None:
        """A review as it stands; None once it is gone, an empty row for a name nobody takes."""
        try:
            if kind == PRODUCT:
                return await self._client.product_review(name)
            return await self._client.review(name)
        except Rejected:
            # A call may name anything: it must not stand in the way of every later poll.
            return {}

    async def _said(self, row: Row, conversation: str) -> Sequence[RawItem]:
        try:
            said = await self._client.conversation(conversation)
        except Rejected:
            return ()
        return of_conversation(row, said, self._now()) if said else ()

    def _is_due(self, at: Position) -> bool:
        return at.products_at is None or self._now() >= at.products_at + PRODUCTS_EVERY

    async def _all_products(self, at: Position) -> AsyncIterator[Page]:
        floor = max(at.first, self._now() - self._window)
        opened = 0
        for number in range(1, MOST_PAGES + 1):
            rows = await self._client.product_reviews(number)
            recent = [row for row in rows if _created(row) is None or _touched(row) >= floor]
            found, marks = self._news(recent, PRODUCT)
            for row in recent:
                conversation = Fields(row).id("conversationId", default="")
                if conversation and opened < MOST_OPENED:
                    opened += 1
                    found += await self._said(row, conversation)
            for page in pages_of(found, at.cursor(), at.cursor()) if found else ():
                yield page
            self._stored.update(marks)
            if len(rows) < A_PAGE:
                break
        done = replace(at, products_at=self._now())
        yield Page(items=(), cursor=done.cursor())

    def _news(self, rows: Sequence[Row], kind: str) -> tuple[list[RawItem], dict[str, _Look]]:
        """Items of what does not look as it did, and the looks to keep once they are stored."""
        found: list[RawItem] = []
        marks: dict[str, _Look] = {}
        for row in rows:
            items = of_review(row, kind, self._now())
            names = [item.source_id for item in items]
            key, look = _key(kind, row), _Look(_created(row), names)
            if names and self._stored.get(key) != look:
                found += items
                marks[key] = look
        return found, marks

    def _created(self, rows: Sequence[Row]) -> Sequence[datetime]:
        """A time in the future would hide whatever is written until then."""
        told = (_created(row) for row in rows)
        return [min(one, self._now()) for one in told if one is not None]


def _key(kind: str, row: Row) -> str:
    return f"{kind}:{Fields(row).id('id', default='')}"


def _created(row: Row) -> datetime | None:
    return Fields(row).instant_or_none("createdAt")


def _touched(row: Row) -> datetime:
    fields = Fields(row)
    told = (fields.instant_or_none(name) for name in ("createdAt", "updatedAt"))
    return max(one for one in told if one is not None)
