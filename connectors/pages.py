"""What connectors that sweep a platform's lists share: pages, and the instants of their cursors."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from connectors.contract import Cursor, Json, Page, RawItem
from connectors.fields import Fields
from connectors.report_files.reading import Reading

LARGEST_PAGE: Final = 50
"""Items of one page, which is one transaction of the desk."""

IMPORTED: Final = timedelta(days=7)
"""A message older than this when it is first seen is history: it was received when it was sent."""


def pages_of(
    found: Sequence[RawItem], before: Cursor, after: Cursor, readings: Sequence[Reading] = ()
) -> Iterator[Page]:
    """Pages of `found`. Only the last one's cursor is `after`: until then `before` is true.

    An empty `found` is one empty page, which keeps the cursor. The last page has the `readings`.
    """
    for start in range(0, max(len(found), 1), LARGEST_PAGE):
        is_last = start + LARGEST_PAGE >= len(found)
        part = found[start : start + LARGEST_PAGE]
        yield Page(
            items=part,
            cursor=after if is_last else before,
            readings=readings if is_last else (),
        )


def arrived_at(sent_at: datetime | None, now: datetime) -> datetime:
    """When the desk may say it received what a platform dates itself: now, but for history."""
    return sent_at if sent_at is not None and sent_at < now - IMPORTED else now


def kept_instant(value: Json) -> datetime | None:
    """An instant out of a cursor, in UTC; None where there is none or it cannot be read."""
    return Fields({"at": value}).instant_or_none("at") if isinstance(value, str) else None
