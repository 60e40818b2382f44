"""Trustpilot's reviews, answers and comments, explained. Pure."""

from datetime import datetime

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.reviews import (
    Review,
    ReviewConfig,
    answered_there,
    changed_at,
    full_words_of,
    mark_of,
    meaning_of,
    stars_of,
    subject_of,
    taken_down,
    words_of,
)
from connectors.trustpilot.items import PRODUCT, SERVICE, answer_key, version_of
from sla_rules.topics import Topic
from sla_rules.vocabulary import Stage


def explain(item: RawItem, config: ReviewConfig) -> InboundMessage:
    """One item. Raises Malformed."""
    raw = Fields.of(item.payload)
    kind = raw.text("kind")
    if kind == "gone":
        return _gone(raw, item)
    review = Fields(raw.value.get("review"), "review")
    if kind in {SERVICE, PRODUCT}:
        return _review(review, kind, item, config)
    if kind == "reply":
        return _reply(review, item)
    if kind == "comment":
        return _comment(review, Fields(raw.value.get("comment"), "comment"), item)
    raise Malformed("kind", "an item of a kind this version does not know")


def _review(raw: Fields, kind: str, item: RawItem, config: ReviewConfig) -> InboundMessage:
    name = raw.id("id")
    changed = _changed_at(raw)
    left = Review(
        stars=stars_of(raw.number("stars", default=0)),
        title=raw.text("title", default=""),
        text=raw.text("text", default="") or raw.text("content", default=""),
        revised=changed is not None,
    )
    meaning, about = meaning_of(left, config), _about(raw)
    order = raw.id("referenceId", default="") or None
    handle, shown = _consumer(raw)
    thread = _thread(kind, name)
    return InboundMessage(
        external_id=f"{thread}:{version_of(raw)}",
        verdict=meaning.verdict,
        reason=meaning.reason,
        sent_at=min(changed or raw.instant("createdAt"), item.received_at),
        subject=subject_of(left, about),
        text=words_of(left),
        full_text=full_words_of(left, about),
        sender_handle=handle,
        sender_name=shown,
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        kind=meaning.kind,
        stage=Stage.POST_SALE,
        order_id=order,
        public=True,
        topic=meaning.topic,
        language=raw.text("language", default="")[:2].lower() or None,
        links=_links(kind, raw),
        reply_context=_context(raw, kind),
    )


def _reply(raw: Fields, item: RawItem) -> InboundMessage:
    """The answer under a service review: ours come back, or somebody's typed at Trustpilot."""
    name, reply = raw.id("id"), raw.inner("companyReply")
    words = reply.text("text")
    at = reply.instant_or_none("updatedAt") or reply.instant("createdAt")
    key, at = answer_key(name, words), min(at, item.received_at)
    return answered_there(_thread(SERVICE, name), key, words, "Trustpilot", at)


def _comment(review: Fields, raw: Fields, item: RawItem) -> InboundMessage:
    """A comment below a product review: of the business, or of the customer."""
    name = review.id("id")
    identity = raw.id("id", default="") or raw.id("commentId")
    words = raw.text("content", default="")
    at = min(raw.instant("createdAt"), item.received_at)
    writer = raw.inner("author").text("type", default="")
    key, thread = f"comment:{identity}", _thread(PRODUCT, name)
    if writer.lower().startswith("business"):
        return answered_there(thread, key, words, "Trustpilot", at)
    verdict, reason = Verdict.NOTICE, "a comment by somebody this version does not know"
    if writer.lower() == "consumer":
        verdict, reason = Verdict.CUSTOMER, "the customer wrote below their review"
    handle, shown = _consumer(review)
    return InboundMessage(
        external_id=key,
        verdict=verdict,
        reason=reason,
        sent_at=at,
        subject=_about(review),
        text=words,
        full_text=words,
        sender_handle=handle,
        sender_name=shown,
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        stage=Stage.POST_SALE,
        public=True,
        topic=Topic.REVIEW,
        reply_context=_context(review, PRODUCT),
    )


def _gone(raw: Fields, item: RawItem) -> InboundMessage:
    thread = _thread(raw.text("of"), raw.id("id"))
    said = "the review does not stand at Trustpilot any more: nothing is left to answer"
    return taken_down(thread, f"gone:{thread}", said, min(raw.instant("seen"), item.received_at))


def _changed_at(raw: Fields) -> datetime | None:
    reply = raw.inner("companyReply")
    answered = [reply.instant_or_none(name) for name in ("createdAt", "updatedAt")]
    return changed_at(raw.instant("createdAt"), raw.instant_or_none("updatedAt"), answered)


def _context(raw: Fields, kind: str) -> dict[str, Json]:
    """What an answer needs. `private` may not stand in it."""
    _, shown = _consumer(raw)
    private: list[Json] = [
        one
        for one in (
            raw.id("referenceId", default=""),
            raw.text("referralEmail", default=""),
            raw.inner("consumer").text("email", default=""),
        )
        if one
    ]
    return {"review": raw.id("id"), "of": kind, "name": shown, "private": private}


def _consumer(raw: Fields) -> tuple[str, str]:
    """Whoever has neither an id nor a name is told apart by the review."""
    consumer = raw.inner("consumer")
    shown = consumer.text("displayName", default="") or consumer.text("name", default="")
    handle = consumer.id("id", default="") or consumer.text("email", default="") or shown
    return handle or f"review-{mark_of(raw.id('id'))}", shown


def _about(raw: Fields) -> str:
    product = raw.inner("product")
    return (
        product.text("name", default="")
        or product.text("sku", default="")
        or raw.inner("location").text("name", default="")
    )


def _links(kind: str, raw: Fields) -> dict[str, str]:
    name = raw.id("id")
    if kind == SERVICE and name.isalnum() and name.isascii():
        return {"review": f"https://www.trustpilot.com/reviews/{name}"}
    return {}


def _thread(kind: str, name: str) -> str:
    return f"{kind}:{name}"
