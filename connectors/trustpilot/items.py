"""What Trustpilot lists, as raw items: a version of a review, an answer, a comment, a removal."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.pages import arrived_at
from connectors.reviews import mark_of
from connectors.trustpilot.client import Row

SERVICE: Final = "service"
PRODUCT: Final = "product"


def version_of(review: Fields) -> str:
    """A name of what the customer says now: stars, title and text, and nothing that others add."""
    words = review.text("text", default="") or review.text("content", default="")
    return mark_of(review.value.get("stars"), review.text("title", default=""), words)


def answer_key(review: str, text: str) -> str:
    """The name of an answer, which Trustpilot gives no id."""
    return f"reply:{review}:{mark_of(text)}"


def of_review(row: Row, kind: str, now: datetime) -> Sequence[RawItem]:
    """The review as it is now, and the answer under it. Nothing for a row without an id."""
    review = Fields(row)
    name = review.id("id", default="")
    if not name:
        return ()
    written = review.instant_or_none("createdAt")
    changed = review.instant_or_none("updatedAt")
    at = arrived_at(max(filter(None, (written, changed)), default=None), now)
    found = [_item(f"{kind}:{name}:{version_of(review)}", kind, {"review": row}, at)]
    reply = review.inner("companyReply")
    words = reply.text("text", default="")
    if kind == SERVICE and words.strip():
        told = reply.instant_or_none("updatedAt") or reply.instant_or_none("createdAt")
        key = answer_key(name, words)
        found.append(_item(key, "reply", {"review": row}, arrived_at(told, now)))
    return found


def of_conversation(row: Row, conversation: Row, now: datetime) -> Sequence[RawItem]:
    """Every comment below a product review."""
    found: list[RawItem] = []
    for comment in Fields(conversation).each("comments"):
        name = comment.id("id", default="") or comment.id("commentId", default="")
        at = arrived_at(comment.instant_or_none("createdAt"), now)
        payload: dict[str, Json] = {"review": row, "comment": comment.value}
        if name:
            found.append(_item(f"comment:{name}", "comment", payload, at))
    return found


def gone(review: str, kind: str, now: datetime) -> RawItem:
    """A review that stands there no more."""
    return _item(
        f"gone:{kind}:{review}", "gone", {"of": kind, "id": review, "seen": now.isoformat()}, now
    )


def _item(source: str, kind: str, payload: dict[str, Json], at: datetime) -> RawItem:
    content = json.dumps({"kind": kind, **payload}).encode()
    return RawItem(source_id=source, received_at=at, payload=content)
