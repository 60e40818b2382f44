"""A list without a filter by time is walked no further than it must be, and never for ever."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Cursor, RawItem
from connectors.errors import Unavailable
from connectors.review_list import MOST_PAGES, Listed, ListPage, Position, ReviewSweep

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def review(name: str, days_ago: float | None, version: str = "a") -> Listed:
    at = None if days_ago is None else NOW - days_ago * DAY
    return Listed(name=name, version=version, written_at=at, row={})


class AList:
    """A platform's list, and how far it was walked."""

    def __init__(self, reviews: Sequence[Listed], size: int = 2, *, ends: bool = True) -> None:
        self.reviews = reviews
        self.size = size
        self.ends = ends
        self.walked = 0

    async def page(self, number: int) -> ListPage:
        self.walked = number
        part = self.reviews[(number - 1) * self.size : number * self.size]
        return ListPage(reviews=part, is_last=self.ends and len(part) < self.size)

    async def swept(self, at: Position) -> tuple[list[str], Position]:
        """What a sweep brings, and the position after it."""

        def item(one: Listed, revised: bool) -> RawItem:
            return RawItem(source_id=f"{one.name}{revised:d}", received_at=NOW, payload=b"")

        sweep = ReviewSweep(self.page, item, lambda: NOW, 14 * DAY)
        found: list[str] = []
        async for page in sweep.pages(at):
            found += [one.source_id for one in page.items]
            at = Position.of(page.cursor, at.first)
        return found, at


START = Position(first=NOW - 7 * DAY, since=NOW - 7 * DAY)


async def test_reviews_come_oldest_first_and_only_once():
    listed = AList([review("c", 1), review("b", 2), review("a", 3), review("z", 30)])
    first, at = await listed.swept(START)
    second, _ = await listed.swept(at)

    assert (first, second) == (["a0", "b0", "c0"], [])


async def test_the_walk_ends_where_the_first_day_begins():
    listed = AList([review(f"{n}", n) for n in range(1, 40)])
    found, _ = await listed.swept(START)

    assert len(found) == 7
    assert listed.walked == 4


async def test_a_changed_review_comes_again_and_says_so():
    _, at = await AList([review("a", 3)]).swept(START)
    found, _ = await AList([review("a", 3, version="b")]).swept(at)

    assert found == ["a1"]


async def test_invariant_1_a_standstill_of_months_is_made_up_for():
    at = Position(first=NOW - 90 * DAY, since=NOW - 60 * DAY)
    found, _ = await AList([review("b", 1), review("a", 59), review("z", 61)]).swept(at)

    assert found == ["a0", "b0"]


async def test_invariant_1_a_review_without_a_time_is_read():
    found, _ = await AList([review("a", None)]).swept(START)

    assert found == ["a0"]


async def test_a_review_dated_in_the_future_hides_none_after_it():
    _, at = await AList([review("a", -5)]).swept(START)

    assert at.since == NOW


async def test_a_list_that_never_ends_is_given_up():
    listed = AList([review(f"{n}", 1) for n in range(3)], ends=False)
    with pytest.raises(Unavailable, match="not the newest first"):
        await listed.swept(START)
    assert listed.walked == MOST_PAGES


@pytest.mark.parametrize(
    "state", [{}, {"since": 7, "seen": []}, {"first": "soon", "seen": {"a": 1}}]
)
def test_an_odd_cursor_begins_at_the_start(state):
    at = Position.of(Cursor(state=state), NOW)

    assert (at.first, at.since, dict(at.seen)) == (NOW, NOW, {})
