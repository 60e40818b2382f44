"""What is new at one seller: which tickets changed, and these alone opened.

Two lists tell: tickets by their update, and messages by their creation. Either alone would do as
it is documented, but one public program reports that the list of messages shows the seller's own
only, and nothing says that every message updates its ticket. So both are asked.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json, Page, RawItem
from connectors.errors import Rejected, Unavailable
from connectors.fields import Fields
from connectors.kaufland import items
from connectors.kaufland.client import A_PAGE, KauflandClient
from connectors.kaufland.position import Position
from connectors.pages import LARGEST_PAGE, pages_of

OVERLAP: Final = timedelta(minutes=5)
"""Read again at every poll: a change may come into view a little after its own time."""

LATE: Final = timedelta(days=7)
"""How much older than the last poll a message of a changed ticket may be and still be new."""

SETTLED: Final = timedelta(seconds=5)
"""Kaufland's times are whole seconds: a ticket opened sooner after its update may change again
without looking changed."""

MOST_OPENED: Final = 100
"""Tickets opened at one poll; the next one goes on with the others."""

MOST_PAGES: Final = 100

List = Callable[[datetime, int], Awaitable[Sequence[Json]]]


@dataclass(slots=True, kw_only=True)
class _Change:
    """A ticket that changed, when, and what it looked like in the lists."""

    ticket: str
    at: datetime
    mark: str = ""

    def add(self, at: datetime, mark: str) -> None:
        """Something else about the same ticket."""
        self.at = max(self.at, at)
        self.mark = f"{self.mark}|{mark}" if self.mark else mark


class Reader:
    """Reads one seller's tickets. `now` is the desk's clock."""

    def __init__(
        self, client: KauflandClient, now: Callable[[], datetime], storefronts: Collection[str]
    ) -> None:
        self._client = client
        self._now = now
        self._storefronts = storefronts

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position, the oldest change first."""
        changes = await self._changes(at.since - OVERLAP)
        # A mark is of use as long as the lists show its ticket.
        shown = {change.ticket for change in changes}
        at = replace(at, seen={name: mark for name, mark in at.seen.items() if name in shown})
        waiting: list[RawItem] = []
        stored = at
        opened, through = 0, True
        for change in changes:
            if at.seen.get(change.ticket) != change.mark:
                if opened == MOST_OPENED:
                    through = False
                    break
                opened += 1
                waiting += await self._open(change.ticket, max(at.first, at.base - LATE))
            stored = self._after(stored, change)
            if len(waiting) >= LARGEST_PAGE // 2:
                for page in pages_of(waiting, at.cursor(), stored.cursor()):
                    yield page
                at, waiting = stored, []
        stored = replace(stored, base=stored.since) if through else stored
        if waiting or stored != at:
            for page in pages_of(waiting, at.cursor(), stored.cursor()):
                yield page

    async def _changes(self, since: datetime) -> Sequence[_Change]:
        """Every changed ticket once, the oldest change first."""
        found: dict[str, _Change] = {}
        for ticket in await self._all(self._client.tickets, since):
            _note(found, ticket, "ts_updated_iso", "ts_updated_iso", self._now())
        for message in await self._all(self._client.messages, since):
            _note(found, message, "ts_created_iso", "id_ticket_message", self._now())
        return sorted(found.values(), key=lambda one: (one.at, one.ticket))

    async def _all(self, listing: List, since: datetime) -> Sequence[Json]:
        """Every entry of a list.

        What moves while it is read moves to the front or the end, so that pages repeat entries
        and leave none out.
        """
        entries: list[Json] = []
        for _ in range(MOST_PAGES):
            page = await listing(since, len(entries))
            entries += page
            if len(page) < A_PAGE:
                return entries
        raise Unavailable(
            f"more than {len(entries)} changes at once; set since_days lower for the first poll"
        )

    async def _open(self, ticket_id: str, floor: datetime) -> Sequence[RawItem]:
        try:
            ticket = await self._client.ticket(ticket_id)
        except Rejected:
            return [items.unopened(ticket_id, self._now())]
        # The list of messages knows no countries, so another inbox's ticket may stand in it.
        if not ticket or (self._storefronts and items.storefront(ticket) not in self._storefronts):
            return ()
        return items.of_ticket(ticket, floor, self._now())

    def _after(self, at: Position, change: _Change) -> Position:
        """Once everything of the ticket is stored."""
        # A time in the future would hide whatever changes until then.
        since = max(at.since, min(change.at, self._now()))
        seen = dict(at.seen)
        seen.pop(change.ticket, None)
        if self._now() - change.at > SETTLED:
            seen[change.ticket] = change.mark
        return replace(at, since=since, seen=seen)


def _note(found: dict[str, _Change], entry: Json, when: str, mark: str, now: datetime) -> None:
    if not isinstance(entry, dict):
        return
    raw = Fields(entry)
    name = raw.id("id_ticket", default="")
    if name:
        # A time that cannot be read counts as now: such a ticket is opened at every poll.
        at = raw.instant_or_none(when) or now
        found.setdefault(name, _Change(ticket=name, at=at)).add(at, raw.id(mark, default=""))
