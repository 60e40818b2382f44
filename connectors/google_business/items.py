"""What Google lists, as raw items: a version of a review, and what became of its answer."""

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.google_business.client import Row
from connectors.google_business.places import Place
from connectors.pages import arrived_at
from connectors.reviews import mark_of

PENDING: Final = "PENDING"
REJECTED: Final = "REJECTED"

# Google's translation stands before the customer's own words, or, without a mark of theirs, after.
_TRANSLATED: Final = "(Translated by Google)"
_ORIGINAL: Final = re.compile(r"\n[^\S\n]*\(Original\)\s*", re.IGNORECASE)


def own_words(comment: str) -> str:
    """What the customer wrote, without Google's translation of it."""
    before, found, after = comment.partition(_TRANSLATED)
    if not found:
        return comment
    if before.strip():
        return before.strip()
    parts = _ORIGINAL.split(after, maxsplit=1)
    return parts[1].strip() if len(parts) > 1 and parts[1].strip() else comment


def version_of(review: Fields) -> str:
    """A name of what the customer says now: stars and words."""
    words = own_words(review.text("comment", default=""))
    return mark_of(review.text("starRating", default=""), words)


def answer_key(review: str, text: str) -> str:
    """The name of an answer, which Google gives no id."""
    return f"reply:{review}:{mark_of(text)}"


def of_review(row: Row, place: Place, now: datetime) -> Sequence[RawItem]:
    """The review as it is now, and its answer once Google has decided. Nothing without an id."""
    review = Fields(row)
    name = review.id("reviewId", default="")
    if not name or not review.text("name", default=""):
        return ()
    times = (review.instant_or_none(one) for one in ("createTime", "updateTime"))
    at = arrived_at(max(filter(None, times), default=None), now)
    found = [_item(f"review:{name}:{version_of(review)}", "review", row, place, at)]
    reply = review.inner("reviewReply")
    words = reply.text("comment", default="")
    state = reply.text("reviewReplyState", default="")
    if words.strip() and state != PENDING:
        at = arrived_at(reply.instant_or_none("updateTime"), now)
        key, refused = answer_key(name, words), state == REJECTED
        source = f"refused:{key}" if refused else key
        found.append(_item(source, "refused" if refused else "reply", row, place, at))
    return found


def gone(row: Row, now: datetime) -> RawItem:
    """A review that stands there no more."""
    name = Fields(row).id("reviewId", default="")
    content: Json = {"kind": "gone", "id": name, "seen": now.isoformat()}
    return RawItem(source_id=f"gone:{name}", received_at=now, payload=json.dumps(content).encode())


def _item(source: str, kind: str, row: Row, place: Place, at: datetime) -> RawItem:
    content: Json = {"kind": kind, "place": place.as_json(), "review": row}
    return RawItem(source_id=source, received_at=at, payload=json.dumps(content).encode())
