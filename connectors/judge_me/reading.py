"""What is new at one shop: the list of reviews, and those that Judge.me called about."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from connectors.called_about import CalledAbout
from connectors.contract import Page, RawItem
from connectors.judge_me import items
from connectors.judge_me.client import A_PAGE, JudgeMeClient
from connectors.review_list import Listed, ListPage, Position, ReviewSweep


class Reader:
    """Reads one shop. `now` is the desk's clock, `window` how far back it looks again."""

    def __init__(
        self,
        client: JudgeMeClient,
        called: CalledAbout,
        now: Callable[[], datetime],
        window: timedelta,
    ) -> None:
        self._client = client
        self._called = called
        self._now = now
        self._window = window
        self._sweep = ReviewSweep(self._page, self._item, now, window)

    async def pages(self, at: Position) -> AsyncIterator[Page]:
        """Pages after a position: the list first, then what was called about."""
        async for page in self._sweep.pages(at):
            at = Position.of(page.cursor, at.first)
            yield page
        async for page in self._named(at):
            yield page

    async def _named(self, at: Position) -> AsyncIterator[Page]:
        """Reviews that Judge.me called about, however old."""
        names = await self._called.names()
        for name in names:
            row = await self._client.review(name)
            if row is None:
                yield Page(items=[items.gone(name, self._now())], cursor=at.cursor())
                continue
            one = items.listed(row)
            if not at.is_stored(one):
                revised = at.is_revised(one) or self._is_out_of_view(one)
                yield Page(items=[self._item(one, revised)], cursor=at.cursor())
        await self._called.forget(names)

    def _is_out_of_view(self, review: Listed) -> bool:
        """A call about a review that old is about a change."""
        return review.written_at is not None and review.written_at < self._now() - self._window

    async def _page(self, number: int) -> ListPage:
        rows = await self._client.reviews(number)
        return ListPage(reviews=[items.listed(row) for row in rows], is_last=len(rows) < A_PAGE)

    def _item(self, review: Listed, revised: bool) -> RawItem:
        return items.of_review(review, self._now(), revised=revised)
