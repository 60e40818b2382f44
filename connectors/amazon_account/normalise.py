"""One feedback, one public answer to it, or one notice about the account, understood. Pure."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final

from connectors.contract import InboundMessage, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.selling_partner.regions import regions
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

NEUTRAL: Final = 3
FEEDBACK_PAGE: Final = "/feedback-manager/index.html"

AT_RISK: Final = "account_risk"
"""Tag of notices about the account, so that a seller's rules can tell them apart."""


def explain(item: RawItem) -> InboundMessage:
    """What the item says. Raises Malformed."""
    raw = Fields.of(item.payload)
    what = raw.text("what")
    if what == "feedback":
        return _feedback(item, raw)
    if what == "response":
        return _response(item, raw)
    if what == "performance":
        return _notice(item, raw)
    raise Malformed("what", "nothing that this channel reads")


def _feedback(item: RawItem, raw: Fields) -> InboundMessage:
    rating = raw.number("rating")
    sort = "neutral" if rating >= NEUTRAL else "negative"
    return replace(
        _about_order(item, raw),
        verdict=Verdict.CUSTOMER,
        reason=f"a buyer left {sort} feedback, {rating} of 5 stars",
        sent_at=_sent_at(item, raw),
        subject=f"{sort.capitalize()} feedback: {rating} of 5 stars",
        sender_handle=f"order:{raw.id('order_id')}",
    )


def _response(item: RawItem, raw: Fields) -> InboundMessage:
    # The report does not say when the answer was given; it was before we read of it.
    return replace(
        _about_order(item, raw),
        verdict=Verdict.ANSWERED_ELSEWHERE,
        reason="the feedback report shows a public answer",
    )


def _about_order(item: RawItem, raw: Fields) -> InboundMessage:
    order_id, text = raw.id("order_id"), raw.text("text").strip()
    country = raw.text("marketplace", default="")
    page = _page(country)
    return InboundMessage(
        external_id=f"{order_id}:{item.source_id}",
        verdict=Verdict.NOTICE,
        reason="",
        sent_at=item.received_at,
        subject="",
        text=text or "(no words, only the stars)",
        full_text=text,
        sender_handle="",
        sender_name="",
        thread_keys=(ThreadKey(value=f"feedback:{order_id}"),),
        kind=Kind.MESSAGE,
        stage=Stage.POST_SALE,
        order_id=order_id,
        public=True,
        topic=Topic.NEGATIVE_FEEDBACK,
        marketplace=country,
        links={"case": page} if page else {},
        reply_context={"order_id": order_id},
    )


def _notice(item: RawItem, raw: Fields) -> InboundMessage:
    new, known = raw.texts("new"), raw.texts("known")
    if not new:
        raise Malformed("new", "a notice that says nothing")
    lines = [f"- {one}" for one in new]
    if known:
        lines += ["", "Still so from before:", *(f"- {one}" for one in known)]
    text = "\n".join(lines)
    at = raw.instant_or_none("at") or item.received_at
    return InboundMessage(
        external_id=item.source_id,
        verdict=Verdict.NOTICE,
        reason="Amazon's report on the account shows something new that is wrong",
        sent_at=min(at, item.received_at),
        subject=f"Account health: {new[0]}" + (f" and {len(new) - 1} more" if len(new) > 1 else ""),
        text=text,
        full_text=text,
        sender_handle="amazon",
        sender_name="Amazon",
        thread_keys=(ThreadKey(value=item.source_id),),
        kind=Kind.NOTICE,
        tags=(AT_RISK,),
    )


def _sent_at(item: RawItem, raw: Fields) -> datetime:
    """The end of the day the report names, never later than its receipt: it tells no time."""
    try:
        day = date.fromisoformat(raw.text("on", default=""))
    except ValueError:
        return item.received_at
    return min(datetime.combine(day, time(23, 59, 59), UTC), item.received_at)


def _page(country: str) -> str | None:
    place = regions().marketplaces.get(country)
    return f"https://{place.console}{FEEDBACK_PAGE}" if place else None
