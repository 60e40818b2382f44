"""Reviews at Judge.me, explained. Pure."""

from typing import Final

from connectors.contract import InboundMessage, Json, RawItem, ThreadKey, Verdict
from connectors.errors import Malformed
from connectors.fields import Fields
from connectors.judge_me.items import version_of, written_at
from connectors.reviews import (
    Meaning,
    Review,
    ReviewConfig,
    full_words_of,
    mark_of,
    meaning_of,
    stars_of,
    subject_of,
    taken_down,
    words_of,
)
from sla_rules.topics import Topic
from sla_rules.vocabulary import Kind, Stage

_SPAM: Final = Meaning(
    verdict=Verdict.BULK,
    kind=Kind.MESSAGE,
    topic=Topic.REVIEW,
    reason="a review that was marked as spam at Judge.me",
)


def explain(item: RawItem, config: ReviewConfig) -> InboundMessage:
    """One item. Raises Malformed."""
    raw = Fields.of(item.payload)
    if isinstance(raw.value.get("gone"), str):
        return _gone(raw, item)
    return _review(Fields(raw.value.get("review"), "review"), raw, item, config)


def _review(raw: Fields, whole: Fields, item: RawItem, config: ReviewConfig) -> InboundMessage:
    name, revised = raw.id("id"), whole.flag("revised")
    left = Review(
        stars=stars_of(raw.number("rating", default=0)),
        title=raw.text("title", default=""),
        text=raw.text("body", default=""),
        revised=revised,
    )
    is_spam = raw.text("curated", default="").lower() == "spam"
    meaning = _SPAM if is_spam else meaning_of(left, config)
    about = raw.text("product_title", default="")
    at = (raw.instant_or_none("updated_at") if revised else None) or written_at(raw)
    if at is None:
        raise Malformed("review.created_at", "an instant was expected")
    reviewer = raw.inner("reviewer")
    thread = f"review:{name}"
    return InboundMessage(
        external_id=f"{thread}:{version_of(raw)}",
        verdict=meaning.verdict,
        reason=meaning.reason,
        sent_at=min(at, item.received_at),
        subject=subject_of(left, about),
        text=words_of(left),
        full_text=full_words_of(left, about),
        sender_handle=reviewer.id("id", default="") or f"review-{mark_of(name)}",
        sender_name=reviewer.text("name", default=""),
        thread_keys=(ThreadKey(value=thread),),
        own_keys=(thread,),
        kind=meaning.kind,
        stage=Stage.POST_SALE,
        public=_is_published(raw),
        topic=meaning.topic,
        tags=_tags(raw),
        reply_context=_context(raw, left, about),
    )


def _gone(raw: Fields, item: RawItem) -> InboundMessage:
    thread = f"review:{raw.id('gone')}"
    said = "Judge.me does not show the review any more: nothing is left to answer"
    return taken_down(thread, f"gone:{thread}", said, min(raw.instant("seen"), item.received_at))


def _is_published(raw: Fields) -> bool:
    """Whether anybody can read it: approved, and not hidden since."""
    waits = raw.text("curated", default="ok").lower() in {"not-yet", "spam"}
    return raw.flag("published", default=True) and not raw.flag("hidden") and not waits


def _tags(raw: Fields) -> tuple[str, ...]:
    named = (
        ("unpublished", not _is_published(raw)),
        ("pictures", raw.flag("has_published_pictures")),
        ("video", raw.flag("has_published_videos")),
    )
    return tuple(tag for tag, holds in named if holds)


def _context(raw: Fields, left: Review, about: str) -> dict[str, Json]:
    """What an answer needs. `private` may not stand in a public one."""
    reviewer = raw.inner("reviewer")
    private: list[Json] = [reviewer.text("email", default="")]
    return {
        "review": raw.id("id"),
        "name": reviewer.text("name", default=""),
        "about": " ".join((left.title or about).split()) or subject_of(left),
        "private": [one for one in private if one],
    }
