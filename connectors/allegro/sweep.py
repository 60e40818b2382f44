"""One look through a list: what changed is opened, the oldest change first, and stored in pages."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol

from connectors.allegro.client import Row, stamp
from connectors.allegro.position import Position
from connectors.contract import Page, RawItem
from connectors.pages import LARGEST_PAGE, pages_of

MOST_OPENED: Final = 100
"""Threads or chats opened at one look; the next one goes on with the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An entry that changed, when, and what it looks like. `state` is an issue's, else None."""

    key: str
    at: datetime
    looks: str
    row: Row
    state: str | None = None
    is_open: bool = False

    @property
    def mark(self) -> str:
        """What tells it from the same entry after another change."""
        return f"{stamp(self.at)}|{self.looks}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a changed entry holds; `waits` says that it has to be opened again soon."""

    items: Sequence[RawItem] = ()
    waits: bool = False


class Source(Protocol):
    """A list of changing entries."""

    name: str

    async def changes(self, at: Position) -> Sequence[Change]:
        """Entries that may hold something new, the oldest change first."""
        ...

    async def open(self, change: Change, at: Position) -> Opened:
        """Everything of one entry that may be new."""
        ...

    def done(self, at: Position) -> Position:
        """The position after a whole look."""
        ...


async def look(
    source: Source, at: Position, now: Callable[[], datetime]
) -> AsyncIterator[tuple[Page, Position]]:
    """Pages of what is new, each with the position that is true once it is stored."""
    changes = await source.changes(at)
    shown = {change.key for change in changes}
    begun = at.with_trail(source.name, at.trail(source.name).only(shown))
    stored, items, opened = begun, list[RawItem](), 0
    for change in changes:
        waits = change.key in begun.waiting
        if waits or begun.trail(source.name).seen.get(change.key) != change.mark:
            if opened == MOST_OPENED:
                break
            opened += 1
            found = await source.open(change, at)
            items += found.items
            waits = found.waits
        stored = _after(stored, source.name, change, now(), waits=waits)
        if len(items) >= LARGEST_PAGE // 2:
            for page in pages_of(items, at.cursor(), stored.cursor()):
                yield page, stored
            at, items = stored, []
    else:
        stored = source.done(stored.with_trail(source.name, stored.trail(source.name).whole()))
    if items or stored != at:
        for page in pages_of(items, at.cursor(), stored.cursor()):
            yield page, stored


def _after(at: Position, name: str, change: Change, now: datetime, *, waits: bool) -> Position:
    """Once everything of an entry is stored."""
    trail = at.trail(name).after(change.key, change.at, change.mark, now)
    waiting = {key: since for key, since in at.waiting.items() if key != change.key}
    if waits:
        waiting[change.key] = at.waiting.get(change.key, now)
    opened = dict(at.open)
    if change.state is not None:
        opened.pop(change.key, None)
        if change.is_open:
            opened[change.key] = change.state
    return replace(at.with_trail(name, trail), waiting=waiting, open=opened)
