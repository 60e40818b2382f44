"""What is new at one seller: which discussions changed, and these alone opened.

Two lists tell: what was updated lately, and what waits to be treated. The first alone would do if
every message updates its discussion, which public programs rely on and nothing documents.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Json, Page, RawItem
from connectors.errors import Rejected, Unavailable
from connectors.fields import Fields
from connectors.octopia import items
from connectors.octopia.client import A_PAGE, OctopiaClient
from connectors.octopia.discussion import level
from connectors.octopia.position import Position, Seen
from connectors.pages import LARGEST_PAGE, pages_of

OVERLAP: Final = timedelta(minutes=5)
"""Read again at every poll: a change may come into view a little after its own time."""

LATE: Final = timedelta(days=7)
"""How much older than the last poll a message of a changed discussion may be and still be new."""

LONGEST: Final = timedelta(days=180)
"""A search may not reach over more than six months (discussion feature page)."""

SETTLED: Final = timedelta(seconds=5)
"""A discussion opened sooner after its update may change again without looking changed."""

MOST_OPENED: Final = 100
"""Discussions opened at one poll; the next one goes on with the others."""

MOST_PAGES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A discussion of the lists, when it changed, and what it looked like."""

    name: str
    at: datetime
    seen: Seen


class Reader:
    """Reads one seller's discussions. `now` is the desk's clock."""

    def __init__(
        self,
        client: OctopiaClient,
        now: Callable[[], datetime],
        sales_channels: Collection[str],
    ) -> None:
        self._client = client
        self._now = now
        self._sales_channels = sales_channels

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position, the oldest change first."""
        changes = await self._changes(at)
        shown = {change.name for change in changes}
        at = replace(at, seen={name: one for name, one in at.seen.items() if name in shown})
        began, stored = at, at
        waiting: list[RawItem] = []
        opened = 0
        for change in changes:
            if at.seen.get(change.name) != change.seen:
                if opened == MOST_OPENED:
                    break
                opened += 1
                waiting += await self._open(change, began)
            stored = self._after(stored, change)
            if len(waiting) >= LARGEST_PAGE // 2:
                for page in pages_of(waiting, at.cursor(), stored.cursor()):
                    yield page
                at, waiting = stored, []
        if waiting or stored != at:
            for page in pages_of(waiting, at.cursor(), stored.cursor()):
                yield page

    async def _changes(self, at: Position) -> Sequence[_Change]:
        """Every discussion of the two lists once, the oldest change first."""
        earliest = self._now() - LONGEST
        updated = await self._all(max(at.since - OVERLAP, earliest), waiting=False)
        untreated = await self._all(max(at.first, earliest), waiting=True)
        found = {change.name: change for change in (*untreated, *updated)}
        return sorted(found.values(), key=lambda one: (one.at, one.name))

    async def _all(self, since: datetime, *, waiting: bool) -> Sequence[_Change]:
        first = await self._client.discussions(since, None, waiting=waiting)
        found = list(first)
        # The order of the list is not documented: an entry that changes while it is read may move
        # another across the border of two pages. So a list of several pages is read twice.
        for _ in range(2 if len(first) >= A_PAGE else 0):
            found += await self._further(since, waiting=waiting)
        read = (self._change(entry) for entry in found)
        return [change for change in read if change is not None]

    async def _further(self, since: datetime, *, waiting: bool) -> Sequence[Json]:
        found: list[Json] = []
        for number in range(1, MOST_PAGES + 1):
            page = await self._client.discussions(since, number, waiting=waiting)
            found += page
            if len(page) < A_PAGE:
                return found
        raise Unavailable(
            f"more than {len(found)} discussions at once; set since_days lower for the first poll"
        )

    def _change(self, entry: Json) -> _Change | None:
        raw = Fields(entry if isinstance(entry, dict) else {})
        name = raw.id("discussionId", default="")
        channel = raw.text("salesChannel", default="")
        if not name or (self._sales_channels and channel not in self._sales_channels):
            return None
        looks = (raw.value.get(key) for key in ("updatedAt", "status", "isOpen", "graduation"))
        return _Change(
            name=name,
            # A time that cannot be read counts as now: such a discussion is opened at every poll.
            at=raw.instant_or_none("updatedAt") or self._now(),
            seen=Seen(mark="|".join(map(str, looks)), level=level(raw)),
        )

    async def _open(self, change: _Change, at: Position) -> Sequence[RawItem]:
        try:
            discussion = await self._client.discussion(change.name)
        except Rejected:
            return [items.unopened(change.name, self._now())]
        if discussion is None:
            return ()
        if not isinstance(discussion.get("messages"), list):
            return [items.unopened(change.name, self._now())]
        found = items.of_discussion(discussion, max(at.first, at.since - LATE), self._now())
        if self._was_raised(discussion, change, at):
            return [*found, items.raised(discussion, self._now())]
        return found

    def _was_raised(self, discussion: dict[str, Json], change: _Change, at: Position) -> bool:
        """Whether it became a claim after its messages were read: they do not say so."""
        if not level(Fields(discussion)):
            return False
        before = at.seen.get(change.name)
        if before is not None:
            return not before.level
        return not items.customer_wrote_since(discussion, at.since - OVERLAP)

    def _after(self, at: Position, change: _Change) -> Position:
        """Once everything of the discussion is stored."""
        # A time in the future would hide whatever changes until then.
        since = max(at.since, min(change.at, self._now()))
        seen = {**at.seen, change.name: change.seen}
        if self._now() - change.at <= SETTLED:
            seen[change.name] = replace(change.seen, mark="")
        return replace(at, since=since, seen=seen)
