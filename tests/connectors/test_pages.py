"""Pages of a sweep, and what of a cursor can be trusted."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.contract import Cursor, RawItem
from connectors.pages import arrived_at, kept_instant, pages_of

NOW = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
BEFORE, AFTER = Cursor(state={"at": 1}), Cursor(state={"at": 2})


def items(count: int) -> list[RawItem]:
    return [RawItem(source_id=f"{n}", received_at=NOW, payload=b"{}") for n in range(count)]


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, [0]), (1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])]
)
def test_invariant_1_only_the_last_page_says_that_all_is_stored(
    count: int, sizes: list[int]
) -> None:
    pages = list(pages_of(items(count), BEFORE, AFTER))

    assert [len(page.items) for page in pages] == sizes
    assert [page.cursor for page in pages] == [BEFORE] * (len(sizes) - 1) + [AFTER]


@pytest.mark.parametrize(
    ("age", "received"),
    [
        (timedelta(hours=1), NOW),
        (timedelta(days=7), NOW),
        (timedelta(days=8), NOW - timedelta(days=8)),
    ],
)
def test_only_history_is_received_when_it_was_sent(age: timedelta, received: datetime) -> None:
    assert arrived_at(NOW - age, NOW) == received
    assert arrived_at(None, NOW) == NOW


@pytest.mark.parametrize(
    ("value", "at"),
    [
        ("2026-03-10T10:00:00+01:00", NOW),
        ("2026-03-10T09:00:00", NOW),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        (7, None),
        (None, None),
    ],
)
def test_an_instant_of_a_cursor_is_in_utc_or_none(
    value: str | int | None, at: datetime | None
) -> None:
    assert kept_instant(value) == at


def test_invariant_11_what_a_customer_wrote_is_not_in_the_repr_of_a_raw_item() -> None:
    item = RawItem(source_id="1", received_at=NOW, payload=b"my card is 4111")
    assert "4111" not in repr(item)
