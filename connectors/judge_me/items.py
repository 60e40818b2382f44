"""What Judge.me lists, as raw items: a version of a review, or its removal."""

import json
from datetime import datetime

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.judge_me.client import Row
from connectors.pages import arrived_at
from connectors.review_list import Listed
from connectors.reviews import mark_of

_KEPT = (
    "id", "title", "body", "rating", "product_title", "product_handle", "product_external_id",
    "source", "curated", "published", "hidden", "verified", "created_at", "updated_at",
    "has_published_pictures", "has_published_videos",
)  # fmt: skip
_REVIEWER = ("id", "name", "email")
"""What a ticket needs; the customer's phone and network address stay away."""


def version_of(review: Fields) -> str:
    """A name of what the customer says now, and nothing that the shop changes."""
    body = review.text("body", default="")
    return mark_of(review.value.get("rating"), review.text("title", default=""), body)


def written_at(review: Fields) -> datetime | None:
    """When the customer left it."""
    return review.instant_or_none("created_at")


def listed(row: Row) -> Listed:
    """A review of the list."""
    review = Fields(row)
    return Listed(
        name=review.id("id", default=""),
        version=version_of(review),
        written_at=written_at(review),
        row=row,
    )


def of_review(listed: Listed, now: datetime, *, revised: bool) -> RawItem:
    """The review as it is now; `revised` where another version of it is stored."""
    review = Fields(dict(listed.row))
    kept: Row = {key: listed.row[key] for key in _KEPT if key in listed.row}
    reviewer = review.inner("reviewer").value
    kept["reviewer"] = {key: reviewer[key] for key in _REVIEWER if key in reviewer}
    at = review.instant_or_none("updated_at") if revised else listed.written_at
    source = f"review:{listed.name}:{listed.version}"
    return _item(source, {"review": kept, "revised": revised}, at, now)


def gone(name: str, now: datetime) -> RawItem:
    """A review that Judge.me called about and does not show."""
    payload: Row = {"gone": name, "seen": now.isoformat()}
    return _item(f"gone:{name}", payload, now, now)


def _item(source: str, payload: dict[str, Json], at: datetime | None, now: datetime) -> RawItem:
    return RawItem(
        source_id=source,
        received_at=arrived_at(at, now),
        payload=json.dumps(payload, ensure_ascii=True).encode(),
    )
