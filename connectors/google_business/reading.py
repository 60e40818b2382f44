"""What is new at an account's locations: reviews, changes of them, and answers.

Google lists a location's reviews by their last change. Nothing says that an answer moves a review
up, so those of the last days are looked through in every poll; what looks as it did when it was
stored last is passed over.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Page, RawItem
from connectors.errors import Rejected, Unavailable
from connectors.fields import Fields
from connectors.google_business.client import GoogleClient, Row
from connectors.google_business.items import gone, of_review
from connectors.google_business.places import Place, Places
from connectors.google_business.position import Position
from connectors.pages import pages_of

OVERLAP: Final = timedelta(minutes=15)
"""Read again after a standstill: a review may come into view a little after its own time."""

MOST_PAGES: Final = 40
MOST_LOOKED_UP: Final = 20
"""Reviews missing from a list that are looked up at one poll."""


class Reader:
    """Reads one account. `now` is the desk's clock, `window` how far back it looks again."""

    def __init__(
        self,
        client: GoogleClient,
        places: Places,
        now: Callable[[], datetime],
        window: timedelta,
    ) -> None:
        self._client = client
        self._places = places
        self._now = now
        self._window = window
        # Of each location's reviews in view: the row, and the items that were stored last.
        self._stored: dict[str, dict[str, tuple[Row, Sequence[str]]]] = {}

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position, one location after the other."""
        refused: Rejected | None = None
        places = [one for one in await self._places.listed() if one.verified]
        read = 0
        for place in places:
            try:
                rows = await self._rows(place, self._start(at, place))
            except Rejected as error:
                # One location that lost its verification is no reason to leave the others.
                refused = error
                continue
            read += 1
            async for page in self._news(at, place, rows):
                yield page
                at = Position.of(page.cursor, at.first)
        if refused is not None and not read:
            raise Unavailable(f"no location could be read: {refused.reason}")

    def _start(self, at: Position, place: Place) -> datetime:
        since = at.since.get(place.parent, at.first)
        return max(at.first, min(since - OVERLAP, self._now() - self._window))

    async def _rows(self, place: Place, start: datetime) -> Sequence[Row]:
        """The reviews changed at or after `start`, the oldest change first."""
        found: list[Row] = []
        token = ""
        for _ in range(MOST_PAGES):
            page = await self._client.reviews(place.parent, token)
            recent = [row for row in page.rows if _changed(row, start) >= start]
            found += recent
            token = page.token
            if not token or len(recent) < len(page.rows):
                found.sort(key=lambda row: _changed(row, start))
                return found
        raise Unavailable(f"{place.title}: too many reviews at once; lower since_days")

    async def _news(self, at: Position, place: Place, rows: Sequence[Row]) -> AsyncIterator[Page]:
        known, now = self._stored.get(place.parent, {}), self._now()
        seen: dict[str, tuple[Row, Sequence[str]]] = {}
        found: list[RawItem] = []
        for row in rows:
            items = of_review(row, place, now)
            names = [item.source_id for item in items]
            name = Fields(row).text("name", default="")
            if name in seen:
                continue
            if names and known.get(name, ({}, ()))[1] != names:
                found += items
            seen[name] = row, names
        found += await self._removed(known, seen, self._start(at, place))
        newest = max([_changed(row, at.first) for row in rows], default=at.first)
        # A time in the future would hide whatever is written until then.
        since = max(at.since.get(place.parent, at.first), min(newest, now))
        after = replace(at, since={**at.since, place.parent: since})
        if found or after != at:
            for page in pages_of(found, at.cursor(), after.cursor()):
                yield page
        self._stored[place.parent] = seen

    async def _removed(
        self,
        known: dict[str, tuple[Row, Sequence[str]]],
        seen: dict[str, tuple[Row, Sequence[str]]],
        start: datetime,
    ) -> Sequence[RawItem]:
        """Reviews that left the list, and not by their age. Google may be wrong for some days."""
        missing = [
            (name, row)
            for name, (row, _) in known.items()
            if name not in seen and _changed(row, start) >= start
        ]
        found: list[RawItem] = []
        for name, row in missing[:MOST_LOOKED_UP]:
            with suppress(Rejected):
                if await self._client.review(name) is None:
                    found.append(gone(row, self._now()))
        return found


def _changed(row: Row, otherwise: datetime) -> datetime:
    fields = Fields(row)
    told = (fields.instant_or_none(name) for name in ("createTime", "updateTime"))
    return max(filter(None, told), default=otherwise)
