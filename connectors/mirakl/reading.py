"""What is new at one shop: threads at every poll, incidents and returns at Mirakl's own pace.

Mirakl asks sellers not to list orders more often than every five minutes, and returns than every
fifteen (OR11, RT11, "Recommended usage"). A poll makes a bounded number of calls of each kind;
a longer sweep of threads goes on at the next poll, from where it stopped.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json, Page, RawItem
from connectors.errors import AuthExpired, Rejected
from connectors.fields import Fields
from connectors.mirakl import items
from connectors.mirakl.client import ORDERS_A_PAGE, Listed, MiraklClient
from connectors.mirakl.position import OpenIncident, Position
from connectors.pages import pages_of

OVERLAP: Final = timedelta(minutes=5)
"""Read again at every poll: a change may come into view a little after its own time."""

LATE: Final = timedelta(days=7)
"""How much older than the last poll a message of a changed thread may be and still be new."""

INCIDENTS_EVERY: Final = timedelta(minutes=5)
RETURNS_EVERY: Final = timedelta(minutes=15)

MOST_PAGES: Final = 20
MOST_PAGES_OF_RETURNS: Final = 100

_NOT_ALLOWED: Final = (AuthExpired, Rejected)

Step = tuple[Sequence[RawItem], Position]


class Reader:
    """Reads one shop. `now` is the desk's clock."""

    def __init__(
        self, client: MiraklClient, now: Callable[[], datetime], *, incidents: bool, returns: bool
    ) -> None:
        self._client = client
        self._now = now
        self._incidents = incidents
        self._returns = returns

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position; the last one may be empty and only keep the position."""
        begun = at
        for part in (self._threads, self._open_incidents, self._new_returns):
            async for found, following in part(at):
                for page in _cut(found, at, following):
                    yield page
                    begun = following
                at = following
        if at != begun:
            yield Page(items=(), cursor=at.cursor())

    async def _threads(self, at: Position) -> AsyncIterator[Step]:
        for _ in range(MOST_PAGES):
            listed, at = await self._listed(at)
            floor = max(at.first, at.since - LATE)
            found: list[RawItem] = []
            # Oldest change first, so that a page reads as it was written.
            for thread in reversed(listed.entries):
                found += items.of_thread(await self._whole(thread, floor), floor, self._now())
            changes = [when for one in listed.entries if (when := items.changed_at(one))]
            # A time in the future would hide whatever changes until then.
            newest = min(max(changes), self._now()) if changes else None
            at = at.after_page(newest, listed.token)
            yield found, at
            if at.token is None:
                return

    async def _listed(self, at: Position) -> tuple[Listed, Position]:
        """The next page of the sweep; a token that Mirakl forgot begins the sweep anew."""
        since = at.since - OVERLAP
        try:
            return await self._client.threads(since=since, token=at.token), at
        except Rejected:
            if at.token is None:
                raise
        at = at.begun_anew()
        return await self._client.threads(since=since, token=None), at

    async def _whole(self, thread: Json, floor: datetime) -> Json:
        name = Fields(thread).id("id", default="") if isinstance(thread, dict) else ""
        if not (name and items.is_cut(thread, floor)):
            return thread
        try:
            return await self._client.thread(name)
        except Rejected:
            # It cannot be opened any more: what the list shows of it is better than nothing.
            return thread

    async def _open_incidents(self, at: Position) -> AsyncIterator[Step]:
        now = self._now()
        if not (self._incidents and _is_due(at.incidents_at, INCIDENTS_EVERY, now)):
            return
        try:
            orders, whole = await self._orders_with_incident()
        except _NOT_ALLOWED:
            # A key for messages alone: `check` says so, and messages go on.
            yield (), replace(at, incidents_at=now)
            return
        still: dict[str, OpenIncident] = {}
        found: list[RawItem] = []
        for order, line in items.incident_lines(orders):
            name = line.id("order_line_id", default="")
            opened = line.text("last_updated_date", default="")
            known = at.incidents.get(name)
            if known is None:
                found.append(items.of_incident(order, line, opened, now, is_open=True))
            fresh = OpenIncident(order=order.id("order_id", default=""), since=opened)
            still[name] = known or fresh
        gone = {line: one for line, one in at.incidents.items() if line not in still}
        if whole:
            found += await self._closed(gone, now)
        else:
            still |= gone
        yield found, replace(at, incidents_at=now, incidents=still)

    async def _orders_with_incident(self) -> tuple[Sequence[Json], bool]:
        """All of them, or the first, and whether it is all: only then is a missing one closed."""
        orders: list[Json] = []
        for _ in range(MOST_PAGES):
            page = await self._client.with_incident(len(orders))
            orders += page
            if len(page) < ORDERS_A_PAGE:
                return orders, True
        return orders, False

    async def _closed(self, gone: dict[str, OpenIncident], now: datetime) -> Sequence[RawItem]:
        if not gone:
            return ()
        wanted = sorted({one.order for one in gone.values() if one.order})[:ORDERS_A_PAGE]
        lines: dict[str, tuple[Fields, Fields]] = {}
        for order in await self._client.orders(wanted) if wanted else ():
            if isinstance(order, dict):
                raw = Fields(order)
                lines |= {
                    line.id("order_line_id", default=""): (raw, line)
                    for line in raw.each("order_lines")
                }
        return [
            items.of_incident(*lines[name], known.since, now, is_open=False)
            if name in lines
            else items.vanished_incident(name, known, now)
            for name, known in gone.items()
        ]

    async def _new_returns(self, at: Position) -> AsyncIterator[Step]:
        now = self._now()
        if not (self._returns and _is_due(at.returns_at, RETURNS_EVERY, now)):
            return
        found: list[RawItem] = []
        newest: datetime = at.returns_since
        token: str | None = None
        for _ in range(MOST_PAGES_OF_RETURNS):
            try:
                listed = await self._client.returns(since=at.returns_since - OVERLAP, token=token)
            except _NOT_ALLOWED:
                break
            for entry in listed.entries:
                item = items.of_return(entry, now)
                found += [item] if item else []
                changed = Fields(entry).instant_or_none("last_updated") if item else None
                newest = max(newest, changed or newest)
            token = listed.token
            if token is None:
                yield found, replace(at, returns_at=now, returns_since=min(newest, now))
                return
        # Refused, or more than one poll may read: what came is kept, and is read again.
        yield found, replace(at, returns_at=now)


def _is_due(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _cut(found: Sequence[RawItem], before: Position, after: Position) -> Iterator[Page]:
    once = list({item.source_id: item for item in found}.values())
    return pages_of(once, before.cursor(), after.cursor()) if once else iter(())
