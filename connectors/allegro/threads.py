"""The message centre: which threads changed, and these alone opened."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.allegro.client import AllegroClient, Edition, Listed, Row
from connectors.allegro.items import of_thread
from connectors.allegro.position import Position
from connectors.allegro.sweep import Change, Opened
from connectors.errors import Unavailable
from connectors.fields import Fields

LATE: Final = timedelta(days=1)
"""How much older than the last look a message of a changed thread may be and still be new. For as
long an answer that Allegro verifies is looked at again."""

MOST_PAGES: Final = 250
"""Of the list of threads, at one look: five thousand threads."""

MOST_MESSAGE_PAGES: Final = 15
"""Of one thread: three hundred messages since the last look."""


class Threads:
    """The threads of one edition: ordinary ones, or problems with purchases."""

    def __init__(
        self, client: AllegroClient, now: Callable[[], datetime], edition: Edition
    ) -> None:
        self._client = client
        self._now = now
        self._edition = edition
        self.name = "messages" if edition is Edition.PUBLIC else "problems"

    async def changes(self, at: Position) -> Sequence[Change]:
        """Threads whose newest message came since the last look, and those that wait."""
        floor = at.trail(self.name).floor
        found: dict[str, Change] = {}
        page: str | None = None
        for _ in range(MOST_PAGES):
            listed = await self._list(page)
            changes = [one for row in listed.rows if (one := self._change(row)) is not None]
            for change in changes:
                if change.at >= floor:
                    found.setdefault(change.key, change)
            # The newest message first: from here on, nothing is new.
            is_past = bool(changes) and changes[-1].at < floor
            if is_past or listed.following is None or listed.following == page:
                return self._with_waiting(at, found)
            page = listed.following
        raise Unavailable(
            f"more than {len(found)} changed threads; set since_days lower for the first poll"
        )

    async def open(self, change: Change, at: Position) -> Opened:
        """The thread's messages since a while before the last look."""
        floor = max(at.first, at.trail(self.name).base - LATE)
        thread = str(change.row.get("id"))
        messages = await whole_thread(self._client, self._edition, thread, floor)
        opened = of_thread(change.row, messages, self._edition, floor, self._now())
        since = at.waiting.get(change.key)
        is_late = since is not None and self._now() - since > LATE
        return replace(opened, waits=False) if is_late else opened

    def done(self, at: Position) -> Position:
        """Nothing beside."""
        return at

    async def _list(self, page: str | None) -> Listed:
        if self._edition is Edition.BETA:
            return await self._client.problems(page)
        return await self._client.threads(page)

    def _change(self, row: Row) -> Change | None:
        """A thread of the list; None where it has no message or no name."""
        raw = Fields(row)
        name = raw.id("id", default="")
        if not name or raw.value.get("lastMessageDateTime") is None:
            return None
        # A time that cannot be read counts as now: such a thread is opened at every look.
        at = raw.instant_or_none("lastMessageDateTime") or self._now()
        return Change(key=self._key(name), at=at, looks=raw.text("status", default=""), row=row)

    def _key(self, name: str) -> str:
        return f"{self.name}:{name}"

    def _with_waiting(self, at: Position, found: dict[str, Change]) -> Sequence[Change]:
        """The changes, and threads with an answer of ours that Allegro verifies."""
        begins = self._key("")
        for key in at.waiting:
            if key.startswith(begins) and key not in found:
                row: Row = {"id": key.removeprefix(begins)}
                since = at.trail(self.name).since
                found[key] = Change(key=key, at=since, looks="", row=row)
        return sorted(found.values(), key=lambda one: (one.at, one.key))


async def whole_thread(
    client: AllegroClient, edition: Edition, thread: str, floor: datetime
) -> Sequence[Row]:
    """The messages of a thread since `floor`, and perhaps some from before."""
    found: list[Row] = []
    page: str | None = None
    for _ in range(MOST_MESSAGE_PAGES):
        # The filter leaves out the instant itself.
        after = floor - timedelta(milliseconds=1)
        listed = await client.messages(edition, thread, after, page)
        found += listed.rows
        times = [Fields(row).instant_or_none("createdAt") for row in listed.rows]
        is_past = bool(times) and all(at is not None and at < floor for at in times)
        if is_past or listed.following is None or listed.following == page:
            break
        page = listed.following
    return found
