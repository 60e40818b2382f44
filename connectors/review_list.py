"""Reviews of a platform that lists them without a filter by time: what is new, and what changed.

The list is walked from its newest end. A review may be published days after it was left, and
changed later, so those of the last days are looked at in every poll, and what is stored as it
stands is passed over.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Cursor, Json, Page, RawItem
from connectors.errors import Unavailable
from connectors.pages import kept_instant, pages_of

OVERLAP: Final = timedelta(minutes=15)
"""Read again after a standstill: a review may come into view a little after its own time."""

MOST_PAGES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One review of a list: its name for ever, what it says now (`version`), when it was left."""

    name: str
    version: str
    written_at: datetime | None
    row: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """A page of a list. Nothing follows the last one."""

    reviews: Sequence[Listed]
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Nothing from before `first` is ever read; reviews left up to `since` are stored.

    `seen` is the version of each review in view that is stored: another one is a change.
    """

    first: datetime
    since: datetime
    seen: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor | None, start: datetime) -> "Position":
        """The position a cursor holds; what it does not hold begins at `start`."""
        kept = cursor.state if cursor else {}
        since = kept_instant(kept.get("since")) or start
        seen = kept.get("seen")
        entries = seen.items() if isinstance(seen, dict) else ()
        return cls(
            first=kept_instant(kept.get("first")) or min(start, since),
            since=since,
            seen={name: version for name, version in entries if isinstance(version, str)},
        )

    def cursor(self) -> Cursor:
        """As it is stored."""
        seen: dict[str, Json] = dict(self.seen)
        return Cursor(
            state={
                "first": self.first.isoformat(),
                "since": self.since.isoformat(),
                "seen": seen,
            }
        )

    def is_stored(self, review: Listed) -> bool:
        """Whether it is stored as it stands."""
        return self.seen.get(review.name) == review.version

    def is_revised(self, review: Listed) -> bool:
        """Whether another version of it is stored."""
        return review.name in self.seen and not self.is_stored(review)


class ReviewSweep:
    """Walks one list.

    `page` gives the page of a number from 1; `item` makes a raw item of a review, told whether it
    was revised. `window` is how far back every poll looks again.
    """

    def __init__(
        self,
        page: Callable[[int], Awaitable[ListPage]],
        item: Callable[[Listed, bool], RawItem],
        now: Callable[[], datetime],
        window: timedelta,
    ) -> None:
        self._page = page
        self._item = item
        self._now = now
        self._window = window

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position, the oldest review first. Raises Unavailable."""
        now = self._now()
        floor = max(at.first, min(at.since - OVERLAP, now - self._window))
        reviews = await self._recent(floor)
        new = [self._item(one, at.is_revised(one)) for one in reviews if not at.is_stored(one)]
        # A time in the future would hide whatever is written until then.
        told = [min(one.written_at, now) for one in reviews if one.written_at is not None]
        seen = {one.name: one.version for one in reviews}
        after = replace(at, since=max([at.since, *told]), seen=seen)
        if new or after != at:
            for page in pages_of(new, at.cursor(), after.cursor()):
                yield page

    async def _recent(self, floor: datetime) -> Sequence[Listed]:
        """Each review since `floor` once, the oldest first."""
        found: dict[str, Listed] = {}
        for number in range(1, MOST_PAGES + 1):
            page = await self._page(number)
            for one in page.reviews:
                if one.name and (one.written_at is None or one.written_at >= floor):
                    found.setdefault(one.name, one)
            if page.is_last or _ends_before(page.reviews, floor):
                now = self._now()
                return sorted(found.values(), key=lambda one: (one.written_at or now, one.name))
        raise Unavailable(f"more than {MOST_PAGES} pages of reviews, and not the newest first")


def _ends_before(reviews: Sequence[Listed], floor: datetime) -> bool:
    """Whether nothing younger than `floor` follows: the newest come first, as far as is seen."""
    told = [one.written_at for one in reviews if one.written_at is not None]
    falls = told == sorted(told, reverse=True) and bool(told) and told[0] > told[-1]
    return falls and told[-1] < floor
