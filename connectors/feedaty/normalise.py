"""Reviews at Feedaty, explained. Pure."""

from decimal import Decimal
from typing import Final

from connectors.contract import InboundMessage, RawItem, ThreadKey
from connectors.errors import Malformed
from connectors.feedaty.items import released_at, version_of
from connectors.fields import Fields
from connectors.reviews import (
    Review,
    ReviewConfig,
    full_words_of,
    mark_of,
    meaning_of,
    stars_of,
    subject_of,
    words_of,
)
from sla_rules.vocabulary import Stage

_UNRATED: Final = Decimal(0)
_MOST: Final = Decimal(100)


def explain(item: RawItem, config: ReviewConfig) -> InboundMessage:
    """One item. Raises Malformed."""
    raw = Fields.of(item.payload)
    thread, order = raw.id("name"), raw.inner("order")
    review = Fields(raw.value.get("review"), "review")
    revised, written = raw.flag("revised"), released_at(order)
    if written is None:
        raise Malformed("order.Released", "an instant was expected")
    left = Review(stars=_stars(review), text=review.text("Review", default=""), revised=revised)
    meaning, about = meaning_of(left, config), _product(review)
    order_id = order.id("OrderID", default="") or None
    return InboundMessage(
        external_id=f"{thread}:{version_of(review)}",
        verdict=meaning.verdict,
        reason=meaning.reason,
        # Feedaty dates no change: one is as old as its discovery.
        sent_at=item.received_at if revised else min(written, item.received_at),
        subject=subject_of(left, about),
        text=words_of(left),
        full_text=full_words_of(left, about),
        # Feedaty names no customer; the order is theirs alone.
        sender_handle=f"order-{order_id or mark_of(thread)}",
        sender_name="",
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        kind=meaning.kind,
        stage=Stage.POST_SALE,
        order_id=order_id,
        public=True,
        topic=meaning.topic,
        tags=(raw.text("kind", default=""),) if raw.text("kind", default="") else (),
        reply_context={"review": thread, "order": order_id},
    )


def _stars(review: Fields) -> int | None:
    """Whole stars; of a half one, the lower."""
    told = review.amount("Rating", default=_UNRATED)
    return stars_of(int(told)) if _UNRATED < told < _MOST else None


def _product(review: Fields) -> str:
    names = (review.text(key, default="") for key in ("ProductName", "Name"))
    return next(filter(None, names), "") or review.id("SKU", default="")
