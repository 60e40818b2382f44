"""Google's reviews and answers, explained. Pure."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.google_business.items import REJECTED, answer_key, own_words, version_of
from connectors.reviews import (
    Review,
    ReviewConfig,
    answered_there,
    changed_at,
    full_words_of,
    mark_of,
    meaning_of,
    subject_of,
    taken_down,
    words_of,
)
from sla_rules.vocabulary import Stage

STARS: Final[Mapping[str, int]] = MappingProxyType(
    {"ONE": 1, "TWO": 2, "THREE": 3, "FOUR": 4, "FIVE": 5}
)


def explain(item: RawItem, config: ReviewConfig) -> InboundMessage:
    """One item. Raises Malformed."""
    raw = Fields.of(item.payload)
    kind = raw.text("kind")
    if kind == "gone":
        return _gone(raw, item)
    review = Fields(raw.value.get("review"), "review")
    if kind == "review":
        return _review(review, raw.inner("place"), item, config)
    if kind == "reply":
        return _reply(review, item)
    if kind == "refused":
        return _refused(review, item)
    raise Malformed("kind", "an item of a kind this version does not know")


def _review(raw: Fields, place: Fields, item: RawItem, config: ReviewConfig) -> InboundMessage:
    name, comment = raw.id("reviewId"), raw.text("comment", default="")
    changed = _changed_at(raw)
    left = Review(
        stars=STARS.get(raw.text("starRating", default="")),
        text=own_words(comment),
        revised=changed is not None,
    )
    meaning, about = meaning_of(left, config), place.text("title", default="")
    thread = f"review:{name}"
    whole = full_words_of(left, about)
    return InboundMessage(
        external_id=f"{thread}:{version_of(raw)}",
        verdict=meaning.verdict,
        reason=meaning.reason,
        sent_at=min(changed or raw.instant("createTime"), item.received_at),
        subject=subject_of(left, about),
        text=words_of(left),
        full_text=f"{whole}\n\n{comment}" if left.text != comment else whole,
        # Google tells no id of a reviewer, and many share a name.
        sender_handle=f"reviewer-{mark_of(name)}",
        sender_name=_writer(raw),
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        kind=meaning.kind,
        stage=Stage.POST_SALE,
        public=True,
        topic=meaning.topic,
        reply_context=_context(raw, place),
    )


def _reply(raw: Fields, item: RawItem) -> InboundMessage:
    """The answer under a review: ours come back, or somebody's typed at Google."""
    name, reply = raw.id("reviewId"), raw.inner("reviewReply")
    words = reply.text("comment")
    at = min(reply.instant("updateTime"), item.received_at)
    return answered_there(f"review:{name}", answer_key(name, words), words, "Google", at)


def _refused(raw: Fields, item: RawItem) -> InboundMessage:
    """Google looked at an answer and does not publish it."""
    name, reply = raw.id("reviewId"), raw.inner("reviewReply")
    key, why = answer_key(name, reply.text("comment", default="")), why_refused(reply)
    return InboundMessage(
        external_id=f"refused:{key}",
        verdict=Verdict.BOUNCE,
        reason=why,
        sent_at=min(reply.instant_or_none("updateTime") or item.received_at, item.received_at),
        subject="The answer was refused",
        text=why,
        full_text=why,
        sender_handle="",
        sender_name="",
        thread_keys=(ThreadKey(value=f"review:{name}"),),
        refers_to=(key,),
    )


def _gone(raw: Fields, item: RawItem) -> InboundMessage:
    name = raw.id("id")
    said = "the review does not stand at Google any more; it may come back"
    at = min(raw.instant("seen"), item.received_at)
    return taken_down(f"review:{name}", f"gone:{name}", said, at)


def why_refused(reply: Fields) -> str:
    """Google's word for what is wrong with an answer, in words."""
    named = reply.text("policyViolation", default="").strip().lower().replace("_", " ")
    because = f": {named[:80]}" if named else ""
    return f"Google does not publish this answer{because}"


def _changed_at(raw: Fields) -> datetime | None:
    answered = raw.inner("reviewReply").instant_or_none("updateTime")
    return changed_at(raw.instant("createTime"), raw.instant_or_none("updateTime"), [answered])


def _context(raw: Fields, place: Fields) -> dict[str, Json]:
    """What an answer needs. `standing` marks the answer that stood when the review was read."""
    reply = raw.inner("reviewReply")
    words = reply.text("comment", default="")
    refused = reply.text("reviewReplyState", default="") == REJECTED
    return {
        "review": raw.text("name"),
        "name": _writer(raw),
        "location": place.text("title", default=""),
        "place": place.text("id", default=""),
        "standing": mark_of(words) if words.strip() and not refused else "",
    }


def _writer(raw: Fields) -> str:
    return raw.inner("reviewer").text("displayName", default="")
