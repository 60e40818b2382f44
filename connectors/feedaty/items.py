"""What Feedaty lists, as raw items: a version of the review of an order's service or of a product."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from connectors.contract import Json, RawItem
from connectors.fields import Fields
from connectors.pages import arrived_at
from connectors.review_list import Listed
from connectors.reviews import mark_of

SERVICE: Final = "service"
PRODUCT: Final = "product"

_MILLISECONDS: Final = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/")
_PRODUCT = ("ID", "SKU", "Name", "ProductName", "Rating", "Review")


def released_at(feedback: Fields) -> datetime | None:
    """When the customer left it: milliseconds in `/Date(…)/`, or any form of an instant."""
    told = _MILLISECONDS.fullmatch(feedback.text("Released", default="").strip())
    if told is None:
        return feedback.instant_or_none("Released")
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(told[1]))
    except OverflowError:
        return None


def of_feedback(feedback: Fields) -> Sequence[Listed]:
    """The review of the service, where there is one, and one of each product."""
    name = feedback.id("ID", default="")
    order: dict[str, Json] = {
        key: feedback.value[key] for key in ("ID", "OrderID", "Released") if key in feedback.value
    }
    service: dict[str, Json] = {
        "Rating": feedback.value.get("MerchantRating"),
        "Review": feedback.value.get("MerchantReview"),
    }
    found = []
    if name and any(service.values()):
        found.append(_listed(name, SERVICE, feedback, order, service))
    for number, one in enumerate(feedback.each("ProductsReviews")):
        product = {key: one.value[key] for key in _PRODUCT if key in one.value}
        key = one.id("ID", default="") or f"{name}.{number}"
        if name:
            found.append(_listed(key, PRODUCT, feedback, order, product))
    return found


def item_of(review: Listed, now: datetime, *, revised: bool) -> RawItem:
    """The review as it is now; `revised` where another version of it is stored."""
    payload = {**review.row, "revised": revised}
    return RawItem(
        source_id=f"{review.name}:{review.version}",
        # Feedaty dates no change: one is as old as its discovery.
        received_at=now if revised else arrived_at(review.written_at, now),
        payload=json.dumps(payload, ensure_ascii=True).encode(),
    )


def version_of(review: Fields) -> str:
    """A name of what the customer says now."""
    return mark_of(review.value.get("Rating"), review.text("Review", default=""))


def _listed(
    name: str, kind: str, feedback: Fields, order: dict[str, Json], review: dict[str, Json]
) -> Listed:
    return Listed(
        name=f"{kind}:{name}",
        version=version_of(Fields(review)),
        written_at=released_at(feedback),
        row={"kind": kind, "name": f"{kind}:{name}", "order": order, "review": review},
    )
